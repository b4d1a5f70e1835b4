// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>

#include "platform/range_lock.hpp"
#include "storage/store.hpp"

namespace ipcm::storage::sqlite {

// Which byte of the lock file means what. Processes of different versions meet on one route, so these never change;
// a new meaning gets a new range.
inline constexpr off_t kWriteLockByte = 0;
inline constexpr off_t kPresenceBase = off_t{1} << 32;  ///< + peer id
inline constexpr off_t kMailSleepBase = off_t{2} << 32;  ///< + peer id; see notify/socket_notifier.hpp

/// The turn to write: held around every write transaction and around creating and removing the route, so that writers
/// queue here instead of failing on SQLite's own lock, which stays underneath for those who do not know this one.
class WriteTurn {
 public:
  /// Waits for the turn. Throws Error(Busy) when `patience` runs out.
  WriteTurn(platform::RangeLockFile& locks, std::chrono::milliseconds patience);
  ~WriteTurn() { locks_.unlock(kWriteLockByte); }
  WriteTurn(const WriteTurn&) = delete;
  WriteTurn& operator=(const WriteTurn&) = delete;

 private:
  platform::RangeLockFile& locks_;
};

}  // namespace ipcm::storage::sqlite
