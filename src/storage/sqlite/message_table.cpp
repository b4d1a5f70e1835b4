// SPDX-License-Identifier: MIT
#include "storage/sqlite/message_table.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <limits>
#include <string>

#include "storage/sqlite/place.hpp"
#include "storage/sqlite/statement.hpp"

namespace ipcm::storage::sqlite {
namespace {

#define IPCM_PARCEL_COLUMNS "id, sender, stamp, broadcast, serializer, content"
#define IPCM_CORRELATION_COLUMNS "reply_to, correlation_id, error"

// A chosen id is text, a generated one 16 bytes.
#define IPCM_ID_VALUE(chosen, generated) "coalesce(CAST(" chosen " AS TEXT), " generated ")"
constexpr const char* kParcelValues = IPCM_ID_VALUE("?2", "?3") ", CAST(?4 AS TEXT), ?5, ?6, CAST(?7 AS TEXT),"
                                      " CASE WHEN ?7 IS NULL THEN CAST(?8 AS TEXT) ELSE ?8 END";
constexpr const char* kCorrelationValues = "CAST(?11 AS TEXT), CAST(?12 AS TEXT), CAST(?13 AS TEXT)";

std::string_view view_of(const MessageId::Uuid& uuid) noexcept {
  return {reinterpret_cast<const char*>(uuid.data()), uuid.size()};
}

// Binds ?2 to ?8.
void bind_parcel(Use& statement, const Parcel& parcel) {
  if (parcel.id.is_generated()) {
    statement.null(2).bytes(3, view_of(parcel.id.uuid()));
  } else {
    statement.bytes(2, parcel.id.chosen_text()).null(3);
  }
  statement.bytes(4, parcel.sender).number(5, parcel.stamp).number(6, parcel.broadcast ? 1 : 0);
  parcel.serializer.empty() ? statement.null(7) : statement.bytes(7, parcel.serializer);
  statement.bytes(8, parcel.content);
}

void bind_text_or_null(Use& statement, int index, std::string_view text) {
  text.empty() ? statement.null(index) : statement.bytes(index, text);
}

// Binds ?11 to ?13.
void bind_correlation(Use& statement, const Parcel& parcel) {
  bind_text_or_null(statement, 11, parcel.reply_to);
  bind_text_or_null(statement, 12, parcel.correlation_id);
  bind_text_or_null(statement, 13, parcel.error);
}

bool is_correlated(const Parcel& parcel) noexcept {
  return !parcel.reply_to.empty() || !parcel.correlation_id.empty() || !parcel.error.empty();
}

MessageId read_id(const SQLite::Column& column) {
  const bool is_blob = column.getType() == SQLITE_BLOB;
  const std::string_view bytes = bytes_of(column);
  MessageId::Uuid uuid;
  if (is_blob && bytes.size() == uuid.size()) {
    std::copy(bytes.begin(), bytes.end(), reinterpret_cast<char*>(uuid.data()));
    return MessageId::from_uuid(uuid);
  }
  return MessageId::chosen(std::string(bytes));
}

/// The columns of a statement that selects place, IPCM_PARCEL_COLUMNS and IPCM_CORRELATION_COLUMNS. Looked up once for
/// all of its rows, as SQLiteCpp counts a reference for each look.
class MessageColumns {
 public:
  explicit MessageColumns(const Use& row)
      : place_(row.column(0)),
        id_(row.column(1)),
        sender_(row.column(2)),
        stamp_(row.column(3)),
        broadcast_(row.column(4)),
        serializer_(row.column(5)),
        content_(row.column(6)),
        reply_to_(row.column(7)),
        correlation_id_(row.column(8)),
        error_(row.column(9)) {}

  /// The row that the statement stands on.
  StoredMessage read() const {
    StoredMessage message;
    message.place = place_.getInt64();
    message.parcel.id = read_id(id_);
    message.parcel.sender = bytes_of(sender_);
    message.parcel.stamp = stamp_.getDouble();
    message.parcel.broadcast = broadcast_.getInt64() != 0;
    message.parcel.serializer = bytes_of(serializer_);
    message.parcel.content = bytes_of(content_);
    if (!correlation_id_.isNull()) message.parcel.correlation_id = bytes_of(correlation_id_);
    if (!reply_to_.isNull()) message.parcel.reply_to = bytes_of(reply_to_);
    if (!error_.isNull()) message.parcel.error = bytes_of(error_);
    return message;
  }

