// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace tidy {

struct File {
  std::string path;  ///< relative to the top of the tree, e.g. "src/core/error.cpp"
  std::string text;

  bool is_below(std::string_view folder) const { return path.starts_with(folder); }
  bool ends_with(std::string_view suffix) const { return path.ends_with(suffix); }
  /// A C++ source or header.
  bool is_code() const { return ends_with(".cpp") || ends_with(".hpp") || ends_with(".h"); }
};

using Tree = std::vector<File>;

/// Every file of the repository, sorted by path: what stands at its top and in its folders, without what was built.
Tree read_tree(const std::filesystem::path& top);

std::vector<std::string_view> lines_of(std::string_view text);

/// What the file includes, without the brackets or quotes.
struct Include {
  std::string target;
  bool quoted = false;
};
std::vector<Include> includes_of(const File& file);

}  // namespace tidy
