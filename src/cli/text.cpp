// SPDX-License-Identifier: MIT
#include "text.hpp"

#include <locale.h>
#include <wchar.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <ctime>

namespace ipcm::cli {
namespace {

struct Character {
  char32_t code = 0;
  std::size_t length = 0;  // 0: not UTF-8
};

std::size_t sequence_length(unsigned char lead) noexcept {
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead < 0xE0) return 2;
  if (lead >= 0xE0 && lead < 0xF0) return 3;
  if (lead >= 0xF0 && lead < 0xF5) return 4;
  return 0;
}

Character first_character(std::string_view text) noexcept {
  const auto lead = static_cast<unsigned char>(text.front());
  const std::size_t length = sequence_length(lead);
  if (length <= 1) return {lead, length};
  if (text.size() < length) return {};
  char32_t code = lead & (0xFFU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if ((byte & 0xC0U) != 0x80U) return {};
    code = (code << 6U) | (byte & 0x3FU);
  }
  constexpr std::array<char32_t, 5> kLowest = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = code >= 0xD800 && code < 0xE000;
  if (code < kLowest[length] || code > 0x10FFFF || surrogate) return {};
  return {code, length};
}

bool steers(char32_t code) noexcept {
  const bool control = code < 0x20 || (code >= 0x7F && code < 0xA0);
  const bool line_break = code == 0x2028 || code == 0x2029;
  const bool direction = code == 0x061C || code == 0x200E || code == 0x200F || (code >= 0x202A && code <= 0x202E) ||
                         (code >= 0x2066 && code <= 0x2069);
  return control || line_break || direction;
}

void append_escaped(std::string& out, Character character, char byte) {
  std::array<char, 16> buffer{};
  if (character.length == 0) {
    std::snprintf(buffer.data(), buffer.size(), "\\x%02x", static_cast<unsigned>(static_cast<unsigned char>(byte)));
  } else if (character.code == '\n') {
    std::snprintf(buffer.data(), buffer.size(), "\\n");
  } else if (character.code < 0x80) {
    std::snprintf(buffer.data(), buffer.size(), "\\x%02x", static_cast<unsigned>(character.code));
  } else {
    std::snprintf(buffer.data(), buffer.size(), "\\u%04x", static_cast<unsigned>(character.code));
  }
  out += buffer.data();
}

int columns(char32_t code) {
  static const locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
  if (utf8 == nullptr) return 1;
  const locale_t previous = uselocale(utf8);
  const int width = wcwidth(static_cast<wchar_t>(code));
  uselocale(previous);
  return std::max(width, 0);
}

}  // namespace

std::size_t unsafe_length(std::string_view text) noexcept {
  const Character character = first_character(text);
  if (character.length == 0) return 1;
  return steers(character.code) ? character.length : 0;
}

std::size_t character_bytes(std::string_view text) noexcept {
  return first_character(text).length;
}

std::string printable(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const Character character = first_character(text);
    const std::size_t length = std::max<std::size_t>(character.length, 1);
    if (character.length == 0 || steers(character.code)) {
      append_escaped(out, character, text.front());
    } else {
      out += text.substr(0, length);
    }
    text.remove_prefix(length);
  }
  return out;
}

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  while (!text.empty()) {
    const Character character = first_character(text);
    width += character.length == 0 ? 1 : static_cast<std::size_t>(columns(character.code));
    text.remove_prefix(std::max<std::size_t>(character.length, 1));
  }
  return width;
}

std::string cut_to_width(std::string_view text, std::size_t columns) {
  std::size_t width = 0;
  std::size_t bytes = 0;  // that leave room for the "…"
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = std::max<std::size_t>(first_character(text.substr(at)).length, 1);
    width += display_width(text.substr(at, length));
    if (width > columns) return columns == 0 ? "" : std::string(text.substr(0, bytes)) + "…";
    at += length;
    if (width < columns) bytes = at;
  }
  return std::string(text);
}

std::string iso_time(double seconds) {
  std::array<char, 64> buffer{};
  constexpr double kYear10000 = 253'402'300'800.0;
  if (!(seconds >= 0 && seconds < kYear10000 - 1)) {
    std::snprintf(buffer.data(), buffer.size(), "%g", seconds);
    return buffer.data();
  }
  const auto milliseconds = static_cast<std::int64_t>(std::llround(seconds * 1000));
  const auto whole = static_cast<std::time_t>(milliseconds / 1000);
  std::tm parts{};
  gmtime_r(&whole, &parts);
  const std::size_t length = std::strftime(buffer.data(), buffer.size(), "%Y-%m-%dT%H:%M:%S", &parts);
  std::snprintf(buffer.data() + length, buffer.size() - length, ".%03dZ", static_cast<int>(milliseconds % 1000));
  return buffer.data();
}

std::string with_thousands(std::uint64_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t at = digits.size(); at > 3;) digits.insert(at -= 3, 1, ',');
  return digits;
}

std::string counted(std::uint64_t number, const std::string& noun) {
  return with_thousands(number) + " " + noun + (number == 1 ? "" : "s");
}

std::string readable_size(std::uint64_t bytes) {
  constexpr std::array<const char*, 5> kUnits = {"B", "KiB", "MiB", "GiB", "TiB"};
  auto value = static_cast<double>(bytes);
  std::size_t unit = 0;
  while (value >= 1024 && unit + 1 < kUnits.size()) {
    value /= 1024;
    ++unit;
  }
  std::array<char, 32> buffer{};
  const int decimals = unit == 0 || value == std::floor(value) ? 0 : 1;
  std::snprintf(buffer.data(), buffer.size(), "%.*f %s", decimals, value, kUnits[unit]);
  return buffer.data();
}

std::string shell_quoted(const std::string& word) {
  constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:@%+=,";
  if (!word.empty() && word.find_first_not_of(kPlain) == std::string::npos) return word;
  std::string quoted = "'";
  for (const char c : word) {
    if (c == '\'') {
      quoted += "'\\''";
    } else {
      quoted += c;
    }
  }
  return quoted + "'";
}

}  // namespace ipcm::cli
