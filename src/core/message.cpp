// SPDX-License-Identifier: MIT
#include <ipcm/message.hpp>

#include <charconv>
#include <cmath>
#include <limits>

#include <ipcm/error.hpp>

#include "core/base64.hpp"
#include "core/byte_order_mark.hpp"
#include "core/json_scanner.hpp"
#include "core/message_access.hpp"
#include "core/names.hpp"
#include "core/seconds.hpp"
#include "core/serializer_call.hpp"

namespace ipcm {
namespace {

[[noreturn]] void refuse(const char* member, const std::string& reason) {
  throw Error(ErrorCode::InvalidMessage, "a message's member \"" + std::string(member) + "\" " + reason);
}

const Json& member(const Json& json, const char* name) {
  const auto found = json.find(name);
  if (found == json.end()) refuse(name, "is missing");
  return *found;
}

const std::string& text_member(const Json& json, const char* name) {
  const Json& value = member(json, name);
  if (!value.is_string()) refuse(name, "is not a string");
  return value.get_ref<const std::string&>();
}

std::string optional_text_member(const Json& json, const char* name) {
  return json.contains(name) ? text_member(json, name) : std::string();
}

MessageAccess::Correlation correlation_members(const Json& json) {
  MessageAccess::Correlation correlation{optional_text_member(json, "reply_to"),
                                         optional_text_member(json, "correlation_id"),
                                         optional_text_member(json, "error")};
  if (!correlation.reply_to.empty()) {
    if (const std::string rule = broken_rule(correlation.reply_to); !rule.empty()) refuse("reply_to", rule);
    if (correlation.reply_to.front() == '_') refuse("reply_to", "starts with '_', which is reserved");
  }
  if (!correlation.correlation_id.empty()) check_message_field("correlation_id", correlation.correlation_id);
  return correlation;
}

double seconds_member(const Json& json, const char* name) {
  const Json& value = member(json, name);
  if (!value.is_number()) refuse(name, "is not a number");
  const double seconds = value.get<double>();
  if (!std::isfinite(seconds)) refuse(name, "is not a finite number");
  return seconds;
}

std::optional<double> optional_seconds_member(const Json& json, const char* name) {
  return json.contains(name) ? std::optional(seconds_member(json, name)) : std::nullopt;
}

std::optional<int> optional_count_member(const Json& json, const char* name, int lowest, int highest) {
  if (!json.contains(name)) return std::nullopt;
  const Json& value = member(json, name);
  if (!value.is_number_integer() || value < lowest || value > highest) {
    refuse(name, "is not a whole number from " + std::to_string(lowest) + " to " + std::to_string(highest));
  }
  return value.get<int>();
}

std::string key_member(const Json& json, const char* name) {
  std::string key = optional_text_member(json, name);
  if (!key.empty()) check_message_field(name, key);
  return key;
}

MessageAccess::Job job_members(const Json& json) {
  constexpr int kAny = std::numeric_limits<int>::max();
  return {optional_count_member(json, "priority", 0, kHighestPriority).value_or(kDefaultPriority),
          optional_seconds_member(json, "deliver_at"),
          optional_seconds_member(json, "expires_at"),
          optional_count_member(json, "attempts", 0, kAny).value_or(0),
          optional_count_member(json, "max_attempts", 1, kAny),
          key_member(json, "dedup_key"),
          key_member(json, "group_key")};
}

std::optional<Message::TimePoint> time_point_of(std::optional<double> seconds) noexcept {
  if (!seconds) return std::nullopt;
  return time_at(*seconds);
}

bool flag_member(const Json& json, const char* name) {
  const Json& value = member(json, name);
  if (!value.is_boolean()) refuse(name, "is neither true nor false");
  return value.get<bool>();
}

std::string sender_member(const Json& json) {
  const std::string& from = text_member(json, "from");
  if (const std::string rule = broken_rule(from); !rule.empty()) refuse("from", rule);
  return from;
}

std::string recipient_member(const Json& json, bool broadcast) {
  const std::string& to = text_member(json, "to");
  if (to.empty() && broadcast) return to;  // not yet addressed
  if (const std::string rule = broken_rule(to); !rule.empty()) refuse("to", rule);
  return to;
}

std::optional<std::int64_t> place_member(const Json& json) {
  const auto found = json.find("place");
  if (found == json.end()) return std::nullopt;
  if (found->is_number_integer()) {
    const auto place = found->get<std::int64_t>();
    if (place > 0) return place;
  } else if (found->is_string()) {
    const auto& text = found->get_ref<const std::string&>();
    std::int64_t place = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), place);
    if (problem == std::errc() && end == text.data() + text.size() && place > 0) return place;
  }
  refuse("place", "is not what to_json() wrote");
}

