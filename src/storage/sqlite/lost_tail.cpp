// SPDX-License-Identifier: MIT
#include "storage/sqlite/lost_tail.hpp"

#include <algorithm>
#include <map>

#include <SQLiteCpp/Statement.h>

#include <ipcm/error.hpp>

#include "core/names.hpp"
#include "core/utc_text.hpp"
#include "storage/sqlite/place.hpp"

namespace ipcm::storage::sqlite {
namespace {

// The last number that the inbox gave out, as SqliteTransaction::last_issued() has it, in one view.
constexpr const char* kLastIssued =
    "SELECT max(coalesce((SELECT last_number FROM stats WHERE recipient = ?1 AND sender = ''), ?2),"
    " coalesce((SELECT place FROM messages WHERE place BETWEEN ?3 AND ?4 ORDER BY place DESC LIMIT 1) - ?3, ?2))";

// A note that was made on purpose may say anything.
bool makes_sense(const Appended& appended) noexcept {
  return appended.inbox > 0 && appended.inbox <= kHighestPeer && appended.number > kFirstNumber &&
         appended.number <= kHighestNumber;
}

std::string name_of_inbox(SQLite::Database& database, PeerId inbox) {
  SQLite::Statement select(database, "SELECT name FROM peers WHERE peer_id = ?");
  select.bind(1, inbox);
  return select.executeStep() ? select.getColumn(0).getString() : "";
}

}  // namespace

bool is_binding(const TailNote& note, const TailOrigin& origin, std::string_view durability) noexcept {
  if (note.serial == 0 || !makes_sense(note.appended)) return false;
  const bool same_boot = note.origin.boot == origin.boot && origin.boot != 0;
  return same_boot || (note.synced && durability == "full");
}

std::vector<LostTail> find_lost_tail(SQLite::Database& database, const NewRoute& record, const TailNotes& notes,
                                     const Appended& own) {
  const TailOrigin origin = TailOrigin::of(record.id);
  std::map<PeerId, TailNote> highest;
  for (const TailNote& note : notes.all()) {
    if (!is_binding(note, origin, record.durability)) continue;
    TailNote& known = highest[note.appended.inbox];
    if (note.appended.number > known.appended.number) known = note;
  }
  std::vector<LostTail> lost;
  if (highest.empty()) return lost;
  SQLite::Statement select(database, kLastIssued);
  for (const auto& [inbox, note] : highest) {
    const PlaceRange range = ordinary_range(inbox);
    select.reset();
    select.bind(1, inbox);
    select.bind(2, kFirstNumber);
    select.bind(3, range.first);
    select.bind(4, range.last);
    select.executeStep();
    std::int64_t found = select.getColumn(0).getInt64();
    if (own.inbox == inbox) found = std::min(found, own.first - 1);
    if (found >= note.appended.number) continue;
    lost.push_back(
        {name_of_inbox(database, inbox), inbox, static_cast<std::uint64_t>(note.appended.number - found), note.time});
  }
  return lost;
}

std::vector<LostTail> lost_at_both_looks(FunctionRef<std::vector<LostTail>()> look) {
  std::vector<LostTail> first = look();
  if (first.empty()) return first;
  std::vector<LostTail> second = look();
  std::erase_if(second, [&](const LostTail& lost) { return !std::ranges::count(first, lost.id, &LostTail::id); });
  return second;
}

std::string text_of(const LostTail& lost) {
  const std::string whose = lost.inbox.empty()
                                ? "an inbox that it no longer knows (number " + std::to_string(lost.id) + ")"
                                : in_quotes(lost.inbox);
  return std::to_string(lost.messages) + (lost.messages == 1 ? " message" : " messages") + " to " + whose +
         (lost.messages == 1 ? " has" : " have") + " vanished that had been stored, the last one at " +
         utc_text(lost.noted_at) + "; whatever else was changed about then may be missing, too.";
}

void require_whole_tail(const RoutePath& path, const std::vector<LostTail>& lost) {
  if (lost.empty()) return;
  std::string text = "the route " + path.database() + " is not what it was: ";
  for (const LostTail& one : lost) text += text_of(one) + " ";
  throw Error(
      ErrorCode::RouteDamaged,
      text + "Its write-ahead log was damaged, cut off or removed, or an older copy, a backup or another route " +
          "was put in its place. " + "Copy its files, with -wal and -lock, before anything else; `ipcm doctor " +
          path.database() + "` says more, and with --accept-loss the route can be used as it is.");
}

}  // namespace ipcm::storage::sqlite
