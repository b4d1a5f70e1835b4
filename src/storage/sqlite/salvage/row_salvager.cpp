// SPDX-License-Identifier: MIT
#include "storage/sqlite/salvage/row_salvager.hpp"

#include <algorithm>
#include <limits>

#include <ipcm/error.hpp>

#include "storage/row_rules.hpp"

namespace ipcm::storage::sqlite {
namespace {

constexpr std::size_t kNone = std::numeric_limits<std::size_t>::max();

// The longest ascending part of what should ascend: a number that was overwritten does not spoil its neighbours.
// Patience sorting; see https://en.wikipedia.org/wiki/Longest_increasing_subsequence
std::vector<bool> ascending_part(const std::vector<std::int64_t>& rows) {
  std::vector<std::size_t> ends;  // of the best part of each length
  std::vector<std::size_t> before(rows.size(), kNone);
  for (std::size_t n = 0; n < rows.size(); ++n) {
    const auto end = std::ranges::lower_bound(ends, rows[n], {}, [&](std::size_t each) { return rows[each]; });
    if (end != ends.begin()) before[n] = *(end - 1);
    end == ends.end() ? ends.push_back(n) : void(*end = n);
  }
  std::vector<bool> in(rows.size(), false);
  for (std::size_t n = ends.empty() ? kNone : ends.back(); n != kNone; n = before[n]) in[n] = true;
  return in;
}

}  // namespace

RowSalvager::RowSalvager(const PageFile& file, PointerMap& map, const PageSurvey& survey, RowSink& sink,
                         FunctionRef<void()> step)
    : file_(file), survey_(survey), payloads_(file, map), sink_(sink), step_(step) {}

void RowSalvager::run() {
  read_settings();
  read_books();
  read_peers();
  read_mail();
  read_what_belongs_to_mail();
  give_counts();
}

void RowSalvager::read_table(TableKind table, Take take) {
  leftovers_.clear();
  for (const RowPage& found : survey_.pages_of(table)) {
    step_();
    read_page(table, found, take);
  }
  for (const Leftover& leftover : leftovers_) read_leftover(table, leftover, take);
}

void RowSalvager::read_page(TableKind table, const RowPage& found, Take take) {
  const auto page = file_.read(found.page, bytes_) ? TreePage::read(bytes_, false) : std::nullopt;
  Leftover leftover{found.page, {}};
  std::vector<Cell> cells;
  std::vector<std::size_t> indexes;
  std::vector<std::int64_t> rows;
  if (!page || !page->adds_up()) ++tallies_[static_cast<std::size_t>(table)].changed_pages;
  for (std::size_t n = 0; page && n < page->cells(); ++n) {
    const auto cell = page->cell(n);
    if (!cell) {
      ++tallies_[static_cast<std::size_t>(table)].refused;
      continue;
    }
    cells.push_back(*cell);
    indexes.push_back(n);
    rows.push_back(cell->row);
  }
  const bool ordered = has_rowids(table);
  const std::vector<bool> in_order = ordered ? ascending_part(rows) : std::vector<bool>(rows.size(), true);
  for (std::size_t n = 0; n < cells.size(); ++n) {
    const bool in_range = !ordered || (rows[n] > found.rows.above && rows[n] <= found.rows.most);
    if (in_order[n] && in_range && payloads_.read(cells[n], found.page, Trust::strict, payload_)) {
      take_row(table, cells[n], take);
    } else {
      leftover.cells.push_back(indexes[n]);
    }
  }
  if (!leftover.cells.empty()) leftovers_.push_back(std::move(leftover));
}

void RowSalvager::read_leftover(TableKind table, const Leftover& leftover, Take take) {
  const auto page = file_.read(leftover.page, bytes_) ? TreePage::read(bytes_, false) : std::nullopt;
  for (const std::size_t n : leftover.cells) {
    const auto cell = page ? page->cell(n) : std::nullopt;
    if (cell && payloads_.read(*cell, leftover.page, Trust::lenient, payload_)) {
      take_row(table, *cell, take);
    } else {
      ++tallies_[static_cast<std::size_t>(table)].refused;
    }
  }
}

void RowSalvager::take_row(TableKind table, const Cell& cell, Take take) {
  Tally& tally = tallies_[static_cast<std::size_t>(table)];
  const auto record = read_record(payload_);
  const bool taken = record && take(cell.row, *record);
  ++(taken ? tally.rows : tally.refused);
}

bool RowSalvager::give(FunctionRef<void()> to_sink) {
  try {
    to_sink();
  } catch (const Error& error) {
    if (!is_refusal(error.code())) throw;
    return false;
  }
  return true;
}

void RowSalvager::read_settings() {
  read_table(TableKind::route, [&](std::int64_t, const Record& record) {
    const auto settings = settings_of(record);
    const bool given = settings && !has_settings_ && give([&] { sink_.settings(*settings); });
    if (given) route_id_ = record[1].bytes;
    has_settings_ = has_settings_ || given;
    return given;
  });
}

void RowSalvager::read_books() {
  read_table(TableKind::stats, [&](std::int64_t, const Record& record) {
    const auto stats = stats_of(record);
    if (!stats) return false;
    if (stats->last_number) last_numbers_[stats->count.inbox] = *stats->last_number;
    if (!stats->count.sender.empty()) counts_.push_back({std::string(stats->count.sender), stats->count});
    return true;
  });
}

void RowSalvager::read_peers() {
  read_table(TableKind::peers, [&](std::int64_t row, const Record& record) {
    const auto peer = peer_of(row, record);
    return peer && give_inbox(row, {*peer, {}});
  });
  read_table(TableKind::workers, [&](std::int64_t row, const Record& record) {
    const auto peer = peer_of_worker(record);
    if (peer) workers_[row] = *peer;
    return peer.has_value();
  });
}

bool RowSalvager::give_inbox(PeerId inbox, InboxRow row) {
  const auto number = last_numbers_.find(inbox);
  if (number != last_numbers_.end()) row.last_number = number->second;
  if (names_.contains(inbox) || !give([&] { sink_.inbox(row); })) return false;
  names_[inbox] = row.peer.name;
  return true;
}

// Its mail is worth more than its name.
void RowSalvager::make_up_inbox(PeerId inbox) {
  if (names_.contains(inbox) || inbox < 1 || inbox > kHighestPeer) return;
  InboxRow row;
  row.peer.id = inbox;
  const std::string name = "salvaged-" + std::to_string(inbox);
  row.peer.name = name;
  for (std::size_t n = 2; n <= names_.size() + 2; ++n) {
    if (give_inbox(inbox, row)) {
      nameless_.insert(inbox);
      return;
    }
    row.peer.name = name + "-" + std::to_string(n);  // the other is somebody's
  }
}

std::string_view RowSalvager::name_of_worker(WorkerId worker) const {
  const auto peer = workers_.find(worker);
  const auto name = peer == workers_.end() ? names_.end() : names_.find(peer->second);
  return name == names_.end() ? std::string_view() : name->second;
}

void RowSalvager::read_mail() {
  read_table(TableKind::messages, [&](std::int64_t row, const Record& record) {
    const auto message = message_of(row, record);
    if (message) make_up_inbox(message->inbox);
    return message && give([&] { sink_.message(*message); });
  });
  read_table(TableKind::later, [&](std::int64_t row, const Record& record) {
    const auto later = later_of(row, record);
    if (later) make_up_inbox(later->message.inbox);
    return later && give([&] { sink_.later(*later); });
  });
  read_table(TableKind::claims, [&](std::int64_t row, const Record& record) {
    auto decoded = claim_of(row, record);
    if (!decoded) return false;
    make_up_inbox(decoded->claim.message.inbox);
    decoded->claim.worker = name_of_worker(decoded->worker);
    return give([&] { sink_.claim(decoded->claim); });
  });
  read_table(TableKind::dead, [&](std::int64_t, const Record& record) {
    const auto dead = dead_of(record);
    if (dead) make_up_inbox(dead->message.inbox);
    return dead && give([&] { sink_.dead(*dead); });
  });
}

void RowSalvager::read_what_belongs_to_mail() {
  read_table(TableKind::queue_settings, [&](std::int64_t row, const Record& record) {
    const auto queue = queue_of(row, record);
    return queue && give([&] { sink_.queue(*queue); });
  });
  read_table(TableKind::dedup_keys, [&](std::int64_t, const Record& record) {
    const auto dedup = dedup_of(record);
    return dedup && give([&] { sink_.dedup(*dedup); });
  });
  read_table(TableKind::schedules, [&](std::int64_t, const Record& record) {
    const auto schedule = schedule_of(record);
    return schedule && give([&] { sink_.schedule(*schedule); });
  });
}

void RowSalvager::give_counts() {
  Tally& tally = tallies_[static_cast<std::size_t>(TableKind::stats)];
  for (Count& count : counts_) {
    make_up_inbox(count.row.inbox);
    count.row.sender = count.sender;
    if (give([&] { sink_.count(count.row); })) continue;
    --tally.rows;
    ++tally.refused;
  }
}

}  // namespace ipcm::storage::sqlite
