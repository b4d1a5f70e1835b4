// SPDX-License-Identifier: MIT
#include "storage/sqlite/salvage/salvage.hpp"

#include <algorithm>

#include <SQLiteCpp/Statement.h>

#include <ipcm/error.hpp>

#include "core/names.hpp"
#include "storage/row_rules.hpp"
#include "storage/sqlite/inspect.hpp"
#include "storage/sqlite/lost_tail.hpp"
#include "storage/sqlite/mend.hpp"
#include "storage/sqlite/place.hpp"
#include "storage/sqlite/route_writer.hpp"
#include "storage/sqlite/salvage/row_salvager.hpp"
#include "storage/sqlite/statement.hpp"

namespace ipcm::storage::sqlite {
namespace {

constexpr TableKind kTablesInOrder[] = {TableKind::route,          TableKind::peers,      TableKind::messages,
                                        TableKind::later,          TableKind::claims,     TableKind::workers,
                                        TableKind::queue_settings, TableKind::dedup_keys, TableKind::schedules,
                                        TableKind::stats,          TableKind::dead};

constexpr std::size_t kMostRanges = 100;  // of numbers, for one inbox

std::string counted(std::uint64_t count, const char* what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

void report_tables(const PageSurvey& survey, const RowSalvager& salvager, SalvageReport& report) {
  for (const TableKind table : kTablesInOrder) {
    const RowSalvager::Tally& tally = salvager.tally_of(table);
    const std::uint64_t unreadable = survey.unreadable(table).size();
    const std::string name(name_of(table));
    report.tables.push_back({name, tally.rows, unreadable, tally.refused});
    if (unreadable > 0) {
      report.problems.push_back(counted(unreadable, "page") + " of the table " + name + " cannot be read.");
    }
    if (tally.refused > 0) {
      report.problems.push_back(counted(tally.refused, "row") + " of the table " + name + " cannot be read, or " +
                                (tally.refused == 1 ? "breaks" : "break") + " the rules.");
    }
    if (tally.changed_pages > 0) {
      report.problems.push_back(counted(tally.changed_pages, "page") + " of the table " + name +
                                " cannot be as it was: rows may be missing without a trace.");
    }
    report.complete = report.complete && unreadable == 0 && tally.refused == 0 && tally.changed_pages == 0;
  }
}

void report_doubts(const PageFile& damaged, const PageSurvey& survey, const RowSalvager& salvager,
                   SalvageReport& report) {
  if (damaged.lacks_the_end_of_the_log()) report.complete = false;
  if (!survey.has_schema()) {
    report.complete = false;
    report.problems.emplace_back("The schema cannot be read: what belongs where is told by its looks.");
  }
  if (!salvager.has_settings()) {
    report.complete = false;
    report.problems.emplace_back("The settings of the route cannot be read: the new one has those of a new route.");
  }
  if (survey.unknown_pages() > 0) {
    report.complete = false;
    report.problems.push_back(counted(survey.unknown_pages(), "page") +
                              " cannot be read, and nothing says what was there.");
  }
  if (survey.doubtful_pages() > 0) {
    report.complete = false;
    report.problems.push_back(counted(survey.doubtful_pages(), "page") +
                              " may have been free: messages that had been taken may be there again.");
  }
}

// Where messages have neither a row nor a known end, and a page that held rows of that range cannot be read.
class NumberGaps {
 public:
  NumberGaps(SQLite::Database& route, const PageSurvey& survey)
      : survey_(survey),
        select_(route,
                "SELECT place FROM (SELECT place FROM messages WHERE place BETWEEN ?1 AND ?2"
                " UNION ALL SELECT place FROM later WHERE place BETWEEN ?1 AND ?2"
                " UNION ALL SELECT place FROM claims WHERE place BETWEEN ?1 AND ?2) ORDER BY place") {}

  std::vector<SalvageReport::Numbers> of(PeerId inbox, std::int64_t last_number) {
    std::vector<SalvageReport::Numbers> gaps;
    for (int priority = kHighestPriority; priority >= 0; --priority) {
      const Place first = place_of(inbox, priority, kFirstNumber + 1);
      const Place last = place_of(inbox, priority, kFirstNumber + last_number);
      for (const RowRange& range : merged_ranges()) {
        const Place from = std::max(first, range.above == kLowest ? kLowest : range.above + 1);
        const Place to = std::min(last, range.most);
        if (from > to) continue;
        add(from, to, priority, gaps);
      }
    }
    if (gaps.size() > kMostRanges) gaps.resize(kMostRanges);
    return gaps;
  }

  /// Sending writes its number down nowhere but in the message. So the end of an inbox that cannot be read may have had
  /// any number of messages.
  bool may_lack_the_end(PeerId inbox, std::int64_t last_number) {
    const Place next = place_of(inbox, kOrdinaryPriority, kFirstNumber + last_number + 1);
    return std::ranges::any_of(survey_.unreadable(TableKind::messages),
                               [&](const RowRange& range) { return range.above < next && next <= range.most; });
  }

 private:
  static constexpr Place kLowest = std::numeric_limits<Place>::min();

  const std::vector<RowRange>& merged_ranges() {
    if (!ranges_.empty()) return ranges_;
    std::vector<RowRange> all;
    for (const TableKind table : {TableKind::messages, TableKind::later, TableKind::claims}) {
      all.insert(all.end(), survey_.unreadable(table).begin(), survey_.unreadable(table).end());
    }
    std::ranges::sort(all, {}, &RowRange::above);
    for (const RowRange& range : all) {
      if (range.above >= range.most) continue;
      if (ranges_.empty() || range.above > ranges_.back().most) {
        ranges_.push_back(range);
      } else {
        ranges_.back().most = std::max(ranges_.back().most, range.most);
      }
    }
    return ranges_;
  }

  void add(Place from, Place to, int priority, std::vector<SalvageReport::Numbers>& gaps) {
    Use row(select_);
    row.number(1, from).number(2, to);
    Place next = from;
    const auto gap_until = [&](Place end) {
      if (next < end && gaps.size() <= kMostRanges) {
        gaps.push_back({priority, number_of(next) - kFirstNumber, number_of(end - 1) - kFirstNumber});
      }
    };
    while (row.step()) {
      gap_until(row.integer(0));
      next = row.integer(0) + 1;
    }
    gap_until(to + 1);
  }

  const PageSurvey& survey_;
  SQLite::Statement select_;
  std::vector<RowRange> ranges_;
};

#define IPCM_MAIL_OF_INBOX(table) \
  "(SELECT count(*) FROM " table " WHERE place BETWEEN p.peer_id << 43 AND ((p.peer_id + 1) << 43) - 1)"
constexpr const char* kInboxes =
    "SELECT p.peer_id, p.name, " IPCM_MAIL_OF_INBOX("messages") " + " IPCM_MAIL_OF_INBOX("later") " + "
    IPCM_MAIL_OF_INBOX("claims") ", (SELECT count(*) FROM dead WHERE recipient = p.peer_id),"
    " max(coalesce((SELECT last_number FROM stats WHERE recipient = p.peer_id AND sender = ''), ?1),"
    " coalesce((SELECT max(place) & ((1 << 40) - 1) FROM messages"
    "            WHERE place BETWEEN (p.peer_id << 43) + (3 << 40) AND (p.peer_id << 43) + (4 << 40) - 1), 0))"
    " FROM peers AS p ORDER BY p.name";

void report_inboxes(SQLite::Database& route, const PageSurvey& survey, const RowSalvager& salvager,
                    const Mended& mended, SalvageReport& report) {
  NumberGaps gaps(route, survey);
  SQLite::Statement select(route, kInboxes);
  Use row(select);
  row.number(1, kFirstNumber);
  while (row.step()) {
    const PeerId inbox = row.integer(0);
    SalvageReport::Inbox& told = report.inboxes.emplace_back();
    told.name = row.bytes(1);
    told.messages = static_cast<std::uint64_t>(row.integer(2));
    told.dead = static_cast<std::uint64_t>(row.integer(3));
    const std::int64_t last_number = row.integer(4) - kFirstNumber;
    const auto lost = mended.lost.find(inbox);
    if (lost != mended.lost.end()) {
      told.lost = lost->second;
      told.unreadable = gaps.of(inbox, last_number);
    }
    if (gaps.may_lack_the_end(inbox, last_number)) {
      told.unreadable.push_back({kOrdinaryPriority, last_number + 1, std::nullopt});
    }
    told.name_is_lost = salvager.nameless().contains(inbox);
    report.messages += told.messages;
    report.dead += told.dead;
    report.lost += told.lost;
    if (told.lost > 0) {
      report.problems.push_back(in_quotes(told.name) + " has lost " + counted(told.lost, "message") +
                                ", as far as its books tell.");
    }
    if (told.name_is_lost)
      report.problems.push_back("The name of " + in_quotes(told.name) + " is lost: it is made up.");
  }
  report.complete = report.complete && report.lost == 0 && salvager.nameless().empty();
}

// What the file and its log have lost without a trace.
void report_vanished(SQLite::Database& route, const std::string& id_of_damaged, const TailNotes& notes,
                     SalvageReport& report) {
  NewRoute damaged;
  damaged.id = id_of_damaged;
  damaged.durability = route.execAndGet("SELECT durability FROM route").getString();
  for (const LostTail& lost : find_lost_tail(route, damaged, notes)) {
    report.complete = false;
    report.problems.push_back(text_of(lost));
    report.lost += lost.messages;  // beyond the last number that the books know
    const auto inbox = std::ranges::find(report.inboxes, lost.inbox, &SalvageReport::Inbox::name);
    if (inbox != report.inboxes.end()) inbox->lost += lost.messages;
  }
}

void require_sound(SQLite::Database& route) {
  const Audit audit = audit_of(route);
  if (audit.problems.empty()) return;
  throw Error(ErrorCode::StorageFailure, "the route that was made does not add up: " + audit.problems.front());
}

}  // namespace

bool salvage(const PageFile& damaged, const TailNotes& notes, SQLite::Database& draft, SalvageReport& report,
             SalvageProgress progress) {
  const std::uint64_t pages = damaged.page_count();
  report.complete = true;
  report.problems = damaged.problems();
  PointerMap map(damaged);
  const PageSurvey survey(damaged, map, [&](std::uint64_t done) { progress(done, 2 * pages); });
  RouteWriter writer(draft);
  RowRules rules(writer);
  std::uint64_t steps = 0;
  const auto step = [&] { progress(pages + ++steps, 2 * pages); };
  RowSalvager salvager(damaged, map, survey, rules, step);
  salvager.run();
  writer.finish();
  report_tables(survey, salvager, report);
  report_doubts(damaged, survey, salvager, report);
  const bool nothing =
      std::ranges::all_of(report.tables, [](const SalvageReport::Table& table) { return table.rows == 0; });
  if (nothing) return false;
  const SalvageReport::Table& keys = *std::ranges::find(report.tables, "dedup_keys", &SalvageReport::Table::name);
  if (keys.unreadable_pages + keys.refused_rows > 0 || !survey.has_schema()) hold_dedup_keys(draft);
  const Mended mended = mend(draft);
  report.complete = report.complete && mended.problems.empty();
  report.problems.insert(report.problems.end(), mended.problems.begin(), mended.problems.end());
  report_inboxes(draft, survey, salvager, mended, report);
  report_vanished(draft, salvager.route_id(), notes, report);
  require_sound(draft);
  return true;
}

}  // namespace ipcm::storage::sqlite
