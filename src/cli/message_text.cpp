// SPDX-License-Identifier: MIT
#include "message_text.hpp"

#include <chrono>

#include <ipcm/error.hpp>

#include "json_text.hpp"
#include "text.hpp"

namespace ipcm::cli {
namespace {

// Holds the content's own text where `content` had to be changed: requeue would put back something else.
constexpr const char* kContentText = "content_text";

constexpr std::size_t kPreviewBytes = 1024;

// A double has room for microseconds, and the nanoseconds were made of one.
double seconds_of(Message::TimePoint time) {
  const auto microseconds = std::chrono::round<std::chrono::microseconds>(time.time_since_epoch());
  return static_cast<double>(microseconds.count()) / 1e6;
}

// What a message says of itself as a job, where it says it.
void add_job_members(JsonObject& object, const Message& message) {
  if (message.priority() != kDefaultPriority) object.count("priority", static_cast<std::uint64_t>(message.priority()));
  if (const auto end = message.expires_at()) object.number("expires_at", seconds_of(*end));
  if (message.attempts() > 0) object.count("attempts", static_cast<std::uint64_t>(message.attempts()));
  if (const auto most = message.max_attempts()) object.count("max_attempts", static_cast<std::uint64_t>(*most));
  if (!message.dedup_key().empty()) object.text("dedup_key", message.dedup_key());
  if (!message.group_key().empty()) object.text("group_key", message.group_key());
}

JsonObject members(const Message& message, bool decodable) {
  JsonObject object;
  object.text("id", message.id())
      .text("from", message.from())
      .text("to", message.to())
      .number("stamp", message.stamp())
      .flag("broadcast", message.broadcast());
  if (decodable) {
    const std::string content = content_as_json(message);
    const CompactJson compact = compact_json(content, BigIntegers::quote);
    object.json("content", compact.text);
    if (compact.quoted_numbers) object.text(kContentText, compact_json(content, BigIntegers::keep).text);
  } else {
    object.text("undecodable", message.content_text());
  }
  if (!message.reply_to().empty()) object.text("reply_to", message.reply_to());
  if (!message.correlation_id().empty()) object.text("correlation_id", message.correlation_id());
  if (!message.error().empty()) object.text("error", message.error());
  add_job_members(object, message);
  if (const auto place = message.place()) object.text("place", std::to_string(*place));
  return object;
}

std::string json_line(const Message& message) {
  return members(message, true).str() + "\n";
}

bool can_be_decoded(const Message& message) {
  try {
    message.content();
  } catch (const Error&) {
    return false;
  }
  return true;
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

std::string content_as_json(const Message& message) {
  if (message.raw_content().serializer_name() == "JSON") return message.content_text();
  return message.content().dump(-1, ' ', false, Json::error_handler_t::replace);
}

JsonObject checked_members(const Message& message) {
  return members(message, can_be_decoded(message));
}

std::string content_preview(const Message& message) {
  std::string text;
  if (can_be_decoded(message)) {
    text = content_as_json(message).substr(0, kPreviewBytes);
    text = compact_json(text, BigIntegers::keep).text;
  } else {
    text = message.content_text().substr(0, kPreviewBytes);
  }
  return printable(text);
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
  } catch (const Json::parse_error& error) {  // whose own words quote what was read, and that may be a content
    throw Error(ErrorCode::InvalidMessage, "not JSON: a syntax error at byte " + std::to_string(error.byte));
  } catch (const Json::exception&) {
    throw Error(ErrorCode::InvalidMessage, "not JSON of a message: a value is out of range or of another type");
  }
}

}  // namespace ipcm::cli
