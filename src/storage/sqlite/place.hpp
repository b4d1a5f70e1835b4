// SPDX-License-Identifier: MIT
// How a place is made of a peer id, a band and a number: stored in every route, see docs/file-format.md.
#pragma once

#include <cstdint>

#include "storage/store.hpp"

namespace ipcm::storage::sqlite {

inline constexpr int kPeerShift = 43;
inline constexpr int kBandShift = 40;
inline constexpr std::int64_t kOrdinaryBand = 3;  ///< three bits for priorities: lower bands are taken first

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
constexpr Place place_of(PeerId peer, std::int64_t number) noexcept {
  return (peer << kPeerShift) + (kOrdinaryBand << kBandShift) + number;
}
constexpr PeerId inbox_of(Place place) noexcept {
  return place >> kPeerShift;
}
/// May be out of range for a place that is not of this inbox.
constexpr std::int64_t number_of(PeerId peer, Place place) noexcept {
  return place - place_of(peer, 0);
}

}  // namespace ipcm::storage::sqlite
