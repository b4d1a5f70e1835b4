// SPDX-License-Identifier: MIT
#include "client/message_builder.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <string>

#include <ipcm/error.hpp>

#include "core/message_access.hpp"
#include "core/message_id.hpp"
#include "core/names.hpp"
#include "core/seconds.hpp"
#include "core/utc_text.hpp"

namespace ipcm {
namespace {

constexpr double kLastTime = 9.2e9;  // seconds from 1970: see time_at()

MessageFields fields_of(const Message& message) {
  MessageFields fields;
  if (!message.to().empty()) fields.to = message.to();
  fields.content = message.raw_content();
  fields.id = message.id();
  fields.stamp = message.stamp();
  fields.broadcast = message.broadcast();
  fields.from = message.from();
  if (!message.reply_to().empty()) fields.reply_to = message.reply_to();
  if (!message.correlation_id().empty()) fields.correlation_id = message.correlation_id();
  if (!message.error().empty()) fields.error = message.error();
  fields.deliver_at = message.deliver_at();
  fields.expires_at = message.expires_at();
  if (message.priority() != kDefaultPriority) fields.priority = message.priority();
  fields.max_attempts = message.max_attempts();
  if (!message.dedup_key().empty()) fields.dedup_key = message.dedup_key();
  if (!message.group_key().empty()) fields.group_key = message.group_key();
  return fields;
}

MessageId id_of(const MessageFields& fields, std::int64_t unix_milliseconds) {
  if (fields.id && fields.uuid) throw Error(ErrorCode::InvalidMessage, "a message takes one of id and uuid, not both.");
  if (fields.id) {
    check_message_id(*fields.id);
    return MessageId::chosen(*fields.id);
  }
  if (!fields.uuid) return MessageId::generate(unix_milliseconds);
  MessageId id = MessageId::generated_from_text(*fields.uuid);
  if (id.is_generated()) return id;
  throw Error(ErrorCode::InvalidMessage,
              "a uuid looks like 01890a5d-ac96-774b-bcce-b302099a8057, in lower case. For any other text, set `id`.");
}

void refuse_second_recipient(std::string_view peer, const MessageFields& fields) {
  if (!fields.to || *fields.to == peer) return;
  throw Error(ErrorCode::InvalidMessage, "a message has one recipient, but two were named: " + in_quotes(peer) +
                                             " and " + in_quotes(*fields.to) + ".");
}

// One of two ways to say when: a time, or so long after `from`.
std::optional<double> time_from(const std::optional<std::chrono::system_clock::time_point>& time,
                                const std::optional<std::chrono::milliseconds>& after, double from,
                                const std::string& names) {
  if (time && after) throw Error(ErrorCode::InvalidMessage, "a message takes one of " + names + ", not both.");
  if (time) return seconds_since_1970(*time);
  if (!after) return std::nullopt;
  if (*after < std::chrono::milliseconds::zero()) {
    throw Error(ErrorCode::InvalidMessage, "neither of " + names + " can be before now.");
  }
  return from + std::chrono::duration<double>(*after).count();
}

// What nobody could ever get is a mistake.
void check_end(std::optional<double> expires_at, double deliverable) {
  if (!expires_at) return;
  if (*expires_at > kLastTime) {
    throw Error(ErrorCode::InvalidMessage,
                "the message would expire after the year 2261, where the system's clock ends. Leave ttl and expires_at "
                "out for a message that never expires.");
  }
  if (*expires_at > deliverable) return;
  throw Error(ErrorCode::InvalidMessage, "the message would expire at " + utc_text(*expires_at) +
                                             ", and could be delivered from " + utc_text(deliverable) +
                                             " on: nobody would get it. Give a longer ttl or a later expires_at, or "
                                             "leave both out.");
}

MessageAccess::Job job_of(const MessageFields& fields, double now) {
  const int priority = fields.priority.value_or(kDefaultPriority);
  if (priority < 0 || priority > kHighestPriority) {
    throw Error(ErrorCode::InvalidMessage, "the priority of a message is 0 to " + std::to_string(kHighestPriority) +
                                               ", not " + std::to_string(priority) + ".");
  }
  if (fields.max_attempts && *fields.max_attempts < 1) {
    throw Error(ErrorCode::InvalidMessage, "the max_attempts of a message is a number from 1 on.");
  }
  if (fields.dedup_key) check_message_field("dedup_key", *fields.dedup_key);
  if (fields.group_key) check_message_field("group_key", *fields.group_key);
  const std::optional<double> deliver_at = time_from(fields.deliver_at, fields.delay, now, "deliver_at and delay");
  if (deliver_at && *deliver_at > kLastTime) {
    throw Error(
        ErrorCode::InvalidMessage,
        "the message would be delivered after the year 2261, where the system's clock ends. Give a shorter delay "
        "or an earlier deliver_at.");
  }
  const double deliverable = std::max(now, deliver_at.value_or(now));
  const std::optional<double> expires_at = time_from(fields.expires_at, fields.ttl, deliverable, "expires_at and ttl");
  check_end(expires_at, deliverable);
  return {priority,
          deliver_at,
          expires_at,
          0,
          fields.max_attempts,
          fields.dedup_key.value_or(""),
          fields.group_key.value_or("")};
}

}  // namespace

Message MessageBuilder::build(const MessageFields& fields) const {
  const bool broadcast = fields.broadcast.value_or(false);
  if (fields.from && *fields.from != sender_) {
    throw Error(ErrorCode::InvalidMessage, "a message from " + in_quotes(*fields.from) + " cannot be sent by " +
                                               in_quotes(sender_) + ". Leave `from` out.");
  }
  if (!fields.to && !broadcast) throw Error(ErrorCode::InvalidMessage, "a message needs a recipient: set `to`.");
  if (fields.to) check_name(*fields.to);
  if (fields.reply_to) check_name(*fields.reply_to);
  if (fields.correlation_id) check_message_field("correlation_id", *fields.correlation_id);
  if (fields.error &&
      (fields.error->empty() || fields.error->size() > kMaxErrorBytes || !is_valid_utf8(*fields.error))) {
    throw Error(ErrorCode::InvalidMessage, "the error of a reply must say something in UTF-8, in " +
                                               std::to_string(kMaxErrorBytes) + " bytes at most.");
  }
  if (fields.stamp && !std::isfinite(*fields.stamp)) {
    throw Error(ErrorCode::InvalidMessage, "the stamp of a message must be a finite number of seconds.");
  }
  const auto now = clock_.now().time_since_epoch();
  const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
  const double seconds = std::chrono::duration<double>(now).count();
  return MessageAccess::make(
      id_of(fields, milliseconds), sender_, fields.to.value_or(""), fields.stamp.value_or(seconds), broadcast,
      fields.content.is_set() ? fields.content : Content(Json(nullptr)), std::nullopt,
      {fields.reply_to.value_or(""), fields.correlation_id.value_or(""), fields.error.value_or("")},
      job_of(fields, seconds));
}

Message MessageBuilder::build(std::string_view peer, const Content& content, MessageFields fields) const {
  refuse_second_recipient(peer, fields);
  if (fields.content.is_set()) throw Error(ErrorCode::InvalidMessage, "the content of a message was given twice.");
  fields.to = peer;
  fields.content = content;
  return build(fields);
}

Message MessageBuilder::build(const Message& message, MessageFields overrides) const {
  MessageFields fields = fields_of(message);
  if (overrides.to) fields.to = std::move(overrides.to);
  if (overrides.content.is_set()) fields.content = std::move(overrides.content);
  if (overrides.id || overrides.uuid) {
    fields.id = std::move(overrides.id);
    fields.uuid = std::move(overrides.uuid);
  }
  if (overrides.stamp) fields.stamp = overrides.stamp;
  if (overrides.broadcast) fields.broadcast = overrides.broadcast;
  if (overrides.reply_to) fields.reply_to = std::move(overrides.reply_to);
  if (overrides.correlation_id) fields.correlation_id = std::move(overrides.correlation_id);
  if (overrides.error) fields.error = std::move(overrides.error);
  if (overrides.deliver_at || overrides.delay) {
    fields.deliver_at = overrides.deliver_at;
    fields.delay = overrides.delay;
  }
  if (overrides.expires_at || overrides.ttl) {
    fields.expires_at = overrides.expires_at;
    fields.ttl = overrides.ttl;
  }
  if (overrides.priority) fields.priority = overrides.priority;
  if (overrides.max_attempts) fields.max_attempts = overrides.max_attempts;
  if (overrides.dedup_key) fields.dedup_key = std::move(overrides.dedup_key);
  if (overrides.group_key) fields.group_key = std::move(overrides.group_key);
  if (overrides.from) fields.from = std::move(overrides.from);
  return build(fields);
}

Message MessageBuilder::build_broadcast(MessageFields fields) const {
  fields.broadcast = true;
  return build(fields);
}

Message MessageBuilder::build_broadcast(const Message& message) const {
  return build_broadcast(fields_of(message));
}

}  // namespace ipcm
