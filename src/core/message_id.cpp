// SPDX-License-Identifier: MIT
#include "core/message_id.hpp"

#include <cstddef>
#include <span>
#include <utility>

#include "core/random.hpp"

namespace ipcm {
namespace {

constexpr std::size_t kUuidTextSize = 36;

constexpr bool hyphen_follows(std::size_t byte) {
  return byte == 3 || byte == 5 || byte == 7 || byte == 9;
}

/// -1: not a lower-case hexadecimal digit.
constexpr int digit_value(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  return -1;
}

bool parse_uuid(std::string_view text, MessageId::Uuid& uuid) {
  if (text.size() != kUuidTextSize) return false;
  std::size_t at = 0;
  for (std::size_t byte = 0; byte < uuid.size(); ++byte) {
    const int high = digit_value(text[at++]);
    const int low = digit_value(text[at++]);
    if (high < 0 || low < 0) return false;
    uuid[byte] = static_cast<std::uint8_t>(high << 4 | low);
    if (hyphen_follows(byte) && text[at++] != '-') return false;
  }
  return true;
}

}  // namespace

MessageId MessageId::generate(std::int64_t unix_milliseconds) {
  constexpr std::size_t kTimeBytes = 6;
  Uuid uuid;
  for (std::size_t i = 0; i < kTimeBytes; ++i) {
    uuid[i] = static_cast<std::uint8_t>(unix_milliseconds >> (8 * (kTimeBytes - 1 - i)));
  }
  fill_random(std::span(uuid).subspan<kTimeBytes>());
  uuid[6] = static_cast<std::uint8_t>((uuid[6] & 0x0F) | 0x70);  // version 7
  uuid[8] = static_cast<std::uint8_t>((uuid[8] & 0x3F) | 0x80);  // variant of RFC 9562
  return from_uuid(uuid);
}

MessageId MessageId::from_uuid(const Uuid& uuid) {
  MessageId id;
  id.uuid_ = uuid;
  id.generated_ = true;
  return id;
}

MessageId MessageId::chosen(std::string text) {
  MessageId id;
  id.text_ = std::move(text);
  return id;
}

MessageId MessageId::generated_from_text(std::string_view text) {
  Uuid uuid;
  return parse_uuid(text, uuid) ? from_uuid(uuid) : chosen(std::string(text));
}

std::string MessageId::text() const {
  if (!generated_) return text_;
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text(kUuidTextSize, '-');
  std::size_t at = 0;
  for (std::size_t byte = 0; byte < uuid_.size(); ++byte) {
    text[at++] = kDigits[uuid_[byte] >> 4];
    text[at++] = kDigits[uuid_[byte] & 0x0F];
    if (hyphen_follows(byte)) ++at;
  }
  return text;
}

}  // namespace ipcm
