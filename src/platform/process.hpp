// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace ipcm::platform {

/// Who a process is, for people to read: whether it lives is never decided by these.
struct ProcessIdentity {
  int pid = 0;
  std::optional<std::int64_t> started;  ///< clock ticks after boot, from /proc/PID/stat; unknown without /proc
  std::string host;
};

ProcessIdentity this_process();
int process_id() noexcept;
/// The user whose rights this process has.
unsigned effective_user() noexcept;

/// 1 running, 0 not, -1 running but not ours to signal. A process that ended and was not yet waited for is running.
int pid_is_running(int pid) noexcept;

}  // namespace ipcm::platform
