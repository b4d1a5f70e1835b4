// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>

namespace test {

/// The machine's monotonic clock, by which leases end, as this process reads it until the end of the scope. It goes on
/// by itself, too: leases and advances of a test differ by more seconds than the test takes.
class MachineClock {
 public:
  MachineClock();
  ~MachineClock();
  MachineClock(const MachineClock&) = delete;
  MachineClock& operator=(const MachineClock&) = delete;

  /// From now on the machine has been running for so much longer.
  void advance_uptime(std::chrono::seconds by);
};

}  // namespace test
