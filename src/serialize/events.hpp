// SPDX-License-Identifier: MIT
// Receivers for nlohmann's SAX parsers. What check() and decode() refuse is the same by construction: decode() receives
// with ValueBuilder, which is an EventChecker that builds.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include <ipcm/serializer.hpp>

namespace ipcm {

/// Builds nothing. Throws Error(InvalidMessage) at the first event that a content may not have, so that no parser goes
/// deeper than kMaxContentDepth.
class EventChecker {
 public:
  enum class Text { checked_by_parser, unchecked };

  EventChecker(std::string_view format, Text text) : format_(format), text_(text) {}

  bool null() { return true; }
  bool boolean(bool) { return true; }
  bool number_integer(std::int64_t) { return true; }
  bool number_unsigned(std::uint64_t) { return true; }
  bool number_float(double, const std::string&) { return true; }
  bool binary(Json::binary_t&) { return true; }
  bool string(std::string& value) { return check_text(value); }
  bool key(std::string& value) { return check_text(value); }
  bool start_object(std::size_t) { return go_deeper(); }
  bool start_array(std::size_t) { return go_deeper(); }
  bool end_object() { return come_up(); }
  bool end_array() { return come_up(); }

  [[noreturn]] bool parse_error(std::size_t position, const std::string& last_token, const Json::exception& error);

 private:
  bool go_deeper();
  bool come_up() {
    --depth_;
    return true;
  }
  bool check_text(std::string_view text) const;

  std::string_view format_;
  Text text_;
  int depth_ = 0;
};

/// Throws Error(InvalidMessage): the bytes are not what the format asks for at that position.
[[noreturn]] void refuse_bytes(std::string_view format, std::size_t position, const std::string& reason);

class ValueBuilder : public EventChecker {
 public:
  using EventChecker::EventChecker;

  /// The value, once the parser has succeeded.
  Json take() { return std::move(root_); }

  bool null() { return add(nullptr); }
  bool boolean(bool value) { return add(value); }
  bool number_integer(std::int64_t value) { return add(value); }
  bool number_unsigned(std::uint64_t value) { return add(value); }
  bool number_float(double value, const std::string&) { return add(value); }
  bool binary(Json::binary_t& value) { return add(std::move(value)); }
  bool string(std::string& value) { return EventChecker::string(value) && add(std::move(value)); }
  bool key(std::string& name);
  bool start_object(std::size_t size);
  bool start_array(std::size_t size);
  bool end_object();
  bool end_array();

 private:
  bool add(Json value);
  Json& place(Json&& value);

  Json root_;
  std::vector<Json*> open_;  // from the root to the innermost; only the innermost grows, so the pointers stay good
  Json* member_ = nullptr;   // the innermost object's member that waits for its value
};

}  // namespace ipcm
