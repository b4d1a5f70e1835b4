// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string_view>

namespace ipcm {

/// Finds where the values of a JSON text begin and end, without a check of what is in them.
class JsonScanner {
 public:
  /// The text must live longer.
  explicit JsonScanner(std::string_view text) : text_(text) {}

  bool at_end() {
    skip_space();
    return at_ == text_.size();
  }

  /// Skips the character that comes next if it is `wanted`; returns whether it was.
  bool take(char wanted) {
    skip_space();
    if (at_ == text_.size() || text_[at_] != wanted) return false;
    ++at_;
    return true;
  }

  /// Skips a value and returns its text; returns nullopt if the text ends before the value does.
  std::optional<std::string_view> value() {
    skip_space();
    const std::size_t begin = at_;
    if (at_ == text_.size()) return std::nullopt;
    bool whole = true;
    if (text_[at_] == '"') {
      whole = skip_string();
    } else if (text_[at_] == '{' || text_[at_] == '[') {
      whole = skip_nested();
    } else {
      at_ = std::min(text_.find_first_of(",}] \t\r\n", at_), text_.size());
    }
    return whole ? std::optional(text_.substr(begin, at_ - begin)) : std::nullopt;
  }

 private:
  void skip_space() { at_ = std::min(text_.find_first_not_of(" \t\r\n", at_), text_.size()); }

  bool skip_string() {
    for (++at_; at_ < text_.size() && text_[at_] != '"'; ++at_) {
      if (text_[at_] == '\\') ++at_;
    }
    if (at_ >= text_.size()) return false;
    ++at_;
    return true;
  }

  bool skip_nested() {
    std::size_t depth = 0;
    do {
      at_ = text_.find_first_of("\"{}[]", at_);
      if (at_ == std::string_view::npos) return false;
      if (text_[at_] == '"') {
        if (!skip_string()) return false;
        continue;
      }
      depth += text_[at_] == '{' || text_[at_] == '[' ? 1 : -1;
      ++at_;
    } while (depth > 0);
    return true;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace ipcm