constexpr const char* kContent = "content";
constexpr const char* kContentText = "content_text";
constexpr const char* kContentBase64 = "content_base64";
constexpr const char* kSerializer = "serializer";

std::shared_ptr<const Serializer> serializer_member(const Json& json) {
  const std::string& name = text_member(json, kSerializer);
  try {
    return find_serializer(name);
  } catch (const Error& error) {
    refuse(kSerializer, "is unknown to this process: " + std::string(error.what()));
  }
}

// The content to the byte, if `json` has it in such a form.
std::optional<Content> exact_content(const Json& json) {
  if (json.contains(kContentBase64)) {
    std::optional<std::string> bytes = from_base64(text_member(json, kContentBase64));
    if (!bytes) refuse(kContentBase64, "is not base64");
    const std::shared_ptr<const Serializer> serializer = serializer_member(json);
    Content content = Content::encoded(*std::move(bytes), serializer);
    serializer->check(content.text());
    return content;
  }
  if (json.contains(kContentText)) return Content::from_text(text_member(json, kContentText));
  return std::nullopt;
}

struct TextMember {
  std::string_view value;
  std::size_t begin = 0;
};

// The member `content` of an object, of several the last; nullopt where there is none or the text is no object.
std::optional<TextMember> find_content(std::string_view text) {
  std::optional<TextMember> found;
  JsonScanner scanner(text);
  if (!scanner.take('{')) return std::nullopt;
  do {
    const auto name = scanner.value();
    if (!name || !scanner.take(':')) return std::nullopt;
    const auto value = scanner.value();
    if (!value) return std::nullopt;
    const bool escaped = name->find('\\') != std::string_view::npos;
    const bool is_content = escaped ? Json::parse(*name, nullptr, false) == kContent : *name == "\"content\"";
    if (is_content) found = {*value, static_cast<std::size_t>(value->data() - text.data())};
  } while (scanner.take(','));
  return found;
}

// An error names the byte of the whole text, which has `shift` bytes more from `shift_after` on.
Json parse_message(const std::string& text, std::size_t shift_after, std::size_t shift) {
  // nlohmann skips the one, and takes the other for the end.
  if (text.starts_with(kByteOrderMark) || text.find('\0') != std::string::npos) {
    throw Error(ErrorCode::InvalidMessage, "a message is not JSON: there is a NUL byte or a second byte order mark");
  }
  try {
    return Json::parse(text);
  } catch (const Json::parse_error& error) {  // whose own words quote what was read, and that may be a content
    const std::size_t byte = error.byte > shift_after ? error.byte + shift : error.byte;
    throw Error(ErrorCode::InvalidMessage, "a message is not JSON: a syntax error at byte " + std::to_string(byte));
  } catch (const Json::exception&) {
    throw Error(ErrorCode::InvalidMessage, "a message is not JSON: a number is out of range");
  }
}

// Never destroyed, as what has static storage may still send; and not on the heap, as memory may be lacking.
template <typename Part>
union Absent {
  Absent() : part() {}
  ~Absent() {}  // NOLINT(modernize-use-equals-default): it would be deleted
  Absent(const Absent&) = delete;
  Absent& operator=(const Absent&) = delete;

  Part part;
};

}  // namespace

const Message::Correlation& Message::correlation() const noexcept {
  static const Absent<Correlation> none;
  return correlation_ ? *correlation_ : none.part;
}

const Message::Job& Message::job() const noexcept {
  static const Absent<Job> none;
  return job_ ? *job_ : none.part;
}

std::optional<Message::TimePoint> Message::deliver_at() const noexcept {
  return time_point_of(job().deliver_at);
}

