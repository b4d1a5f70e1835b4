// SPDX-License-Identifier: MIT
#pragma once

#include <iterator>
#include <optional>

#include "storage/store.hpp"

namespace ipcm::storage {

inline constexpr PeerId kHighestPeerId = (PeerId{1} << 20) - 1;  // what fits into a place

/// The id for a new peer: one above the highest that is used or, once that is used up, the lowest that is free.
/// `used` is in ascending order and starts from 1. Nothing: all are used.
template <typename Ids>
std::optional<PeerId> free_peer_id(const Ids& used) {
  if (used.begin() == used.end()) return 1;
  const PeerId highest = *std::ranges::prev(used.end());
  if (highest < kHighestPeerId) return highest + 1;
  PeerId candidate = 1;
  for (const PeerId id : used) {
    if (id != candidate) return candidate;
    ++candidate;
  }
  return std::nullopt;
}

}  // namespace ipcm::storage
