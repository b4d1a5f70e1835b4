// SPDX-License-Identifier: MIT
#include "core/message_access.hpp"

#include <utility>

namespace ipcm {

void MessageAccess::set_id(Message& message, const MessageId& id) {
  message.id_ = id.text();
  message.generated_id_ = id.is_generated();
}

Message MessageAccess::make(const MessageId& id, std::string from, std::string to, double stamp, bool broadcast,
                            Content content, std::optional<std::int64_t> place, Correlation correlation, Job job) {
  Message message;
  set_id(message, id);
  message.from_ = std::move(from);
  message.to_ = std::move(to);
  message.stamp_ = stamp;
  message.broadcast_ = broadcast;
  message.place_ = place;
  message.content_ = std::move(content);
  if (!correlation.reply_to.empty() || !correlation.correlation_id.empty() || !correlation.error.empty()) {
    message.correlation_ = std::make_shared<const Correlation>(std::move(correlation));
  }
  if (job != Job()) message.job_ = std::make_shared<const Job>(std::move(job));
  return message;
}

MessageId MessageAccess::message_id(const Message& message) {
  return message.generated_id_ ? MessageId::generated_from_text(message.id_) : MessageId::chosen(message.id_);
}

Message MessageAccess::with_recipient(Message message, std::string to, const MessageId& id) {
  set_id(message, id);
  message.to_ = std::move(to);
  message.place_.reset();
  return message;
}

}  // namespace ipcm
