// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include <ipcm/message.hpp>

#include "json_text.hpp"
#include "output.hpp"

namespace ipcm::cli {

/// A message as `get` and `peek` print it, one line with its newline: for people, or with --json for programs and for
/// `requeue`.
std::string message_text(const Message& message, const Output& out);

/// The members of the JSON form, to be continued. The content is checked first: where it cannot be decoded, the member
/// `undecodable` holds its bytes, as text, instead.
JsonObject checked_members(const Message& message);

/// The beginning of its content, for a line that is cut anyway; decodable or not.
std::string content_preview(const Message& message);

/// Its content as JSON, as it was stored where that was JSON.
std::string content_as_json(const Message& message);

/// Its content alone, as JSON on one line without a newline.
std::string content_text(const Message& message);

/// Adds the member `content` as JSON that every reader gets right, and if that is not the content to the byte, the
/// members of Message::to_json() that are; or `undecodable`, as checked_members() does.
void add_content(JsonObject& object, const Message& message);

}  // namespace ipcm::cli
