// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <string>

#include "platform/poll.hpp"
#include "platform/range_lock.hpp"

namespace ipcm::transport {

/// The turn to change what a route knows of its peers, for the life of this object: a byte of the route's lock file.
/// Not for two threads over one lock file object at once.
class FolderTurn {
 public:
  /// Throws Error(Busy) when others keep it for longer than `patience`.
  FolderTurn(platform::RangeLockFile& locks, const std::string& route, std::chrono::milliseconds patience);
  ~FolderTurn();
  FolderTurn(const FolderTurn&) = delete;
  FolderTurn& operator=(const FolderTurn&) = delete;

 private:
  platform::RangeLockFile& locks_;
};

}  // namespace ipcm::transport
