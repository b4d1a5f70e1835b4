// SPDX-License-Identifier: MIT
#include "storage/sqlite/locks.hpp"

#include <algorithm>
#include <thread>

#include <ipcm/error.hpp>

namespace ipcm::storage::sqlite {

WriteTurn::WriteTurn(platform::RangeLockFile& locks, std::chrono::milliseconds patience) : locks_(locks) {
  if (locks_.try_lock(kWriteLockByte)) return;
  const auto deadline = std::chrono::steady_clock::now() + patience;
  std::chrono::microseconds pause{20};
  while (!locks_.try_lock(kWriteLockByte)) {
    if (std::chrono::steady_clock::now() >= deadline) {
      throw Error(ErrorCode::Busy, "another process has been writing to the route for " +
                                       std::to_string(patience.count()) + " ms (its lock is on " + locks_.path() +
                                       "); it may be stopped. Nothing was stored; try again.");
    }
    std::this_thread::sleep_for(pause);
    pause = std::min(pause * 2, std::chrono::microseconds{500});
  }
}

}  // namespace ipcm::storage::sqlite
