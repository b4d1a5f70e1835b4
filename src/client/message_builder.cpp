// SPDX-License-Identifier: MIT
#include "client/message_builder.hpp"

#include <chrono>
#include <cmath>

#include <ipcm/error.hpp>

#include "core/message_access.hpp"
#include "core/message_id.hpp"
#include "core/names.hpp"

namespace ipcm {
namespace {

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
  return fields;
}

void refuse_second_recipient(std::string_view peer, const MessageFields& fields) {
  if (!fields.to || *fields.to == peer) return;
  throw Error(ErrorCode::InvalidMessage, "a message has one recipient, but two were named: " + in_quotes(peer) +
                                             " and " + in_quotes(*fields.to) + ".");
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
  if (fields.id) check_message_id(*fields.id);
  if (fields.reply_to) check_name(*fields.reply_to);
  if (fields.correlation_id) check_message_id(*fields.correlation_id);
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
  return MessageAccess::make(
      fields.id ? MessageId::chosen(*fields.id) : MessageId::generate(milliseconds), sender_, fields.to.value_or(""),
      fields.stamp.value_or(std::chrono::duration<double>(now).count()), broadcast,
      fields.content.is_set() ? fields.content : Content(Json(nullptr)), std::nullopt,
      {fields.reply_to.value_or(""), fields.correlation_id.value_or(""), fields.error.value_or("")});
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
  if (overrides.id) fields.id = std::move(overrides.id);
  if (overrides.stamp) fields.stamp = overrides.stamp;
  if (overrides.broadcast) fields.broadcast = overrides.broadcast;
  if (overrides.reply_to) fields.reply_to = std::move(overrides.reply_to);
  if (overrides.correlation_id) fields.correlation_id = std::move(overrides.correlation_id);
  if (overrides.error) fields.error = std::move(overrides.error);
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
