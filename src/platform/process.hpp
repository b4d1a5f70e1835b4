// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "platform/unique_fd.hpp"

namespace ipcm::platform {

/// Who a process is, for people to read: whether it lives is never decided by these.
struct ProcessIdentity {
  int pid = 0;
  std::optional<std::int64_t> started;  ///< clock ticks after boot, from /proc/PID/stat; unknown without /proc
  std::string host;
};

ProcessIdentity this_process();

/// A descriptor that is readable once that process has ended (pidfd_open(2)). None where the system has no such thing,
/// or where no process of that number that began then is seen from here.
UniqueFd process_end(int pid, std::optional<std::int64_t> started);
int process_id() noexcept;
/// Names the run of the kernel: another one after each start of the machine. Empty where the system does not tell.
std::string boot_id();
/// The user whose rights this process has.
unsigned effective_user() noexcept;

/// 1 running, 0 not, -1 running but not ours to signal. A process that ended and was not yet waited for is running.
int pid_is_running(int pid) noexcept;

}  // namespace ipcm::platform