 private:
  SQLite::Column place_, id_, sender_, stamp_, broadcast_, serializer_, content_, reply_to_, correlation_id_, error_;
};

std::optional<Place> only_place(Use& select, PeerId inbox) {
  const PlaceRange range = inbox_range(inbox);
  if (!select.number(1, range.first).number(2, range.last).step()) return std::nullopt;
  return select.integer(0);
}

std::int64_t sql_limit(std::size_t limit) noexcept {
  constexpr auto kNone = static_cast<std::size_t>(std::numeric_limits<std::int64_t>::max());
  return limit > kNone ? -1 : static_cast<std::int64_t>(limit);
}

}  // namespace

MessageTable::MessageTable(SQLite::Database& database)
    : insert_(database,
              std::string("INSERT INTO messages(place, " IPCM_PARCEL_COLUMNS ") VALUES (?1, ") + kParcelValues + ")"),
      insert_correlated_(database, std::string("INSERT INTO messages(place, " IPCM_PARCEL_COLUMNS
                                               ", " IPCM_CORRELATION_COLUMNS ") VALUES (?1, ") +
                                       kParcelValues + ", " + kCorrelationValues + ")"),
      first_(database, "SELECT place FROM messages WHERE place BETWEEN ? AND ? ORDER BY place LIMIT 1"),
      last_(database, "SELECT place FROM messages WHERE place BETWEEN ? AND ? ORDER BY place DESC LIMIT 1"),
      at_(database, "SELECT id FROM messages WHERE place = ?"),
      chosen_(database,
              "SELECT 1 FROM messages WHERE place >> 43 = ? AND id = CAST(? AS TEXT) AND typeof(id) = 'text'"),
      reply_(database,
             "SELECT place, id FROM messages WHERE place >> 43 = ? AND correlation_id = CAST(? AS TEXT)"
             " AND correlation_id IS NOT NULL AND reply_to IS NULL ORDER BY place LIMIT 1"),
      range_(database, "SELECT place, " IPCM_PARCEL_COLUMNS ", " IPCM_CORRELATION_COLUMNS
                       " FROM messages WHERE place BETWEEN ? AND ? ORDER BY place LIMIT ?"),
      remove_(database, "DELETE FROM messages WHERE place BETWEEN ? AND ?"),
      bury_(database, std::string("INSERT INTO dead(recipient, place, " IPCM_PARCEL_COLUMNS
                                  ", reason, died_at, " IPCM_CORRELATION_COLUMNS ") VALUES (?1, ?9, ") +
                          kParcelValues + ", CAST(?10 AS TEXT), (julianday('now') - 2440587.5) * 86400.0, " +
                          kCorrelationValues + ")"),
      remove_dead_(database, "DELETE FROM dead WHERE recipient = ?") {}

bool MessageTable::insert(Place place, const Parcel& parcel) {
  const bool correlated = is_correlated(parcel);  // most are not, and pay nothing for it
  Use insert(correlated ? insert_correlated_ : insert_);
  insert.number(1, place);
  bind_parcel(insert, parcel);
  if (correlated) bind_correlation(insert, parcel);
  try {
    insert.run();
  } catch (const SQLite::Exception& failure) {
    if (failure.getExtendedErrorCode() == SQLITE_CONSTRAINT_UNIQUE) return false;
    throw;
  }
  return true;
}

bool MessageTable::any(PeerId inbox) {
  return first_place(inbox).has_value();
}

std::optional<Place> MessageTable::first_place(PeerId inbox) {
  Use select(first_);
  return only_place(select, inbox);
}

std::optional<Place> MessageTable::last_place(PeerId inbox) {
  Use select(last_);
  return only_place(select, inbox);
}

std::optional<MessageId> MessageTable::id_at(Place place) {
  Use select(at_);
  if (!select.number(1, place).step()) return std::nullopt;
  return read_id(select.column(0));
}

bool MessageTable::has_chosen_id(PeerId inbox, const MessageId& id) {
  return Use(chosen_).number(1, inbox).bytes(2, id.chosen_text()).step();
}

std::optional<Standing> MessageTable::find_reply(PeerId inbox, std::string_view correlation_id) {
  Use select(reply_);
  select.number(1, inbox).bytes(2, correlation_id);
  if (!select.step()) return std::nullopt;
  return Standing{select.integer(0), read_id(select.column(1))};
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
  if (!select.step()) return;
  const MessageColumns columns(select);
  while (visit(columns.read()) && select.step()) {}
}

void MessageTable::remove(Place first, Place last) {
  Use(remove_).number(1, first).number(2, last).run();
}

void MessageTable::bury(PeerId inbox, const StoredMessage& message, std::string_view reason) {
  Use insert(bury_);
  insert.number(1, inbox).number(9, message.place).bytes(10, reason);
  bind_parcel(insert, message.parcel);
  bind_correlation(insert, message.parcel);
  insert.run();
}

void MessageTable::remove_inbox(PeerId inbox) {
  const PlaceRange range = inbox_range(inbox);
  remove(range.first, range.last);
  Use(remove_dead_).number(1, inbox).run();
}

}  // namespace ipcm::storage::sqlite
