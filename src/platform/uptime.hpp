// SPDX-License-Identifier: MIT
#pragma once

namespace ipcm::platform {

/// Seconds since the machine's start, time in suspension included (CLOCK_BOOTTIME): the same for all processes of the
/// machine, and moved by nobody who sets the clock.
double uptime() noexcept;

}  // namespace ipcm::platform
