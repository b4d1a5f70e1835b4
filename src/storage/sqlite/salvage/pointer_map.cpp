// SPDX-License-Identifier: MIT
#include "storage/sqlite/salvage/pointer_map.hpp"

namespace ipcm::storage::sqlite {
namespace {

constexpr std::size_t kEntryBytes = 5;
constexpr std::uint64_t kPendingByte = 0x40000000;  // the page with this byte is never used

}  // namespace

PageNumber PointerMap::map_page_of(PageNumber page) const noexcept {
  if (page < 2 || !file_.has_pointer_map()) return 0;
  const auto pages_per_map = static_cast<PageNumber>(file_.page_size() / kEntryBytes + 1);
  const PageNumber map = (page - 2) / pages_per_map * pages_per_map + 2;
  const auto pending = static_cast<PageNumber>(kPendingByte / file_.page_size() + 1);
  return map == pending ? map + 1 : map;
}

bool PointerMap::says_nothing_of(PageNumber page) const noexcept {
  const PageNumber map = map_page_of(page);
  return map == 0 || file_.is_hole(map);
}

std::optional<PointerMap::Entry> PointerMap::entry(PageNumber page) {
  const PageNumber map = map_page_of(page);
  if (map == 0 || page <= map) return std::nullopt;
  if (map != cached_) {
    cached_ = file_.read(map, bytes_) ? map : 0;
    if (cached_ == 0) return std::nullopt;
  }
  const std::size_t at = kEntryBytes * (page - map - 1);
  if (at + kEntryBytes > bytes_.size()) return std::nullopt;
  const std::uint8_t use = bytes_[at];
  const PageNumber parent = big_endian_32(bytes_, at + 1);
  if (use < 1 || use > 5) return std::nullopt;
  const Entry entry{static_cast<Use>(use), parent};
  const bool has_parent = entry.use != Use::root && entry.use != Use::free;
  if (has_parent != (parent != 0) || parent > file_.page_count()) return std::nullopt;
  return entry;
}

}  // namespace ipcm::storage::sqlite
