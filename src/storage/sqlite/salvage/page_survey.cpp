// SPDX-License-Identifier: MIT
#include "storage/sqlite/salvage/page_survey.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace ipcm::storage::sqlite {
namespace {

constexpr PageNumber kFirstPage = 1;
// A tree of four billion pages is not as deep.
constexpr int kDeepestTree = 40;
constexpr std::size_t kRowsToLookAt = 8;

// Of a table both names are the same, and no index has that of a table: so one of the three may be damaged.
TableKind table_of_schema_row(std::string_view type, std::string_view name, std::string_view table_name) noexcept {
  if (type == "index") return TableKind::other;
  const TableKind table = table_of(name);
  return table == TableKind::other && type == "table" ? table_of(table_name) : table;
}

}  // namespace

PageSurvey::PageSurvey(const PageFile& file, PointerMap& map, Progress progress)
    : file_(file),
      map_(map),
      peeks_(file, map),
      owners_(file.page_count() + std::size_t{1}),
      free_(file.page_count() + std::size_t{1}) {
  find_free_pages();
  find_roots();
  follow_doubtful();
  find_the_others(progress);
}

void PageSurvey::find_free_pages() {
  if (!file_.first_free_page()) return;
  PageNumber trunk = *file_.first_free_page();
  while (trunk != 0) {
    if (trunk > file_.page_count() || free_[trunk] || !file_.read(trunk, bytes_)) return;
    free_[trunk] = true;
    const std::size_t leaves = big_endian_32(bytes_, 4);
    if (leaves > bytes_.size() / 4 - 2) return;
    for (std::size_t n = 0; n < leaves; ++n) {
      const PageNumber leaf = big_endian_32(bytes_, 8 + 4 * n);
      if (leaf > file_.page_count()) return;
      free_[leaf] = true;
    }
    trunk = big_endian_32(bytes_, 0);
  }
  knows_free_pages_ = true;
}

void PageSurvey::find_roots() {
  follow({kFirstPage, 0, TableKind::other, {}});
  const std::vector<RowPage> schema = found_[index_of(TableKind::other)];
  std::map<TableKind, PageNumber> roots;
  std::set<PageNumber> indexes;
  for (const RowPage& page : schema) read_schema_page(page.page, roots, indexes);
  has_schema_ = unreadable_[index_of(TableKind::other)].empty() && !roots.empty();
  for (const auto& [table, root] : roots) {
    // Where two have one root, it is not known whose it is; what is there will be told by its looks.
    const auto same = std::ranges::count(roots, root, &std::pair<const TableKind, PageNumber>::second);
    if (same > 1 || indexes.contains(root)) continue;
    follow({root, 0, table, {}});
  }
  for (const PageNumber root : indexes) {
    const bool is_of_table_too =
        std::ranges::find(roots, root, &std::pair<const TableKind, PageNumber>::second) != roots.end();
    if (!is_of_table_too) follow({root, 0, TableKind::other, {}});
  }
}

// type, name, tbl_name, rootpage, sql
void PageSurvey::read_schema_page(PageNumber number, std::map<TableKind, PageNumber>& roots,
                                  std::set<PageNumber>& indexes) {
  std::vector<std::uint8_t> bytes;
  std::vector<std::uint8_t> payload;
  if (!file_.read(number, bytes)) return;
  const auto page = TreePage::read(bytes, number == kFirstPage);
  for (std::size_t n = 0; page && n < page->cells(); ++n) {
    const auto cell = page->cell(n);
    if (!cell || !peeks_.read(*cell, number, Trust::lenient, payload)) continue;
    const auto record = read_record(payload);
    if (!record || record->size() != 5 || (*record)[3].type != Value::Type::integer) continue;
    const std::int64_t root = (*record)[3].integer;
    if (root <= kFirstPage || root > std::numeric_limits<PageNumber>::max()) continue;
    const TableKind table = table_of_schema_row((*record)[0].bytes, (*record)[1].bytes, (*record)[2].bytes);
    if (table == TableKind::other) {
      indexes.insert(static_cast<PageNumber>(root));
    } else {
      roots.emplace(table, static_cast<PageNumber>(root));
    }
  }
}

void PageSurvey::follow(Step root) {
  std::vector<Step> open{root};
  while (!open.empty()) {
    const Step step = open.back();
    open.pop_back();
    std::vector<Step> next;
    visit(step, Trust::strict, next);
    open.insert(open.end(), next.rbegin(), next.rend());  // the first one is on top
  }
}

// Where a tree and the map contradict each other, one of them is damaged. By now everything is known that agrees.
void PageSurvey::follow_doubtful() {
  while (!doubtful_.empty()) {
    const std::vector<Step> steps = std::exchange(doubtful_, {});
    for (const Step& step : steps) {
      std::vector<Step> next;
      visit(step, Trust::lenient, next);
      for (const Step& below : next) follow(below);
    }
  }
}

