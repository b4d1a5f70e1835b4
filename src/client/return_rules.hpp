// SPDX-License-Identifier: MIT
// Which messages can go back to an inbox: the same for every protocol.
#pragma once

#include <string>

#include <ipcm/error.hpp>
#include <ipcm/message.hpp>

#include "core/names.hpp"

namespace ipcm {

/// Throws Error(InvalidMessage) if the message is not for `inbox`.
inline void check_addressee(const Message& message, const std::string& inbox) {
  if (message.to() == inbox) return;
  throw Error(ErrorCode::InvalidMessage, "the message " + in_quotes(message.id()) + " was not addressed to " +
                                             in_quotes(inbox) + " but to " + in_quotes(message.to()) +
                                             ": it cannot go back to this inbox.");
}

/// Throws Error(InvalidMessage): nothing of its sender was read from the inbox that is not back in it.
[[noreturn]] inline void refuse_unread(const Message& message) {
  throw Error(ErrorCode::InvalidMessage, "the message " + in_quotes(message.id()) + " was never in the inbox of " +
                                             in_quotes(message.to()) + ": nothing from " + in_quotes(message.from()) +
                                             " has been read there that is not back. To send it, use send_message().");
}

}  // namespace ipcm
