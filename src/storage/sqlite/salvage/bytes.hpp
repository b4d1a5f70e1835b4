// SPDX-License-Identifier: MIT
// Numbers in a database file, the highest byte first. Nothing here checks that they are there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace ipcm::storage::sqlite {

using PageNumber = std::uint32_t;
using Bytes = std::span<const std::uint8_t>;

inline std::uint32_t big_endian_16(Bytes bytes, std::size_t at) noexcept {
  return std::uint32_t{bytes[at]} << 8U | bytes[at + 1];
}

inline std::uint32_t big_endian_32(Bytes bytes, std::size_t at) noexcept {
  return big_endian_16(bytes, at) << 16U | big_endian_16(bytes, at + 2);
}

}  // namespace ipcm::storage::sqlite
