// SPDX-License-Identifier: MIT
#include "storage/sqlite/message_row.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <limits>
#include <string>

#include "storage/sqlite/place.hpp"

namespace ipcm::storage::sqlite {
namespace {

std::string_view view_of(const MessageId::Uuid& uuid) noexcept {
  return {reinterpret_cast<const char*>(uuid.data()), uuid.size()};
}

// What a stranger wrote into the file may be beyond all reason.
std::int64_t plausible_count(std::int64_t count) noexcept {
  constexpr std::int64_t kMost = std::numeric_limits<std::int32_t>::max() - 1;
  return std::clamp<std::int64_t>(count, 0, kMost);
}

}  // namespace

void bind_text_or_null(Use& statement, int index, std::string_view text) {
  text.empty() ? statement.null(index) : statement.bytes(index, text);
}

void bind_id(Use& statement, int chosen, const MessageId& id) {
  if (id.is_generated()) {
    statement.null(chosen).bytes(chosen + 1, view_of(id.uuid()));
  } else {
    statement.bytes(chosen, id.chosen_text()).null(chosen + 1);
  }
}

void bind_parcel(Use& statement, const Parcel& parcel) {
  bind_id(statement, 2, parcel.id);
  statement.bytes(4, parcel.sender).number(5, parcel.stamp).number(6, parcel.broadcast ? 1 : 0);
  parcel.serializer.empty() ? statement.null(7) : statement.bytes(7, parcel.serializer);
  statement.bytes(8, parcel.content);
}

void bind_rare(Use& statement, const Parcel& parcel) {
  bind_text_or_null(statement, 9, parcel.reply_to);
  bind_text_or_null(statement, 10, parcel.correlation_id);
  bind_text_or_null(statement, 11, parcel.error);
  const JobFields& job = parcel.job;
  job.expires_at ? statement.number(12, *job.expires_at) : statement.null(12);
  job.attempts > 0 ? statement.number(13, job.attempts) : statement.null(13);
  job.max_attempts ? statement.number(14, *job.max_attempts) : statement.null(14);
  bind_text_or_null(statement, 15, job.group_key);
  bind_text_or_null(statement, 16, job.dedup_key);
}

bool has_rare(const Parcel& parcel) noexcept {
  const JobFields& job = parcel.job;
  return !parcel.reply_to.empty() || !parcel.correlation_id.empty() || !parcel.error.empty() || job.expires_at ||
         job.attempts > 0 || job.max_attempts || !job.group_key.empty() || !job.dedup_key.empty();
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

MessageColumns::MessageColumns(const Use& row)
    : place_(row.column(0)),
      id_(row.column(1)),
      sender_(row.column(2)),
      stamp_(row.column(3)),
      broadcast_(row.column(4)),
      serializer_(row.column(5)),
      content_(row.column(6)),
      reply_to_(row.column(7)),
      correlation_id_(row.column(8)),
      error_(row.column(9)),
      expires_at_(row.column(10)),
      attempts_(row.column(11)),
      max_attempts_(row.column(12)),
      group_key_(row.column(13)),
      dedup_key_(row.column(14)) {}

StoredMessage MessageColumns::read() const {
  StoredMessage message;
  message.place = place_.getInt64();
  Parcel& parcel = message.parcel;
  parcel.id = read_id(id_);
  parcel.sender = bytes_of(sender_);
  parcel.stamp = stamp_.getDouble();
  parcel.broadcast = broadcast_.getInt64() != 0;
  parcel.serializer = bytes_of(serializer_);
  parcel.content = bytes_of(content_);
  if (!correlation_id_.isNull()) parcel.correlation_id = bytes_of(correlation_id_);
  if (!reply_to_.isNull()) parcel.reply_to = bytes_of(reply_to_);
  if (!error_.isNull()) parcel.error = bytes_of(error_);
  JobFields& job = parcel.job;
  job.priority = priority_of(message.place);
  if (!expires_at_.isNull()) job.expires_at = expires_at_.getDouble();
  if (!attempts_.isNull()) job.attempts = plausible_count(attempts_.getInt64());
  if (!max_attempts_.isNull()) job.max_attempts = plausible_count(max_attempts_.getInt64());
  if (!group_key_.isNull()) job.group_key = bytes_of(group_key_);
  if (!dedup_key_.isNull()) job.dedup_key = bytes_of(dedup_key_);
  return message;
}

}  // namespace ipcm::storage::sqlite
