// SPDX-License-Identifier: MIT
// What SQLite's files begin with and are made of: https://www.sqlite.org/fileformat2.html
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace ipcm::storage::sqlite {

inline constexpr std::size_t kDatabaseHeaderBytes = 100;
inline constexpr std::string_view kDatabaseMagic{"SQLite format 3\0", 16};
inline constexpr std::size_t kUserVersionOffset = 60;
inline constexpr std::size_t kApplicationIdOffset = 68;

/// The pages of a route: SQLite's default.
inline constexpr std::int64_t kPageBytes = 4096;

inline constexpr std::size_t kLogHeaderBytes = 32;
inline constexpr std::size_t kFrameHeaderBytes = 24;  // of each page in the log

}  // namespace ipcm::storage::sqlite
