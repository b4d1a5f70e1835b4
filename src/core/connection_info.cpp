// SPDX-License-Identifier: MIT
#include <ipcm/connection_info.hpp>

#include <array>
#include <cstdint>
#include <utility>

#include <nlohmann/json.hpp>

#include <ipcm/error.hpp>

#include "core/absolute_route.hpp"
#include "core/names.hpp"

namespace ipcm {
namespace {

using Json = nlohmann::json;

[[noreturn]] void refuse(std::string_view text, const std::string& reason) {
  throw Error(ErrorCode::InvalidArgument, "the connection info " + in_quotes(text) + " " + reason +
                                              R"(; it looks like ["SQLite","JSON","/path/to/route"])");
}

/// Stops at the first value that does not belong into an array of three strings, however deep the rest is nested.
class ThreeStrings {
 public:
  bool complete() const { return closed_ && count_ == strings_.size(); }
  std::array<std::string, 3>& strings() { return strings_; }

  bool start_array(std::size_t) { return !std::exchange(open_, true); }
  bool end_array() { return closed_ = true; }
  bool string(std::string& value) {
    if (!open_ || count_ == strings_.size()) return false;
    strings_[count_++] = std::move(value);
    return true;
  }
  bool null() { return false; }
  bool boolean(bool) { return false; }
  bool number_integer(std::int64_t) { return false; }
  bool number_unsigned(std::uint64_t) { return false; }
  bool number_float(double, const std::string&) { return false; }
  bool binary(Json::binary_t&) { return false; }
  bool start_object(std::size_t) { return false; }
  bool key(std::string&) { return false; }
  bool end_object() { return false; }
  bool parse_error(std::size_t, const std::string&, const Json::exception&) { return false; }

 private:
  std::array<std::string, 3> strings_;
  std::size_t count_ = 0;
  bool open_ = false;
  bool closed_ = false;
};

}  // namespace

ConnectionInfo ConnectionInfo::parse(std::string_view text) {
  ConnectionInfo info;
  if (!text.starts_with('[')) {
    info.route = absolute_route(info.protocol, text);
    return info;
  }
  ThreeStrings reader;
  if (!Json::sax_parse(text, &reader) || !reader.complete()) refuse(text, "is not a JSON array of three strings");
  auto& [protocol, serializer, route] = reader.strings();
  if (protocol.empty()) refuse(text, "names no protocol");
  if (serializer.empty()) refuse(text, "names no serializer");
  if (route.empty()) refuse(text, "names no route");
  info.route = absolute_route(protocol, route);
  info.protocol = std::move(protocol);
  info.serializer = std::move(serializer);
  return info;
}

std::string ConnectionInfo::to_string() const {
  for (const std::string* part : {&protocol, &serializer, &route}) {
    if (is_valid_utf8(*part)) continue;
    throw Error(ErrorCode::InvalidArgument, in_quotes(*part) + " is not UTF-8, so no connection info can hold it");
  }
  return Json::array({protocol, serializer, route}).dump();
}

}  // namespace ipcm
