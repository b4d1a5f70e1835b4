// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>

namespace test {

/// The machine's clocks as this process is told them, until the end of the scope: its uptime stands still until it is
/// advanced, so that a lease ends when the test says so, however slow the machine is.
class MachineClock {
 public:
  MachineClock();
  ~MachineClock();
  MachineClock(const MachineClock&) = delete;
  MachineClock& operator=(const MachineClock&) = delete;

  /// From now on the machine has been running for so much longer: CLOCK_BOOTTIME, by which leases end. The monotonic
  /// clock goes on by a moment, so that whoever looks now and then looks now.
  void advance_uptime(std::chrono::seconds by);
};

}  // namespace test