bool PageSurvey::is_led_to(const Step& step) {
  const auto entry = map_.entry(step.page);
  if (!entry || step.page == kFirstPage) return true;
  if (step.parent == 0) return entry->use == PointerMap::Use::root;
  return entry->use == PointerMap::Use::tree && entry->parent == step.parent;
}

void PageSurvey::visit(const Step& step, Trust trust, std::vector<Step>& next) {
  auto& unreadable = unreadable_[index_of(step.table)];
  if (step.page == 0 || step.page > file_.page_count() || owners_[step.page] != 0 || map_.is_map(step.page)) {
    unreadable.push_back(step.rows);
    return;
  }
  if (trust == Trust::strict && !is_led_to(step)) {
    doubtful_.push_back(step);
    return;
  }
  const bool there = file_.read(step.page, bytes_);
  const auto page = there ? TreePage::read(bytes_, step.page == kFirstPage) : std::nullopt;
  const bool fits = page && (step.table == TableKind::other || is_of_table(page->kind()) == has_rowids(step.table));
  if (fits || trust == Trust::strict) owners_[step.page] = static_cast<std::uint8_t>(index_of(step.table) + 1);
  if (!fits) {
    unreadable.push_back(step.rows);
    return;
  }
  if (page->kind() != TreePageKind::table_interior) {
    found_[index_of(step.table)].push_back({step.page, step.rows});  // the rows of an index are in all of its pages
  }
  if (!is_leaf(page->kind())) visit_interior(step, *page, next);
}

void PageSurvey::visit_interior(const Step& step, const TreePage& page, std::vector<Step>& next) {
  RowRange rows = step.rows;
  for (std::size_t n = 0; n < page.cells(); ++n) {
    const auto cell = page.cell(n);
    if (!cell) continue;  // the pages below it are told by the map
    if (page.kind() == TreePageKind::table_interior) rows.most = cell->row;
    next.push_back({cell->child, step.page, step.table, rows});
    if (page.kind() == TreePageKind::table_interior) rows.above = cell->row;
    rows.most = step.rows.most;
  }
  next.push_back({page.last_child(), step.page, step.table, rows});
}

void PageSurvey::find_the_others(Progress progress) {
  for (PageNumber page = kFirstPage + 1; page != 0 && page <= file_.page_count(); ++page) {
    if (page % 256 == 0) progress(page);
    if (file_.is_hole(page) && map_.says_nothing_of(page)) continue;
    if (owners_[page] != 0 || map_.is_map(page)) continue;
    const auto entry = map_.entry(page);
    if (entry ? entry->use == PointerMap::Use::root || entry->use == PointerMap::Use::tree : !free_[page]) {
      add_other(page, entry.has_value());
    }
  }
}

void PageSurvey::add_other(PageNumber number, bool known_to_be_used) {
  std::vector<std::uint8_t> bytes;
  const bool there = file_.read(number, bytes);
  const auto page = there ? TreePage::read(bytes, false) : std::nullopt;
  std::optional<TableKind> table = known_to_be_used ? table_of_parents(number) : std::nullopt;
  if (!page) {
    if (!known_to_be_used) return;  // it may be free, or a part of a large message
    table ? unreadable_[index_of(*table)].push_back({}) : void(++unknown_pages_);
    return;
  }
  if (!table) table = table_by_looks_of(number, *page);
  if (*table == TableKind::other || is_of_table(page->kind()) != has_rowids(*table)) return;
  owners_[number] = static_cast<std::uint8_t>(index_of(*table) + 1);
  if (page->kind() == TreePageKind::table_interior) return;
  if (!known_to_be_used && !knows_free_pages_) ++doubtful_pages_;
  found_[index_of(*table)].push_back({number});
}

// Of the nearest page above it that was met.
std::optional<TableKind> PageSurvey::table_of_parents(PageNumber page) {
  for (int depth = 0; depth < kDeepestTree; ++depth) {
    const auto entry = map_.entry(page);
    if (!entry || entry->use != PointerMap::Use::tree) return std::nullopt;
    page = entry->parent;
    if (owners_[page] != 0) return static_cast<TableKind>(owners_[page] - 1);
  }
  return std::nullopt;
}

TableKind PageSurvey::table_by_looks_of(PageNumber number, const TreePage& page) {
  if (page.kind() == TreePageKind::table_interior) return TableKind::other;
  std::vector<std::uint8_t> payload;
  for (std::size_t n = 0; n < std::min(page.cells(), kRowsToLookAt); ++n) {
    const auto cell = page.cell(n);
    if (!cell || !peeks_.read(*cell, number, Trust::strict, payload)) continue;
    const auto record = read_record(payload);
    if (!record) continue;
    const TableKind table = table_by_looks(is_of_table(page.kind()), cell->row, *record);
    if (table != TableKind::other) return table;
  }
  return TableKind::other;
}

}  // namespace ipcm::storage::sqlite
