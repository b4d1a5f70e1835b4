// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <ipcm/message.hpp>

#include "core/message_id.hpp"

namespace ipcm {

/// Makes messages, and reads what they keep for the store that they came from or go to. Checks nothing.
class MessageAccess {
 public:
  /// What a request and its reply say beyond other messages; empty: nothing.
  using Correlation = Message::Correlation;
  /// What is said of a job.
  using Job = Message::Job;

  static Message make(const MessageId& id, std::string from, std::string to, double stamp, bool broadcast,
                      Content content, std::optional<std::int64_t> place = std::nullopt, Correlation correlation = {},
                      Job job = {});

  static MessageId message_id(const Message& message);
  /// Where in the recipient's inbox it was read; nothing for one that was not read.
  static std::optional<std::int64_t> place(const Message& message) { return message.place_; }

  static const Job& job(const Message& message) noexcept { return message.job(); }

  /// A copy for one recipient, as if it had been built for that one alone.
  static Message with_recipient(Message message, std::string to, const MessageId& id);

 private:
  static void set_id(Message& message, const MessageId& id);
};

}  // namespace ipcm
