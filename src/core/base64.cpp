// SPDX-License-Identifier: MIT
#include "core/base64.hpp"

#include <array>
#include <cstdint>

namespace ipcm {
namespace {

constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t kNoDigit = 0xFF;

constexpr std::array<std::uint8_t, 256> values_of_digits() {
  std::array<std::uint8_t, 256> values{};
  values.fill(kNoDigit);
  for (std::size_t value = 0; value < kDigits.size(); ++value) {
    values[static_cast<unsigned char>(kDigits[value])] = static_cast<std::uint8_t>(value);
  }
  return values;
}
constexpr std::array<std::uint8_t, 256> kValues = values_of_digits();

}  // namespace

std::string base64_of(std::string_view bytes) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const std::string_view group = bytes.substr(at, 3);
    std::uint32_t bits = 0;
    for (std::size_t n = 0; n < 3; ++n) {
      bits = bits << 8U | (n < group.size() ? static_cast<unsigned char>(group[n]) : 0U);
    }
    for (std::size_t n = 0; n < 4; ++n) text += n <= group.size() ? kDigits[bits >> (18 - 6 * n) & 63U] : '=';
  }
  return text;
}

std::optional<std::string> from_base64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  std::string bytes;
  bytes.reserve(text.size() / 4 * 3);
  for (std::size_t at = 0; at < text.size(); at += 4) {
    std::string_view group = text.substr(at, 4);
    if (at + 4 == text.size()) {
      while (group.size() > 2 && group.ends_with('=')) group.remove_suffix(1);
    }
    std::uint32_t bits = 0;
    for (std::size_t n = 0; n < 4; ++n) {
      const std::uint8_t value = n < group.size() ? kValues[static_cast<unsigned char>(group[n])] : 0;
      if (value == kNoDigit) return std::nullopt;
      bits = bits << 6U | value;
    }
    for (std::size_t n = 0; n + 1 < group.size(); ++n) bytes += static_cast<char>(bits >> (16 - 8 * n) & 0xFFU);
    // What is beyond the last byte is zero, so that each value has one text.
    const std::size_t kept_bits = 8 * (group.size() - 1);
    if (group.size() < 4 && (bits & ((1U << (24 - kept_bits)) - 1U)) != 0) return std::nullopt;
  }
  return bytes;
}

}  // namespace ipcm
