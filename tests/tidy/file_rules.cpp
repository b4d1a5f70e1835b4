// SPDX-License-Identifier: MIT
// What each file must have and must not have.
#include <algorithm>
#include <cctype>
#include <regex>

#include "tidy/rules.hpp"

namespace tidy {
namespace {

std::size_t width_of(std::string_view line) {
  return static_cast<std::size_t>(
      std::ranges::count_if(line, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

bool has_word(std::string_view line, std::string_view word) {
  const auto is_letter = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; };
  for (std::size_t at = line.find(word); at != std::string_view::npos; at = line.find(word, at + 1)) {
    const std::size_t end = at + word.size();
    if ((at == 0 || !is_letter(line[at - 1])) && (end == line.size() || !is_letter(line[end]))) return true;
  }
  return false;
}

}  // namespace

Problems missing_licences(const Tree& tree) {
  static const std::regex needs_one(R"((\.(cpp|hpp|h|c|sh|cmake|sql)|/CMakeLists\.txt)$)");
  Problems problems;
  for (const File& file : tree) {
    const auto lines = lines_of(file.text);
    const bool script = !lines.empty() && lines[0].starts_with("#!");
    if (!script && !std::regex_search("/" + file.path, needs_one)) continue;
    const std::size_t at = script ? 1 : 0;
    if (lines.size() <= at || lines[at].find("SPDX-License-Identifier: MIT") == std::string_view::npos) {
      problems.push_back(file.path + " has no SPDX line at its beginning");
    }
  }
  return problems;
}

Problems oversized(const Tree& tree) {
  constexpr std::size_t kMaxLines = 600;
  constexpr std::size_t kMaxWidth = 120;
  Problems problems;
  for (const File& file : tree) {
    if (!file.is_code() && !file.ends_with(".cmake") && !file.ends_with("CMakeLists.txt")) continue;
    const auto lines = lines_of(file.text);
    if (lines.size() > kMaxLines) problems.push_back(file.path + " has " + std::to_string(lines.size()) + " lines");
    for (std::size_t i = 0; i < lines.size(); ++i) {
      if (width_of(lines[i]) > kMaxWidth) problems.push_back(file.path + ":" + std::to_string(i + 1) + " is too wide");
    }
  }
  return problems;
}

Problems loose_ends(const Tree& tree) {
  // Written so that this file does not break its own rule.
  constexpr std::string_view kWords[] = {
      "TO"
      "DO",
      "FIX"
      "ME",
      "XX"
      "X",
      "HA"
      "CK"};
  Problems problems;
  for (const File& file : tree) {
    const auto lines = lines_of(file.text);
    for (std::size_t i = 0; i < lines.size(); ++i) {
      for (const std::string_view word : kWords) {
        if (!has_word(lines[i], word)) continue;
        problems.push_back(file.path + ":" + std::to_string(i + 1) + " says " + std::string(word));
      }
    }
  }
  return problems;
}

Problems left_out(const Tree& tree, const std::set<std::string>& compiled) {
  std::set<std::string> included;
  for (const File& file : tree) {
    for (const Include& include : includes_of(file)) included.insert(include.target);
  }
  Problems problems;
  for (const File& file : tree) {
    if (file.is_below("tests/package/")) continue;  // compiled by the tests there
    if (file.ends_with(".cpp") && !compiled.contains(file.path)) {
      problems.push_back(file.path + " is left out of the build");
    }
    if (!file.ends_with(".hpp") && !file.ends_with(".h")) continue;
    const bool used = std::ranges::any_of(
        included, [&](const std::string& target) { return ("/" + file.path).ends_with("/" + target); });
    if (!used) problems.push_back(file.path + " is included by nothing");
  }
  return problems;
}

Problems missing_proofs(const Tree& tree) {
  const auto guarantees = std::ranges::find(tree, "docs/guarantees.md", &File::path);
  if (guarantees == tree.end()) return {"docs/guarantees.md is missing"};
  static const std::regex in_backticks("`([^`\n]+)`");
  static const std::regex name_of_a_test("[a-z0-9_]*_[a-z0-9_]+");
  Problems problems;
  const std::string* source = nullptr;
  std::string path;
  for (std::sregex_iterator word(guarantees->text.begin(), guarantees->text.end(), in_backticks), end; word != end;
       ++word) {
    const std::string quoted = (*word)[1];
    if (quoted.starts_with("tests/") && quoted.ends_with(".cpp")) {
      const auto file = std::ranges::find(tree, quoted, &File::path);
      source = file == tree.end() ? nullptr : &file->text;
      path = quoted;
      if (source == nullptr) problems.push_back("docs/guarantees.md names " + quoted + ", which is missing");
    } else if (source != nullptr && std::regex_match(quoted, name_of_a_test) && !has_word(*source, quoted)) {
      problems.push_back("docs/guarantees.md names " + quoted + ", which is not in " + path);
    }
  }
  return problems;
}

}  // namespace tidy
