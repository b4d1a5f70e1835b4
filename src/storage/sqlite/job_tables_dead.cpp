// SPDX-License-Identifier: MIT
// The part of JobTables that is about dead letters.
#include <algorithm>

#include "storage/sqlite/job_tables.hpp"
#include "storage/sqlite/message_row.hpp"

namespace ipcm::storage::sqlite {

void JobTables::visit_dead(PeerId recipient, std::int64_t after, FunctionRef<bool(const DeadMessage&)> visit) {
  Use select(recipient == 0 ? visit_all_dead_ : visit_dead_);
  select.number(1, after);
  if (recipient != 0) select.number(2, recipient);
  if (!select.step()) return;
  const MessageColumns columns(select);
  constexpr int kFirst = MessageColumns::kCount;
  do {
    DeadMessage found;
    found.message = columns.read();
    found.id = select.integer(kFirst);
    found.recipient = select.integer(kFirst + 1);
    found.reason = select.bytes(kFirst + 2);
    found.died_at = select.real(kFirst + 3);
    found.worker = select.is_null(kFirst + 4) ? std::string_view() : select.bytes(kFirst + 4);
    if (!visit(found)) return;
  } while (select.step());
}

std::uint64_t JobTables::count_dead(std::uint64_t most) {
  Use select(count_dead_);
  select.number(1, static_cast<std::int64_t>(most));
  return select.step() ? static_cast<std::uint64_t>(select.integer(0)) : 0;
}

std::int64_t JobTables::last_dead() {
  Use select(last_dead_);
  return select.step() ? std::max<std::int64_t>(select.integer(0), 0) : 0;
}

bool JobTables::remove_dead(std::int64_t id) {
  return Use(remove_dead_).number(1, id).run() > 0;
}

}  // namespace ipcm::storage::sqlite
