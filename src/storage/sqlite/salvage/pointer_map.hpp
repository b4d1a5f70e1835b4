// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "storage/sqlite/salvage/page_file.hpp"

namespace ipcm::storage::sqlite {

/// What the file says of each of its pages beside the b-trees themselves: what it is, and which page leads to it. It is
/// there because routes are made with auto-vacuum; it is not believed where it contradicts a tree that can be read.
/// https://www.sqlite.org/fileformat2.html#pointer_map_or_ptrmap_pages
class PointerMap {
 public:
  enum class Use : std::uint8_t { root = 1, free = 2, first_overflow = 3, more_overflow = 4, tree = 5 };
  struct Entry {
    Use use;
    PageNumber parent;
  };

  /// `file` must live longer.
  explicit PointerMap(const PageFile& file) : file_(file) {}

  /// Nothing where there is none that makes sense.
  std::optional<Entry> entry(PageNumber page);
  /// Whether there is no map that could have an entry of the page, or only a hole of the file in its place.
  bool says_nothing_of(PageNumber page) const noexcept;
  /// Whether the page is a part of the map itself.
  bool is_map(PageNumber page) const noexcept { return page != 0 && map_page_of(page) == page; }

 private:
  PageNumber map_page_of(PageNumber page) const noexcept;

  const PageFile& file_;
  PageNumber cached_ = 0;
  std::vector<std::uint8_t> bytes_;
};

}  // namespace ipcm::storage::sqlite
