// SPDX-License-Identifier: MIT
#include "platform/uptime.hpp"

#include <ctime>

namespace ipcm::platform {

double uptime() noexcept {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

}  // namespace ipcm::platform
