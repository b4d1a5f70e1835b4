// SPDX-License-Identifier: MIT
#include "transport/folder_turn.hpp"

#include <algorithm>

#include <ipcm/error.hpp>

namespace ipcm::transport {
namespace {

// The meaning of the bytes of the lock file is the same for every version: this one, and that of each peer, which is
// its id. Ids begin at 1.
constexpr off_t kTurn = 0;

constexpr std::chrono::milliseconds kLongestTurnNap{5};

}  // namespace

FolderTurn::FolderTurn(platform::RangeLockFile& locks, const std::string& route, std::chrono::milliseconds patience)
    : locks_(locks) {
  const auto deadline = platform::deadline_after(std::max(patience, std::chrono::milliseconds::zero()));
  std::chrono::microseconds nap{50};
  while (!locks_.try_lock(kTurn)) {
    const auto now = std::chrono::steady_clock::now();
    if (now >= deadline) {
      throw Error(ErrorCode::Busy, "others kept the list of peers of " + route + " locked for " +
                                       std::to_string(patience.count()) + " ms. Nothing was changed.");
    }
    platform::wait_readable(-1, std::min(deadline, now + nap));
    nap = std::min<std::chrono::microseconds>(nap * 2, kLongestTurnNap);
  }
}

FolderTurn::~FolderTurn() {
  locks_.unlock(kTurn);
}

}  // namespace ipcm::transport
