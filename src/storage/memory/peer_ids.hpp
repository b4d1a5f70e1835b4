// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <iterator>
#include <optional>

#include "storage/store.hpp"

namespace ipcm::storage {

/// The id for a new peer: one above the highest that is used or, once that is used up, the lowest that is free.
/// `used` is in ascending order of what `id_of` says of its elements and starts from 1. Nothing: all are used.
template <typename Used, typename IdOf = std::identity>
std::optional<PeerId> free_peer_id(const Used& used, IdOf id_of = {}) {
  if (used.begin() == used.end()) return 1;
  const PeerId highest = std::invoke(id_of, *std::ranges::prev(used.end()));
  if (highest < kHighestPeer) return highest + 1;
  PeerId candidate = 1;
  for (const auto& element : used) {
    if (std::invoke(id_of, element) != candidate) return candidate;
    ++candidate;
  }
  return std::nullopt;
}

}  // namespace ipcm::storage
