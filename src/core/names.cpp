// SPDX-License-Identifier: MIT
#include "core/names.hpp"

#include <cstdint>
#include <cstring>

#include <ipcm/error.hpp>

namespace ipcm {
namespace {

constexpr std::size_t kQuotedBytes = 60;

unsigned char byte_at(std::string_view text, std::size_t at) {
  return static_cast<unsigned char>(text[at]);
}

/// The length of the UTF-8 sequence at `at`; 0 when it is not valid (The Unicode Standard, table 3-7).
std::size_t sequence_length(std::string_view text, std::size_t at) noexcept {
  const unsigned char lead = byte_at(text, at);
  if (lead < 0x80) return 1;
  unsigned char lowest = 0x80;
  unsigned char highest = 0xBF;
  std::size_t length = 0;
  if (lead >= 0xC2 && lead <= 0xDF) {
    length = 2;
  } else if (lead >= 0xE0 && lead <= 0xEF) {
    length = 3;
    if (lead == 0xE0) lowest = 0xA0;
    if (lead == 0xED) highest = 0x9F;
  } else if (lead >= 0xF0 && lead <= 0xF4) {
    length = 4;
    if (lead == 0xF0) lowest = 0x90;
    if (lead == 0xF4) highest = 0x8F;
  } else {
    return 0;
  }
  if (text.size() - at < length) return 0;
  if (const unsigned char second = byte_at(text, at + 1); second < lowest || second > highest) return 0;
  for (std::size_t i = 2; i < length; ++i) {
    if ((byte_at(text, at + i) & 0xC0) != 0x80) return 0;
  }
  return length;
}

/// Whether the valid sequence at `at` is a control character: C0, DEL or C1.
bool is_control(std::string_view text, std::size_t at, std::size_t length) noexcept {
  const unsigned char lead = byte_at(text, at);
  if (length == 1) return lead < 0x20 || lead == 0x7F;
  return lead == 0xC2 && byte_at(text, at + 1) < 0xA0;
}

void append_escaped(std::string& to, unsigned char byte) {
  constexpr char kDigits[] = "0123456789abcdef";
  to += "\\x";
  to += kDigits[byte >> 4];
  to += kDigits[byte & 0x0F];
}

}  // namespace

std::size_t first_invalid_utf8(std::string_view text) noexcept {
  std::size_t at = 0;
  while (at < text.size()) {
    std::uint64_t eight = 0;
    if (text.size() - at >= sizeof eight) {  // most text is ASCII
      std::memcpy(&eight, text.data() + at, sizeof eight);
      if ((eight & 0x8080808080808080U) == 0) {
        at += sizeof eight;
        continue;
      }
    }
    const std::size_t length = sequence_length(text, at);
    if (length == 0) return at;
    at += length;
  }
  return at;
}

bool is_valid_utf8(std::string_view text) noexcept {
  return first_invalid_utf8(text) == text.size();
}

std::string broken_rule(std::string_view text) {
  if (text.empty()) return "is empty";
  if (text.size() > kMaxNameBytes) {
    return "has " + std::to_string(text.size()) + " bytes, and " + std::to_string(kMaxNameBytes) + " is the most";
  }
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = sequence_length(text, at);
    if (length == 0) return "is not valid UTF-8 at byte " + std::to_string(at);
    if (is_control(text, at, length)) return "has a control character at byte " + std::to_string(at);
    at += length;
  }
  return {};
}

void check_name(std::string_view name) {
  std::string rule = broken_rule(name);
  if (rule.empty() && name.front() == '_') rule = "starts with '_', which is reserved";
  if (!rule.empty()) throw Error(ErrorCode::InvalidName, "the name " + in_quotes(name) + " " + rule);
}

void check_message_id(std::string_view id) {
  check_message_field("message id", id);
}

void check_message_field(std::string_view field, std::string_view value) {
  const std::string rule = broken_rule(value);
  if (rule.empty()) return;
  throw Error(ErrorCode::InvalidMessage, "the " + std::string(field) + " " + in_quotes(value) + " " + rule);
}

std::string in_quotes(std::string_view text) {
  std::string shown = "\"";
  std::size_t at = 0;
  while (at < text.size() && shown.size() <= kQuotedBytes) {
    const std::size_t length = sequence_length(text, at);
    if (length == 0 || is_control(text, at, length)) {
      const std::size_t end = at + (length == 0 ? 1 : length);
      for (; at < end; ++at) append_escaped(shown, byte_at(text, at));
      continue;
    }
    if (text[at] == '"' || text[at] == '\\') shown += '\\';
    shown += text.substr(at, length);
    at += length;
  }
  shown += '"';
  if (at < text.size()) shown += "...";
  return shown;
}

}  // namespace ipcm
