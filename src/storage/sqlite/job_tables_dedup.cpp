// SPDX-License-Identifier: MIT
// The part of JobTables that is about dedup_keys.
#include "storage/sqlite/job_tables.hpp"
#include "storage/sqlite/message_row.hpp"

namespace ipcm::storage::sqlite {

std::optional<DedupRow> JobTables::find_dedup(PeerId inbox, std::string_view key) {
  Use select(find_dedup_);
  if (!select.number(1, inbox).bytes(2, key).step()) return std::nullopt;
  return DedupRow{read_id(select.column(0)), select.real(1), select.integer(2) != 0};
}

void JobTables::put_dedup(PeerId inbox, std::string_view key, const DedupRow& row) {
  Use insert(put_dedup_);
  insert.number(1, inbox).bytes(2, key).number(5, row.until).number(6, row.held ? 1 : 0);
  bind_id(insert, 3, row.id);
  insert.run();
}

void JobTables::end_dedup(PeerId inbox, std::string_view key, double now) {
  if (Use(forget_dedup_).number(1, inbox).bytes(2, key).number(3, now).run() > 0) return;
  Use(end_dedup_).number(1, inbox).bytes(2, key).run();
  Use(clear_dedup_).number(1, now).run();
}

std::uint64_t JobTables::count_kept_dedup(std::uint64_t most) {
  Use select(count_kept_dedup_);
  select.number(1, static_cast<std::int64_t>(most));
  return select.step() ? static_cast<std::uint64_t>(select.integer(0)) : 0;
}

std::optional<std::pair<double, PeerId>> JobTables::last_kept_dedup() {
  Use select(last_kept_dedup_);
  if (!select.step()) return std::nullopt;
  return std::pair(select.real(0), select.integer(1));
}

}  // namespace ipcm::storage::sqlite
