// SPDX-License-Identifier: MIT
// The columns that a message has in every table that holds some: messages, later, claims and dead.
#pragma once

#include <SQLiteCpp/Column.h>

#include "storage/sqlite/statement.hpp"
#include "storage/store.hpp"

#define IPCM_PARCEL_COLUMNS "id, sender, stamp, broadcast, serializer, content"
#define IPCM_RARE_COLUMNS "reply_to, correlation_id, error, expires_at, attempts, max_attempts, group_key, dedup_key"
/// All of them: what MessageColumns reads.
#define IPCM_MESSAGE_COLUMNS IPCM_PARCEL_COLUMNS ", " IPCM_RARE_COLUMNS

// A chosen id is text, a generated one 16 bytes.
#define IPCM_ID_VALUE(chosen, generated) "coalesce(CAST(" chosen " AS TEXT), " generated ")"
/// What bind_parcel() binds, for IPCM_PARCEL_COLUMNS.
#define IPCM_PARCEL_VALUES                        \
  IPCM_ID_VALUE("?2", "?3")                       \
  ", CAST(?4 AS TEXT), ?5, ?6, CAST(?7 AS TEXT)," \
  " CASE WHEN ?7 IS NULL THEN CAST(?8 AS TEXT) ELSE ?8 END"
/// What bind_rare() binds, for IPCM_RARE_COLUMNS.
#define IPCM_RARE_VALUES \
  "CAST(?9 AS TEXT), CAST(?10 AS TEXT), CAST(?11 AS TEXT), ?12, ?13, ?14, CAST(?15 AS TEXT), CAST(?16 AS TEXT)"
#define IPCM_MESSAGE_VALUES IPCM_PARCEL_VALUES ", " IPCM_RARE_VALUES

// Of what is buried: no number that a letter had which is gone, or whoever treats that one late would treat another. To
// forget a queue or a peer forgets its numbers, too.
#define IPCM_NEXT_DEAD_ID \
  "1 + max((SELECT coalesce(max(dead_id), 0) FROM dead), (SELECT coalesce(sum(dead), 0) FROM stats))"

namespace ipcm::storage::sqlite {

/// Binds ?2 to ?8; ?1 is left for the place.
void bind_parcel(Use& statement, const Parcel& parcel);
/// Binds ?9 to ?16.
void bind_rare(Use& statement, const Parcel& parcel);
/// Whether bind_rare() would bind anything but NULL.
bool has_rare(const Parcel& parcel) noexcept;

void bind_text_or_null(Use& statement, int index, std::string_view text);
/// Binds to `chosen` or to the index after it, as IPCM_ID_VALUE wants it.
void bind_id(Use& statement, int chosen, const MessageId& id);

MessageId read_id(const SQLite::Column& column);

/// The columns of a statement that selects place and IPCM_MESSAGE_COLUMNS. Looked up once for all of its rows, as
/// SQLiteCpp counts a reference for each look.
class MessageColumns {
 public:
  static constexpr int kCount = 15;  ///< with place

  explicit MessageColumns(const Use& row);

  /// The row that the statement stands on.
  StoredMessage read() const;

 private:
  SQLite::Column place_, id_, sender_, stamp_, broadcast_, serializer_, content_, reply_to_, correlation_id_, error_,
      expires_at_, attempts_, max_attempts_, group_key_, dedup_key_;
};

}  // namespace ipcm::storage::sqlite
