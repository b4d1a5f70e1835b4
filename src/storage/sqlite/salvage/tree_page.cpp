// SPDX-License-Identifier: MIT
#include "storage/sqlite/salvage/tree_page.hpp"

#include <algorithm>

namespace ipcm::storage::sqlite {
namespace {

constexpr std::size_t kFileHeaderBytes = 100;

// SQLite stores nothing larger.
constexpr std::uint64_t kMostPayload = 0x7fffffff;

std::size_t header_bytes(TreePageKind kind) noexcept {
  return is_leaf(kind) ? 8 : 12;
}

// How much of a payload stays in the page: https://www.sqlite.org/fileformat2.html#b_tree_pages, "overflow".
std::size_t local_bytes(TreePageKind kind, std::size_t page_size, std::uint64_t payload) noexcept {
  const std::size_t most = is_of_table(kind) ? page_size - 35 : (page_size - 12) * 64 / 255 - 23;
  if (payload <= most) return static_cast<std::size_t>(payload);
  const std::size_t least = (page_size - 12) * 32 / 255 - 23;
  const std::size_t wanted = least + static_cast<std::size_t>((payload - least) % (page_size - 4));
  return wanted <= most ? wanted : least;
}

}  // namespace

std::optional<std::uint64_t> read_varint(Bytes bytes, std::size_t& at) noexcept {
  std::uint64_t number = 0;
  for (int n = 0; n < 9; ++n) {
    if (at >= bytes.size()) return std::nullopt;
    const std::uint8_t byte = bytes[at++];
    if (n == 8) return number << 8U | byte;
    number = number << 7U | (byte & 0x7fU);
    if (byte < 0x80) return number;
  }
  return number;
}

TreePage::TreePage(Bytes page, TreePageKind kind, std::size_t begin) : page_(page), kind_(kind), begin_(begin) {
  cells_ = big_endian_16(page, begin + 3);
  if (!is_leaf(kind)) last_child_ = big_endian_32(page, begin + 8);
}

std::optional<TreePage> TreePage::read(Bytes page, bool first) {
  const std::size_t begin = first ? kFileHeaderBytes : 0;
  if (page.size() < 512) return std::nullopt;
  const auto kind = static_cast<TreePageKind>(page[begin]);
  switch (kind) {
    case TreePageKind::index_interior:
    case TreePageKind::table_interior:
    case TreePageKind::index_leaf:
    case TreePageKind::table_leaf: break;
    default: return std::nullopt;
  }
  const TreePage read(page, kind, begin);
  if (begin + header_bytes(kind) + 2 * read.cells_ > page.size()) return std::nullopt;
  return read;
}

std::optional<Cell> TreePage::cell(std::size_t index) const {
  const std::size_t pointers = begin_ + header_bytes(kind_);
  std::size_t at = big_endian_16(page_, pointers + 2 * index);
  if (at < pointers + 2 * cells_ || at + 4 > page_.size()) return std::nullopt;
  const std::size_t begin = at;
  Cell cell;
  if (!is_leaf(kind_)) {
    cell.child = big_endian_32(page_, at);
    at += 4;
  }
  if (kind_ != TreePageKind::table_interior) {
    const auto payload = read_varint(page_, at);
    if (!payload || *payload == 0 || *payload > kMostPayload) return std::nullopt;
    cell.payload = *payload;
  }
  if (is_of_table(kind_)) {
    const auto row = read_varint(page_, at);
    if (!row) return std::nullopt;
    cell.row = static_cast<std::int64_t>(*row);
  }
  cell.bytes = at - begin;
  return kind_ == TreePageKind::table_interior ? cell : payload_of(cell, at);
}

bool TreePage::adds_up() const {
  constexpr std::size_t kLeastCell = 4;
  const std::size_t content = big_endian_16(page_, begin_ + 5);
  std::size_t taken = page_[begin_ + 7];  // by fragments that are too small to be listed
  for (std::size_t n = 0; n < cells_; ++n) {
    const auto each = cell(n);
    if (!each) return false;
    taken += std::max(each->bytes, kLeastCell);
  }
  std::size_t before = 0;
  for (std::size_t free = big_endian_16(page_, begin_ + 1); free != 0; free = big_endian_16(page_, free)) {
    if (free <= before || free + 4 > page_.size()) return false;  // the list ascends
    before = free;
    taken += big_endian_16(page_, free + 2);
  }
  return taken + (content == 0 ? 65536 : content) == page_.size();
}

std::optional<Cell> TreePage::payload_of(Cell cell, std::size_t at) const {
  const std::size_t local = local_bytes(kind_, page_.size(), cell.payload);
  const bool overflows = local < cell.payload;
  if (at + local + (overflows ? 4 : 0) > page_.size()) return std::nullopt;
  cell.local = page_.subspan(at, local);
  if (overflows) cell.overflow = big_endian_32(page_, at + local);
  cell.bytes += local + (overflows ? 4 : 0);
  return cell;
}

}  // namespace ipcm::storage::sqlite
