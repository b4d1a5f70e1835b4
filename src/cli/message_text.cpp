// SPDX-License-Identifier: MIT
#include "message_text.hpp"

#include <ipcm/error.hpp>

#include "json_text.hpp"
#include "text.hpp"

namespace ipcm::cli {
namespace {

// Holds the content's own text where `content` had to be changed: requeue would put back something else.
constexpr const char* kContentText = "content_text";

std::string content_as_json(const Message& message) {
  if (message.raw_content().serializer_name() == "JSON") return message.content_text();
  return message.content().dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string json_line(const Message& message) {
  const std::string content = content_as_json(message);
  const CompactJson compact = compact_json(content, BigIntegers::quote);
  JsonObject object;
  object.text("id", message.id())
      .text("from", message.from())
      .text("to", message.to())
      .number("stamp", message.stamp())
      .flag("broadcast", message.broadcast())
      .json("content", compact.text);
  if (compact.quoted_numbers) object.text(kContentText, compact_json(content, BigIntegers::keep).text);
  if (!message.reply_to().empty()) object.text("reply_to", message.reply_to());
  if (!message.correlation_id().empty()) object.text("correlation_id", message.correlation_id());
  if (!message.error().empty()) object.text("error", message.error());
  if (const auto place = message.place()) object.text("place", std::to_string(*place));
  return object.str() + "\n";
}

// One line, so that `head -1` shows a whole message.
std::string readable_line(const Message& message, const Output& out) {
  std::string sender = printable(message.from()) + (message.broadcast() ? " to all" : "");
  if (message.is_request()) sender += " asks";
  if (message.is_reply()) sender += " answers";
  const std::string said = message.error().empty() ? content_text(message) : "error: " + printable(message.error());
  return out.dim(iso_time(message.stamp())) + "  " + out.bold(sender) + "  " + said + "\n";
}

}  // namespace

std::string message_text(const Message& message, const Output& out) {
  return out.json() ? json_line(message) : readable_line(message, out);
}

std::string content_text(const Message& message) {
  return compact_json(content_as_json(message), BigIntegers::keep).text;
}

Message message_from_line(const std::string& line) {
  try {
    Json json = Json::parse(line);
    if (json.is_object() && json.contains(kContentText)) {
      json["content"] = Json::parse(json[kContentText].get_ref<const std::string&>());
    }
    return Message::from_json(json);
  } catch (const Json::exception& error) {
    throw Error(ErrorCode::InvalidMessage, std::string("not JSON: ") + error.what());
  }
}

}  // namespace ipcm::cli
