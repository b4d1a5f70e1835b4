// SPDX-License-Identifier: MIT
#include "tidy/source_tree.hpp"

#include <algorithm>
#include <regex>

#include "support/temporary_folder.hpp"

namespace tidy {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kFolders[] = {".ci",        "benchmarks", "cmake",   "docs", "examples", "include",
                                         "migrations", "schema",     "scripts", "src",  "tests"};

void read_into(Tree& tree, const fs::path& top, const fs::path& path) {
  tree.push_back({path.lexically_relative(top).string(), test::read_file(path.string())});
}

}  // namespace

Tree read_tree(const fs::path& top) {
  Tree tree;
  for (const auto& entry : fs::directory_iterator(top)) {
    if (entry.is_regular_file()) read_into(tree, top, entry.path());
  }
  for (const std::string_view folder : kFolders) {
    if (!fs::exists(top / folder)) continue;
    for (const auto& entry : fs::recursive_directory_iterator(top / folder)) {
      if (entry.is_regular_file()) read_into(tree, top, entry.path());
    }
  }
  std::ranges::sort(tree, {}, &File::path);
  return tree;
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return lines;
}

std::vector<Include> includes_of(const File& file) {
  static const std::regex directive(R"(^\s*#\s*include\s*([<"])([^>"]+)[>"])");
  std::vector<Include> includes;
  for (const std::string_view line : lines_of(file.text)) {
    if (line.find("include") == std::string_view::npos) continue;  // most lines: matching is slow
    std::match_results<std::string_view::const_iterator> match;
    if (!std::regex_search(line.begin(), line.end(), match, directive)) continue;
    includes.push_back({match[2].str(), match[1].str() == "\""});
  }
  return includes;
}

}  // namespace tidy
