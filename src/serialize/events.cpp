// SPDX-License-Identifier: MIT
#include "serialize/events.hpp"

#include <ipcm/error.hpp>

#include "core/json_walk.hpp"
#include "core/names.hpp"
#include "serialize/fast_json.hpp"

namespace ipcm {
namespace {

/// The part of nlohmann's text that says what is wrong, without the token that was read, which may be megabytes.
std::string reason_of(std::string_view text) {
  constexpr std::string_view kStart = "syntax error while parsing ";
  const std::size_t start = text.find(kStart);
  if (start == std::string_view::npos) return "a number is out of range";
  text.remove_prefix(start + kStart.size());
  return std::string(text.substr(0, text.find("; last read")));
}

}  // namespace

void refuse_bytes(std::string_view format, std::size_t position, const std::string& reason) {
  throw Error(ErrorCode::InvalidMessage, "the content is not valid " + std::string(format) + " at byte " +
                                             std::to_string(position) + ": " + reason);
}

bool EventChecker::parse_error(std::size_t position, const std::string&, const Json::exception& error) {
  refuse_bytes(format_, position, reason_of(error.what()));
}

bool EventChecker::go_deeper() {
  if (++depth_ > kMaxContentDepth) refuse_depth();
  return true;
}

bool EventChecker::check_text(std::string_view text) const {
  if (text_ == Text::unchecked && !is_utf8(text)) {
    throw Error(ErrorCode::InvalidMessage, "the content is not valid " + std::string(format_) + ": the string " +
                                               in_quotes(text) + " is not UTF-8 at byte " +
                                               std::to_string(first_invalid_utf8(text)));
  }
  return true;
}

bool ValueBuilder::key(std::string& name) {
  EventChecker::key(name);
  member_ = &open_.back()->get_ref<Json::object_t&>()[std::move(name)];
  return true;
}

bool ValueBuilder::start_object(std::size_t size) {
  EventChecker::start_object(size);
  open_.push_back(&place(Json::object()));
  return true;
}

bool ValueBuilder::start_array(std::size_t size) {
  EventChecker::start_array(size);  // `size` is what hostile bytes claim: nothing is reserved for it
  open_.push_back(&place(Json::array()));
  return true;
}

bool ValueBuilder::end_object() {
  open_.pop_back();
  return EventChecker::end_object();
}

bool ValueBuilder::end_array() {
  open_.pop_back();
  return EventChecker::end_array();
}

bool ValueBuilder::add(Json value) {
  place(std::move(value));
  return true;
}

Json& ValueBuilder::place(Json&& value) {
  if (open_.empty()) return root_ = std::move(value);
  if (auto* elements = open_.back()->get_ptr<Json::array_t*>()) return elements->emplace_back(std::move(value));
  return *member_ = std::move(value);
}

}  // namespace ipcm
