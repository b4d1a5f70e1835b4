// SPDX-License-Identifier: MIT
#include "message_text.hpp"

#include <chrono>

#include <ipcm/error.hpp>

#include "json_text.hpp"
#include "text.hpp"

namespace ipcm::cli {
namespace {

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

bool can_be_decoded(const Message& message) {
  try {
    message.content();
  } catch (const Error&) {
    return false;
  }
  return true;
}

void add_decodable(JsonObject& object, const Message& message) {
  const std::string content = content_as_json(message);
  if (message.raw_content().serializer_name() != "JSON") {
    object.json("content", compact_json(content, BigIntegers::quote).text);
    const Json exact = message.to_json();
    object.text("serializer", exact.at("serializer").get_ref<const std::string&>());
    object.text("content_base64", exact.at("content_base64").get_ref<const std::string&>());
  } else if (compact_json(content, BigIntegers::quote, Space::keep_blanks).text == content) {
    object.json("content", content);
  } else {
    object.json("content", compact_json(content, BigIntegers::quote).text);
    object.text("content_text", content);
  }
}

// `decodable`: it is known that it is.
JsonObject members(const Message& message, bool decodable) {
  JsonObject object;
  object.text("id", message.id())
      .text("from", message.from())
      .text("to", message.to())
      .number("stamp", message.stamp())
      .flag("broadcast", message.broadcast());
  decodable ? add_decodable(object, message) : add_content(object, message);
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
  return members(message, false);
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

void add_content(JsonObject& object, const Message& message) {
  can_be_decoded(message) ? add_decodable(object, message) : void(object.text("undecodable", message.content_text()));
}

}  // namespace ipcm::cli