std::optional<Message::TimePoint> Message::expires_at() const noexcept {
  return time_point_of(job().expires_at);
}

namespace {

bool is_true(const Json& value) {
  switch (value.type()) {
    case Json::value_t::null:
    case Json::value_t::discarded: return false;
    case Json::value_t::boolean: return value.get<bool>();
    case Json::value_t::number_integer:
    case Json::value_t::number_unsigned:
    case Json::value_t::number_float: return value != 0;
    case Json::value_t::string: {
      const auto& text = value.get_ref<const std::string&>();
      return !text.empty() && text != "0";
    }
    case Json::value_t::array:
    case Json::value_t::object:
    case Json::value_t::binary: break;
  }
  return true;
}

}  // namespace

bool Message::is_terminate() const {
  const Json* content = nullptr;
  try {
    content = &content_.json();
  } catch (const Error&) {
    return false;  // what cannot be decoded says nothing
  }
  if (!content->is_object()) return false;
  const auto flag = content->find("terminate");
  return flag != content->end() && is_true(*flag);
}

Json Message::to_json() const {
  Json json = {{"id", id_}, {"from", from_}, {"to", to_}, {"stamp", stamp_}, {"broadcast", broadcast_}};
  json[kContent] = content_.json();
  if (const auto bytes = content_.first_bytes()) {
    if (content_.serializer_name() != kJsonName) {
      json[kSerializer] = content_.serializer_name();
      json[kContentBase64] = base64_of(*bytes);
    } else if (*bytes != find_serializer(kJsonName)->encode(content_.json())) {
      json[kContentText] = *bytes;
    }
  }
  if (!reply_to().empty()) json["reply_to"] = reply_to();
  if (!correlation_id().empty()) json["correlation_id"] = correlation_id();
  if (!error().empty()) json["error"] = error();
  if (job_) {
    if (priority() != kDefaultPriority) json["priority"] = priority();
    if (job_->deliver_at) json["deliver_at"] = *job_->deliver_at;
    if (job_->expires_at) json["expires_at"] = *job_->expires_at;
    if (attempts() > 0) json["attempts"] = attempts();
    if (max_attempts()) json["max_attempts"] = *max_attempts();
    if (!dedup_key().empty()) json["dedup_key"] = dedup_key();
    if (!group_key().empty()) json["group_key"] = group_key();
  }
  // As text: it is beyond 2^53, where JavaScript, jq and others round numbers.
  if (place_) json["place"] = std::to_string(*place_);
  return json;
}

Message Message::from_members(const Json& json, Content content) {
  const std::string& id = text_member(json, "id");
  check_message_id(id);
  const bool broadcast = flag_member(json, "broadcast");
  return MessageAccess::make(MessageId::generated_from_text(id), sender_member(json), recipient_member(json, broadcast),
                             seconds_member(json, "stamp"), broadcast, std::move(content), place_member(json),
                             correlation_members(json), job_members(json));
}

namespace {

void require_object(const Json& json) {
  if (json.is_object()) return;
  throw Error(ErrorCode::InvalidMessage, "a message is a JSON object, not " + std::string(json.type_name()));
}

}  // namespace

Message Message::from_json(const Json& json) {
  require_object(json);
  std::optional<Content> content = exact_content(json);
  return from_members(json, content ? *std::move(content) : Content(member(json, kContent)));
}

Message Message::from_text(std::string_view json_text) {
  json_text = without_byte_order_mark(json_text);
  const std::optional<TextMember> content = find_content(json_text);
  if (!content) return from_json(parse_message(std::string(json_text), json_text.size(), 0));
  constexpr std::string_view kNull = "null";  // stands for the content, of which no value is made
  std::string rest(json_text.substr(0, content->begin));
  rest.append(kNull).append(json_text.substr(content->begin + content->value.size()));
  const Json json = parse_message(rest, content->begin, json_text.size() - rest.size());
  require_object(json);
  if (std::optional<Content> exact = exact_content(json)) return from_members(json, *std::move(exact));
  const std::shared_ptr<const Serializer> serializer = find_serializer(kJsonName);
  serializer->check(content->value);
  return from_members(json, Content::encoded(std::string(content->value), serializer));
}

}  // namespace ipcm
