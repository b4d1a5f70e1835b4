// SPDX-License-Identifier: MIT
#include "storage/sqlite/message_table.hpp"

#include <sqlite3.h>

#include <limits>

#include <ipcm/error.hpp>

#include "core/fault_point.hpp"
#include "storage/sqlite/message_row.hpp"
#include "storage/sqlite/place.hpp"
#include "storage/sqlite/statement.hpp"

namespace ipcm::storage::sqlite {
namespace {

std::optional<Place> only_place(Use& select, PlaceRange range) {
  if (!select.number(1, range.first).number(2, range.last).step()) return std::nullopt;
  return select.integer(0);
}

[[noreturn]] void throw_out_of_order() {
  throw Error(ErrorCode::RouteDamaged,
              "the route is damaged: its messages are out of order. `ipcm check` says what is wrong.");
}

std::int64_t sql_limit(std::size_t limit) noexcept {
  constexpr auto kNone = static_cast<std::size_t>(std::numeric_limits<std::int64_t>::max());
  return limit > kNone ? -1 : static_cast<std::int64_t>(limit);
}

}  // namespace

MessageTable::MessageTable(SQLite::Database& database)
    : insert_(database, "INSERT INTO messages(place, " IPCM_PARCEL_COLUMNS ") VALUES (?1, " IPCM_PARCEL_VALUES ")"),
      insert_rare_(database,
                   "INSERT INTO messages(place, " IPCM_MESSAGE_COLUMNS ") VALUES (?1, " IPCM_MESSAGE_VALUES ")"),
      first_(database, "SELECT place FROM messages WHERE place BETWEEN ? AND ? ORDER BY place LIMIT 1"),
      first_valid_(database,
                   "SELECT place FROM messages WHERE place BETWEEN ?1 AND ?2"
                   " AND (expires_at IS NULL OR expires_at > ?3 OR group_key IS NOT NULL) ORDER BY place LIMIT 1"),
      last_(database, "SELECT place FROM messages WHERE place BETWEEN ? AND ? ORDER BY place DESC LIMIT 1"),
      at_(database, "SELECT id FROM messages WHERE place = ?"),
      reply_(database,
             "SELECT place, id FROM messages WHERE place >> 43 = ? AND correlation_id = CAST(? AS TEXT)"
             " AND correlation_id IS NOT NULL AND reply_to IS NULL ORDER BY place LIMIT 1"),
      replies_(database,
               "SELECT correlation_id FROM messages WHERE place >> 43 = ?"
               " AND correlation_id IS NOT NULL AND reply_to IS NULL"),
      range_(database,
             "SELECT place, " IPCM_MESSAGE_COLUMNS " FROM messages WHERE place BETWEEN ? AND ? ORDER BY place LIMIT ?"),
      remove_(database, "DELETE FROM messages WHERE place BETWEEN ? AND ?"),
      remove_one_(database, "DELETE FROM messages WHERE place = ?"),
      bury_(database, "INSERT INTO dead(dead_id, place, " IPCM_MESSAGE_COLUMNS
                      ", recipient, reason, died_at) VALUES (" IPCM_NEXT_DEAD_ID ", ?1, " IPCM_MESSAGE_VALUES
                      ", ?1 >> 43, CAST(?17 AS TEXT), (julianday('now') - 2440587.5) * 86400.0)") {}

bool MessageTable::insert(Place place, const Parcel& parcel) {
  const bool rare = has_rare(parcel);  // most have none of it, and pay nothing for it
  Use insert(rare ? insert_rare_ : insert_);
  insert.number(1, place);
  bind_parcel(insert, parcel);
  if (rare) bind_rare(insert, parcel);
  try {
    insert.run();
  } catch (const SQLite::Exception& failure) {
    if (failure.getExtendedErrorCode() == SQLITE_CONSTRAINT_UNIQUE) return false;
    throw;
  }
  return true;
}

// One of a group counts although it has expired: once it is gone, the next one of its group can be taken.
bool MessageTable::any(PeerId inbox, double now) {
  Use select(first_valid_);
  select.number(3, now);
  return only_place(select, inbox_range(inbox)).has_value();
}

std::optional<Place> MessageTable::first_place(PeerId inbox) {
  Use select(first_);
  return only_place(select, inbox_range(inbox));
}

std::optional<Place> MessageTable::last_ordinary_place(PeerId inbox) {
  Use select(last_);
  return only_place(select, ordinary_range(inbox));
}

std::optional<MessageId> MessageTable::id_at(Place place) {
  Use select(at_);
  if (!select.number(1, place).step()) return std::nullopt;
  return read_id(select.column(0));
}

std::optional<Standing> MessageTable::find_reply(PeerId inbox, std::string_view correlation_id) {
  Use select(reply_);
  select.number(1, inbox).bytes(2, correlation_id);
  if (!select.step()) return std::nullopt;
  return Standing{select.integer(0), read_id(select.column(1))};
}

std::vector<std::string> MessageTable::replies(PeerId inbox) {
  Use select(replies_);
  select.number(1, inbox);
  std::vector<std::string> ids;
  while (select.step()) ids.emplace_back(bytes_of(select.column(0)));
  return ids;
}

void MessageTable::visit(PeerId inbox, std::size_t limit, Visitor visit) {
  const PlaceRange range = inbox_range(inbox);
  visit_range(range.first, range.last, limit, visit);
}

void MessageTable::visit_one(Place place, Visitor visit) {
  visit_range(place, place, 1, visit);
}

void MessageTable::visit_range(Place first, Place last, std::size_t limit, Visitor visit) {
  Use select(range_);
  select.number(1, first).number(2, last).number(3, sql_limit(limit));
  if (!select.step() || (faults::has_bug("a reader skips a message") && !select.step())) return;
  const MessageColumns columns(select);
  // A b-tree that leads back into itself would go on for ever.
  for (Place before = first - 1;;) {
    const StoredMessage message = columns.read();
    if (message.place <= before || message.place > last) throw_out_of_order();
    before = message.place;
    if (!visit(message) || !select.step()) return;
  }
}

void MessageTable::remove(Place first, Place last) {
  if (first == last) {
    Use(remove_one_).number(1, first).run();
  } else {
    Use(remove_).number(1, first).number(2, last).run();
  }
}

void MessageTable::bury(const StoredMessage& message, std::string_view reason) {
  Use insert(bury_);
  insert.number(1, message.place).bytes(17, reason);
  bind_parcel(insert, message.parcel);
  bind_rare(insert, message.parcel);
  insert.run();
}

void MessageTable::remove_inbox(PeerId inbox) {
  const PlaceRange range = inbox_range(inbox);
  remove(range.first, range.last);
}

}  // namespace ipcm::storage::sqlite
