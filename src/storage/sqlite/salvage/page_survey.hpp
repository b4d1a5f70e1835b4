// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/function_ref.hpp"
#include "storage/sqlite/salvage/page_file.hpp"
#include "storage/sqlite/salvage/payloads.hpp"
#include "storage/sqlite/salvage/pointer_map.hpp"
#include "storage/sqlite/salvage/row_decoder.hpp"

namespace ipcm::storage::sqlite {

/// Rowids above `above`, up to `most`.
struct RowRange {
  std::int64_t above = std::numeric_limits<std::int64_t>::min();
  std::int64_t most = std::numeric_limits<std::int64_t>::max();
};

/// A page with rows, and which rows the pages that lead to it say are there.
struct RowPage {
  PageNumber page = 0;
  RowRange rows{};
};

/// Which pages hold the rows of which table. First it follows the trees from their roots, as far as the pointer map
/// agrees; then where it does not. What is in use and was not met by then hangs below a page that cannot be read, and
/// is told by what the pointer map says of its parents, or by its looks. Pages that are free are left alone: they hold
/// messages that were taken.
class PageSurvey {
 public:
  using Progress = FunctionRef<void(std::uint64_t pages)>;

  /// `file` and `map` must live longer.
  PageSurvey(const PageFile& file, PointerMap& map, Progress progress);

  /// In the order of the tree, and then those that were found otherwise.
  const std::vector<RowPage>& pages_of(TableKind table) const { return found_[index_of(table)]; }
  /// What is behind pages that cannot be read.
  const std::vector<RowRange>& unreadable(TableKind table) const { return unreadable_[index_of(table)]; }
  /// How many pages lie where nothing says any more whether they were in use.
  std::uint64_t doubtful_pages() const noexcept { return doubtful_pages_; }
  /// Pages in use that cannot be read and of which nothing says what they held.
  std::uint64_t unknown_pages() const noexcept { return unknown_pages_; }
  /// Whether it can be read, all of it.
  bool has_schema() const noexcept { return has_schema_; }

 private:
  static constexpr std::size_t kTables = 12;
  static std::size_t index_of(TableKind table) noexcept { return static_cast<std::size_t>(table); }

  struct Step {
    PageNumber page;
    PageNumber parent;  // 0: a root
    TableKind table;
    RowRange rows;
  };

  void find_roots();
  void read_schema_page(PageNumber page, std::map<TableKind, PageNumber>& roots, std::set<PageNumber>& indexes);
  void follow(Step root);
  void follow_doubtful();
  void visit(const Step& step, Trust trust, std::vector<Step>& next);
  void visit_interior(const Step& step, const TreePage& page, std::vector<Step>& next);
  bool is_led_to(const Step& step);
  void find_the_others(Progress progress);
  void add_other(PageNumber page, bool known_to_be_used);
  std::optional<TableKind> table_of_parents(PageNumber page);
  TableKind table_by_looks_of(PageNumber number, const TreePage& page);
  void find_free_pages();

  const PageFile& file_;
  PointerMap& map_;
  Payloads peeks_;                    // of its own: what is only looked at is not used up
  std::vector<std::uint8_t> owners_;  // by page: 0, or one above the table
  std::vector<bool> free_;
  bool knows_free_pages_ = false;
  bool has_schema_ = false;
  std::array<std::vector<RowPage>, kTables> found_;
  std::array<std::vector<RowRange>, kTables> unreadable_;
  std::vector<Step> doubtful_;
  std::uint64_t doubtful_pages_ = 0;
  std::uint64_t unknown_pages_ = 0;
  std::vector<std::uint8_t> bytes_;
};

}  // namespace ipcm::storage::sqlite
