// SPDX-License-Identifier: MIT
#include "client/parcels.hpp"

#include <algorithm>
#include <limits>

#include <ipcm/error.hpp>

#include "core/byte_order_mark.hpp"
#include "core/message_access.hpp"
#include "core/names.hpp"
#include "core/serializer_call.hpp"

namespace ipcm {
namespace {

constexpr std::string_view kDefaultSerializer = "JSON";  // stored as no name at all

std::shared_ptr<const Serializer> serializer_of(const storage::Parcel& parcel) {
  static const auto& usual = *new auto(find_serializer(kDefaultSerializer));  // not destroyed: see Registry
  return parcel.serializer.empty() ? usual : find_serializer(parcel.serializer);
}

// What a stranger wrote into the file may be beyond all reason.
int clamped(std::int64_t count) noexcept {
  return static_cast<int>(std::clamp<std::int64_t>(count, 0, std::numeric_limits<int>::max()));
}

bool is_job(const Message& message) noexcept {
  return MessageAccess::job(message) != MessageAccess::Job{};
}

}  // namespace

PackedMessage::PackedMessage(const Message& message, const Serializer& serializer, std::size_t max_content, As as)
    : message_(message), id_(MessageAccess::message_id(message)) {
  const Content& content = message_.raw_content();
  if (as == As::stored_before) {
    own_content_ = content.text();
    serializer_ = content.serializer_name();
  } else if (content.is_set()) {
    shared_content_ = content.encoded_bytes(serializer);
    serializer_ = serializer.name();
  } else {
    own_content_ = content.encode(serializer);
    serializer_ = serializer.name();
  }
  if (serializer_ == kDefaultSerializer) serializer_.clear();
  const std::size_t size = encoded().size();
  if (size > max_content) {
    throw Error(ErrorCode::TooLarge, "the content of the message to " + in_quotes(message_.to()) + " has " +
                                         std::to_string(size) + " bytes; this route takes at most " +
                                         std::to_string(max_content) + ".");
  }
}

storage::Parcel PackedMessage::parcel() const {
  const MessageAccess::Job& job = MessageAccess::job(message_);
  return {id_,
          message_.from(),
          message_.stamp(),
          message_.broadcast(),
          serializer_,
          encoded(),
          message_.reply_to(),
          message_.correlation_id(),
          message_.error(),
          {job.priority, job.expires_at, job.attempts, job.max_attempts, job.group_key, job.dedup_key}};
}

std::optional<double> PackedMessage::deliver_at() const noexcept {
  return MessageAccess::job(message_).deliver_at;
}

bool PackedMessage::is_job() const noexcept {
  return ipcm::is_job(message_);
}

void PackedMessage::refuse_job(const Message& message, const std::string& route) {
  if (!ipcm::is_job(message)) return;
  throw Error(ErrorCode::NotSupported,
              "the route " + route + " keeps no jobs: a message to it has no priority, time, attempts or key.");
}

namespace {

MessageAccess::Job job_of(const storage::JobFields& fields) {
  MessageAccess::Job job;
  job.priority = fields.priority;
  job.expires_at = fields.expires_at;
  job.attempts = clamped(fields.attempts);
  if (fields.max_attempts) job.max_attempts = clamped(*fields.max_attempts);
  job.dedup_key = fields.dedup_key;
  job.group_key = fields.group_key;
  return job;
}

Message unpack_as(const storage::StoredMessage& stored, const std::string& recipient,
                  std::shared_ptr<const Serializer> serializer) {
  const storage::Parcel& parcel = stored.parcel;
  return MessageAccess::make(
      parcel.id, std::string(parcel.sender), recipient, parcel.stamp, parcel.broadcast,
      Content::encoded(std::string(parcel.content), std::move(serializer)), stored.place,
      {std::string(parcel.reply_to), std::string(parcel.correlation_id), std::string(parcel.error)},
      job_of(parcel.job));
}

}  // namespace

Message unpack(const storage::StoredMessage& stored, const std::string& recipient) {
  return unpack_as(stored, recipient, serializer_of(stored.parcel));
}

Message unpack_dead(const storage::StoredMessage& stored, const std::string& recipient) {
  try {
    return unpack(stored, recipient);
  } catch (const Error&) {  // a serializer that this process does not know
    return unpack_as(stored, recipient, find_serializer(kDefaultSerializer));
  }
}

std::optional<std::string> decoding_problem(const storage::StoredMessage& stored) {
  try {
    std::string_view content = stored.parcel.content;
    if (stored.parcel.serializer.empty()) content = without_byte_order_mark(content);  // as Content::encoded() does
    call_decoder(*serializer_of(stored.parcel), [&](const Serializer& its) { its.check(content); });
  } catch (const Error& problem) {
    return problem.what();
  }
  return std::nullopt;
}

}  // namespace ipcm
