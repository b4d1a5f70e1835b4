// SPDX-License-Identifier: MIT
#include "storage/sqlite/salvage/payloads.hpp"

#include <algorithm>

namespace ipcm::storage::sqlite {
namespace {

// A chain that fits nobody is read anew for each cell that leads to it. In a file that was damaged by chance there are
// few of those; in one that was made for it as many as there is room for.
constexpr std::uint64_t kInVainPerPage = 16;

}  // namespace

bool Payloads::may_follow(PageNumber page, PageNumber before, bool first, Trust trust) {
  if (page < 2 || page > file_.page_count() || used_[page] || in_vain_ > kInVainPerPage * file_.page_count()) {
    return false;
  }
  if (trust == Trust::lenient) return true;
  const auto entry = map_.entry(page);
  if (!entry) return true;
  const auto use = first ? PointerMap::Use::first_overflow : PointerMap::Use::more_overflow;
  return entry->use == use && entry->parent == before;
}

bool Payloads::read(const Cell& cell, PageNumber page, Trust trust, std::vector<std::uint8_t>& into) {
  into.assign(cell.local.begin(), cell.local.end());
  std::vector<PageNumber> chain;
  PageNumber before = page;
  PageNumber next = cell.overflow;
  while (into.size() < cell.payload) {
    if (!may_follow(next, before, chain.empty(), trust) || !file_.read(next, page_)) break;
    used_[next] = true;
    chain.push_back(next);
    const std::uint64_t left = cell.payload - into.size();
    const auto size = static_cast<std::ptrdiff_t>(std::min<std::uint64_t>(left, page_.size() - 4));
    into.insert(into.end(), page_.begin() + 4, page_.begin() + 4 + size);
    before = next;
    next = big_endian_32(page_, 0);
  }
  const bool whole = into.size() == cell.payload && (chain.empty() || next == 0);
  if (!whole) {
    for (const PageNumber each : chain) used_[each] = false;  // they are somebody else's
    in_vain_ += chain.size();
  }
  return whole;
}

}  // namespace ipcm::storage::sqlite
