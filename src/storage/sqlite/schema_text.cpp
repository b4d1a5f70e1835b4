// SPDX-License-Identifier: MIT
#include "storage/sqlite/schema_text.hpp"

#include <algorithm>

namespace ipcm::storage::sqlite {
namespace {

bool is_space(char c) noexcept {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

}  // namespace

bool is_of_word(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

std::string without_comments(std::string_view sql) {
  std::string kept;
  kept.reserve(sql.size());
  bool space = false;
  std::size_t at = 0;
  while (at < sql.size()) {
    const std::size_t begin = at;
    if (is_space(sql[at])) {
      space = true;
      ++at;
    } else if (sql.substr(at, 2) == "--") {
      space = true;
      at = std::min(sql.find('\n', at), sql.size());
    } else {
      if (sql[at] == '\'' || sql[at] == '"') {
        at = std::min(sql.find(sql[at], at + 1), sql.size() - 1);  // a doubled quote is two texts side by side
      }
      ++at;
      if (space && !kept.empty() && is_of_word(kept.back()) && is_of_word(sql[begin])) kept += ' ';
      space = false;
      kept.append(sql, begin, at - begin);
    }
  }
  return kept;
}

}  // namespace ipcm::storage::sqlite
