// SPDX-License-Identifier: MIT
// One page of a b-tree, which is not believed: https://www.sqlite.org/fileformat2.html#b_tree_pages
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "storage/sqlite/salvage/bytes.hpp"

namespace ipcm::storage::sqlite {

enum class TreePageKind : std::uint8_t { index_interior = 2, table_interior = 5, index_leaf = 10, table_leaf = 13 };

constexpr bool is_leaf(TreePageKind kind) noexcept {
  return kind == TreePageKind::index_leaf || kind == TreePageKind::table_leaf;
}
constexpr bool is_of_table(TreePageKind kind) noexcept {
  return kind == TreePageKind::table_leaf || kind == TreePageKind::table_interior;
}

/// What a cell says. Its payload begins in the page and goes on in a chain of overflow pages.
struct Cell {
  PageNumber child = 0;       ///< of an interior page
  std::int64_t row = 0;       ///< of a table: the rowid
  std::uint64_t payload = 0;  ///< its size; 0: it has none
  Bytes local{};              ///< what of it is in the page
  std::size_t bytes = 0;      ///< of the page that the cell takes
  PageNumber overflow = 0;    ///< the first page of the rest; 0: there is none
};

/// The cells of one page. Views of the page's bytes, which must live longer.
class TreePage {
 public:
  /// Nothing where these bytes are no page of a b-tree. `first`: it is the first page of the file.
  static std::optional<TreePage> read(Bytes page, bool first);

  TreePageKind kind() const noexcept { return kind_; }
  std::size_t cells() const noexcept { return cells_; }
  /// Nothing where there cannot be such a cell.
  std::optional<Cell> cell(std::size_t index) const;
  /// Whether what its cells take and what it says is free make up the page: if not, rows may be missing without a
  /// trace.
  bool adds_up() const;
  /// Of an interior page: the child with the highest keys.
  PageNumber last_child() const noexcept { return last_child_; }

 private:
  TreePage(Bytes page, TreePageKind kind, std::size_t begin);

  std::optional<Cell> payload_of(Cell cell, std::size_t at) const;

  Bytes page_;
  TreePageKind kind_;
  std::size_t begin_;  // of the page's header
  std::size_t cells_ = 0;
  PageNumber last_child_ = 0;
};

/// A number of one to nine bytes at `at`, which moves behind it. Nothing where the bytes end before.
std::optional<std::uint64_t> read_varint(Bytes bytes, std::size_t& at) noexcept;

}  // namespace ipcm::storage::sqlite
