// SPDX-License-Identifier: MIT
// One line of a dump: an object whose members are plain values, but for one that may be any JSON.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ipcm {

/// Writes one, member by member. Names are plain words.
class JsonLine {
 public:
  explicit JsonLine(std::string_view kind) { text("kind", kind); }

  /// Bytes that are not UTF-8 are written as base64, under the name NAME_base64.
  JsonLine& text(std::string_view name, std::string_view value);
  JsonLine& base64(std::string_view name, std::string_view bytes);
  JsonLine& number(std::string_view name, std::int64_t value);
  /// The shortest text that is read as the same number. Infinity, which JSON cannot say, becomes the greatest number.
  JsonLine& real(std::string_view name, double value);
  JsonLine& flag(std::string_view name, bool value);
  /// A value that is JSON on one line already.
  JsonLine& json(std::string_view name, std::string_view value);

  std::string_view str();

 private:
  void name(std::string_view name);

  std::string line_ = "{";
  bool closed_ = false;
};

/// Reads one that anybody may have written. Every member can be read once; what is missing is nothing. Throws
/// Error(InvalidArgument) for what is not such a line, or not of the type that is asked for. The line must live longer.
class JsonLineReader {
 public:
  explicit JsonLineReader(std::string_view line);

  std::optional<std::string> text(std::string_view name);
  std::optional<std::int64_t> number(std::string_view name);
  std::optional<double> real(std::string_view name);
  bool flag(std::string_view name);
  /// As it stands there, not looked at.
  std::optional<std::string_view> json(std::string_view name);

  // Those that must be there.
  std::string required_text(std::string_view name);
  std::int64_t required_number(std::string_view name);
  double required_real(std::string_view name);

  /// Throws for a member that was not asked for.
  void finish() const;

 private:
  struct Member {
    std::string name;
    std::string_view value;
    bool used = false;
  };

  std::vector<Member> members_;
};

}  // namespace ipcm
