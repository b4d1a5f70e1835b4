// SPDX-License-Identifier: MIT
#include "json_text.hpp"

#include <array>
#include <cstdio>

#include <nlohmann/json.hpp>

#include "text.hpp"

namespace ipcm::cli {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kNumberCharacters = "0123456789+-.eE";

bool beyond_exact_integers(std::string_view number) {
  if (number.find_first_of(".eE") != std::string_view::npos) return false;
  if (number.front() == '-') number.remove_prefix(1);
  static const std::string limit = std::to_string(kExactIntegers);
  return number.size() > limit.size() || (number.size() == limit.size() && number > limit);
}

/// `character` is one valid UTF-8 character of the basic plane, or a byte that is not UTF-8.
void append_unicode_escape(std::string& out, std::string_view character) {
  unsigned code = static_cast<unsigned char>(character.front());
  if (character.size() == 1 && code >= 0x80) {
    code = 0xFFFD;
  } else if (character.size() > 1) {
    code &= 0xFFU >> (character.size() + 1);
    for (const char byte : character.substr(1)) code = (code << 6U) | (static_cast<unsigned char>(byte) & 0x3FU);
  }
  std::array<char, 8> buffer{};
  std::snprintf(buffer.data(), buffer.size(), "\\u%04x", code & 0xFFFFU);
  out += buffer.data();
}

std::size_t character_length(std::string_view text) {
  std::size_t length = 1;
  while (length < text.size() && (static_cast<unsigned char>(text[length]) & 0xC0U) == 0x80U) ++length;
  return length;
}

/// Copies the string that begins at the front of `rest` and removes it from there.
void copy_string(std::string& out, std::string_view& rest) {
  out += '"';
  rest.remove_prefix(1);
  while (!rest.empty() && rest.front() != '"') {
    const auto byte = static_cast<unsigned char>(rest.front());
    if (byte == '\\' && rest.size() > 1) {
      out += rest.substr(0, 2);
      rest.remove_prefix(2);
    } else if (byte >= 0x20 && byte < 0x7F) {
      out += rest.front();
      rest.remove_prefix(1);
    } else if (const std::size_t unsafe = unsafe_length(rest); unsafe > 0) {
      append_unicode_escape(out, rest.substr(0, unsafe));
      rest.remove_prefix(unsafe);
    } else {
      const std::size_t length = character_length(rest);
      out += rest.substr(0, length);
      rest.remove_prefix(length);
    }
  }
  out += '"';
  rest.remove_prefix(rest.empty() ? 0 : 1);
}

}  // namespace

std::string json_string(std::string_view text) {
  const std::string plain = Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
  return compact_json(plain, BigIntegers::keep).text;
}

std::string count_json(std::uint64_t number) {
  const std::string digits = std::to_string(number);
  return number > kExactIntegers ? '"' + digits + '"' : digits;
}

JsonObject& JsonObject::json(std::string_view name, std::string_view value) {
  if (members_.size() > 1) members_ += ',';
  members_.append("\"").append(name).append("\":");
  members_ += value;
  return *this;
}

JsonObject& JsonObject::text(std::string_view name, std::string_view value) {
  return json(name, json_string(value));
}

JsonObject& JsonObject::count(std::string_view name, std::uint64_t value) {
  return json(name, count_json(value));
}

JsonObject& JsonObject::number(std::string_view name, double value) {
  return json(name, Json(value).dump());
}

JsonObject& JsonObject::flag(std::string_view name, bool value) {
  return json(name, value ? "true" : "false");
}

CompactJson compact_json(std::string_view json, BigIntegers big_integers, Space space) {
  CompactJson compact;
  std::string& out = compact.text;
  out.reserve(json.size());
  while (!json.empty()) {
    const char first = json.front();
    if (first == '"') {
      copy_string(out, json);
    } else if (first == '-' || (first >= '0' && first <= '9')) {
      const std::string_view number = json.substr(0, json.find_first_not_of(kNumberCharacters));
      const bool quote = big_integers == BigIntegers::quote && beyond_exact_integers(number);
      if (quote) out += '"';
      out += number;
      if (quote) out += '"';
      compact.quoted_numbers |= quote;
      json.remove_prefix(number.size());
    } else {
      if (space == Space::keep_blanks && first == ' ') out += first;
      if (first != ' ' && first != '\t' && first != '\n' && first != '\r') out += first;
      json.remove_prefix(1);
    }
  }
  return compact;
}

}  // namespace ipcm::cli
