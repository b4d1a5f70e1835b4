// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>

#include "transport/letter_codec.hpp"

namespace ipcm::transport {

/// Contents up to this go into the datagram, larger ones into a file. What a sender's socket holds on its way is
/// limited to some 200 KB by default: several must fit.
inline constexpr std::size_t kMostInDatagram = std::size_t{32} << 10;

/// The largest datagram that is a letter.
inline constexpr std::size_t kMostDatagramBytes = kMostInDatagram + kMostHeadBytes;

}  // namespace ipcm::transport
