// SPDX-License-Identifier: MIT
#pragma once

namespace ipcm::platform {

/// Seconds since the machine's start in which it was awake (CLOCK_MONOTONIC, as std::chrono::steady_clock): the same
/// for all processes of the machine, and not changed when the clock is set. While the machine is suspended no lease
/// ends: a worker that renews its leases by a timer finds them whole when it goes on.
double uptime() noexcept;

}  // namespace ipcm::platform
