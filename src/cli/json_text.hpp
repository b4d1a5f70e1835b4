// SPDX-License-Identifier: MIT
// JSON for other programs: one object a line, members in the order of the documentation, numbers that every reader gets
// right.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace ipcm::cli {

/// The greatest integer up to which JavaScript, jq and others read every integer exactly. Beyond it they are written as
/// strings.
inline constexpr std::uint64_t kExactIntegers = std::uint64_t{1} << 53U;

/// The text as a JSON string with its quotes. Bytes that are not UTF-8 become U+FFFD.
std::string json_string(std::string_view text);

/// The number as JSON: a string beyond kExactIntegers.
std::string count_json(std::uint64_t number);

/// One JSON object, written member by member. Names are plain words.
class JsonObject {
 public:
  JsonObject& text(std::string_view name, std::string_view value);
  JsonObject& count(std::string_view name, std::uint64_t value);
  JsonObject& number(std::string_view name, double value);
  JsonObject& flag(std::string_view name, bool value);
  JsonObject& null(std::string_view name) { return json(name, "null"); }
  /// A value that is JSON already.
  JsonObject& json(std::string_view name, std::string_view value);

  std::string str() const { return members_ + "}"; }

 private:
  std::string members_ = "{";
};

struct CompactJson {
  std::string text;
  bool quoted_numbers = false;  // an integer beyond 2^53 was written as a string
};

enum class BigIntegers { keep, quote };

enum class Space { drop, keep_blanks };

/// Valid JSON on one line: without space between its tokens, or with the blanks of it, and with \u escapes for what
/// printable() would escape. Members keep their order and numbers their digits.
CompactJson compact_json(std::string_view json, BigIntegers big_integers, Space space = Space::drop);

}  // namespace ipcm::cli
