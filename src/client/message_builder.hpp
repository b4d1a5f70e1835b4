// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

#include <ipcm/clock.hpp>
#include <ipcm/message.hpp>

namespace ipcm {

/// Turns what a caller says of a message into the message, with the defaults filled in and the rules kept.
/// Throws Error: InvalidMessage, InvalidName.
class MessageBuilder {
 public:
  /// `sender` and `clock` must live longer.
  MessageBuilder(const std::string& sender, const Clock& clock) : sender_(sender), clock_(clock) {}

  Message build(const MessageFields& fields) const;
  Message build(std::string_view peer, const Content& content, MessageFields fields) const;
  /// The message's id counts as chosen by the caller. Throws also where it is from somebody else.
  Message build(const Message& message, MessageFields overrides) const;

  /// As build(), but it is a broadcast, with or without a recipient.
  Message build_broadcast(MessageFields fields) const;
  Message build_broadcast(const Message& message) const;

 private:
  const std::string& sender_;
  const Clock& clock_;
};

}  // namespace ipcm
