// SPDX-License-Identifier: MIT
#include "pass_on.hpp"

#include <limits.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace ipcm::cli {

void PassOn::write() {
  // What polls writable takes PIPE_BUF bytes without blocking.
  const ssize_t count = ::write(descriptor_, pending_.data(), std::min(pending_.size(), std::size_t{PIPE_BUF}));
  if (count >= 0) {
    pending_.erase(0, static_cast<std::size_t>(count));
  } else if (errno != EINTR && errno != EAGAIN) {
    pending_.clear();
  }
}

}  // namespace ipcm::cli
