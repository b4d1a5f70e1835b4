// SPDX-License-Identifier: MIT
#include "serialize/encodable.hpp"

#include <cmath>
#include <string>

#include <nlohmann/json.hpp>

#include <ipcm/error.hpp>

#include "core/json_walk.hpp"
#include "core/names.hpp"
#include "serialize/fast_json.hpp"

namespace ipcm {
namespace {

[[noreturn]] void refuse(const std::string* key, const std::string& reason) {
  throw Error(ErrorCode::InvalidMessage,
              "the content cannot be encoded: " + (key ? "member " + in_quotes(*key) : "a value") + " " + reason);
}

void check_binary(const std::string* key, const Json::binary_t& binary, const FormatLimits& limits) {
  const std::string format(limits.format);
  if (!limits.binary) refuse(key, "is binary, which " + format + " cannot say; use CBOR or MessagePack");
  if (!binary.has_subtype() || (limits.max_subtype && binary.subtype() <= *limits.max_subtype)) return;
  refuse(key, "is binary with subtype " + std::to_string(binary.subtype()) + ", which " + format + " does not keep");
}

void check_value(const std::string* key, const Json& value, const FormatLimits& limits) {
  switch (value.type()) {
    case Json::value_t::string: {
      const auto& text = value.get_ref<const std::string&>();
      if (is_utf8(text)) break;
      const std::size_t invalid = first_invalid_utf8(text);
      refuse(key, "is a string that is not UTF-8 at byte " + std::to_string(invalid) + ": " +
                      in_quotes(std::string_view(text).substr(invalid)));
    }
    case Json::value_t::number_float:
      if (limits.non_finite_numbers || std::isfinite(value.get<double>())) break;
      refuse(key, "is NaN or infinite, which " + std::string(limits.format) + " cannot say");
    case Json::value_t::binary: check_binary(key, value.get_binary(), limits); break;
    case Json::value_t::discarded: refuse(key, "was discarded by a JSON parser");
    default: break;
  }
}

}  // namespace

void check_encodable(const Json& content, const FormatLimits& limits) {
  walk_json(content, [&](const std::string* key, const Json& value) {
    if (key && !is_utf8(*key)) refuse(key, "has a name that is not UTF-8");
    check_value(key, value, limits);
  });
}

}  // namespace ipcm
