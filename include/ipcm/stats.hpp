// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace ipcm {

/// Message counts of one peer. On a store they are true at every moment: for each pair, sent = read + what is dead,
/// what has expired and what is held.
struct Stats {
  std::map<std::string, std::uint64_t> read;  ///< by sender
  std::map<std::string, std::uint64_t> sent;  ///< by recipient

  friend bool operator==(const Stats&, const Stats&) = default;
};

}  // namespace ipcm
