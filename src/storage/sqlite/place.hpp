// SPDX-License-Identifier: MIT
// How a place is made of a peer id, a band and a number: stored in every route, see docs/file-format.md.
#pragma once

#include <cstdint>

#include "storage/store.hpp"

namespace ipcm::storage::sqlite {

inline constexpr int kPeerShift = 43;
inline constexpr int kBandShift = 40;
// Three bits between the two for the priority: lower ones are taken first.
constexpr std::int64_t band_of(int priority) noexcept {
  return kHighestPriority - priority;
}

/// Numbers begin above this, which leaves room in front for messages that are put back without a known place.
inline constexpr std::int64_t kFirstNumber = std::int64_t{1} << 32;
inline constexpr std::int64_t kHighestNumber = (std::int64_t{1} << kBandShift) - 1;

struct PlaceRange {
  Place first;
  Place last;
};

constexpr PlaceRange inbox_range(PeerId peer) noexcept {
  return {peer << kPeerShift, ((peer + 1) << kPeerShift) - 1};
}
/// The part of it in which messages of ordinary priority lie.
constexpr PlaceRange ordinary_range(PeerId peer) noexcept {
  const Place first = (peer << kPeerShift) + (band_of(kOrdinaryPriority) << kBandShift);
  return {first, first + kHighestNumber};
}
constexpr Place place_of(PeerId peer, int priority, std::int64_t number) noexcept {
  return (peer << kPeerShift) + (band_of(priority) << kBandShift) + number;
}
constexpr PeerId inbox_of(Place place) noexcept {
  return place >> kPeerShift;
}
constexpr int priority_of(Place place) noexcept {
  return kHighestPriority - static_cast<int>(place >> kBandShift & kHighestPriority);
}
constexpr std::int64_t number_of(Place place) noexcept {
  return arrival_of(place);
}

}  // namespace ipcm::storage::sqlite
