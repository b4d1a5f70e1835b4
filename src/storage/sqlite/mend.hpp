// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <SQLiteCpp/Database.h>

#include "storage/store.hpp"

namespace ipcm::storage::sqlite {

/// The sender in the books of what was lost.
inline constexpr const char* kLostSender = "_lost";

struct Mended {
  std::vector<std::string> problems;  ///< what was mended, one sentence each; empty: everything added up
  /// Numbers that an inbox gave out and that are neither in it nor known to have left: now they are counted as dead.
  std::map<PeerId, std::uint64_t> lost;
};

/// Makes a route of which parts are missing add up: the books balance, and nothing waits for what is not there. The
/// route is one that is being made; every row in it keeps the rules of its own. Throws SQLite::Exception.
Mended mend(SQLite::Database& route);

/// Where keys were lost: every message has the key that it says. Throws SQLite::Exception.
void hold_dedup_keys(SQLite::Database& route);

}  // namespace ipcm::storage::sqlite
