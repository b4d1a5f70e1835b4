// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include <ipcm/message.hpp>

#include "output.hpp"

namespace ipcm::cli {

/// A message as `get` and `peek` print it, one line with its newline: for people, or with --json for programs and for
/// `requeue`.
std::string message_text(const Message& message, const Output& out);

/// Its content alone, as JSON on one line without a newline.
std::string content_text(const Message& message);

/// The reverse of the JSON form. Throws Error(InvalidMessage).
Message message_from_line(const std::string& line);

}  // namespace ipcm::cli
