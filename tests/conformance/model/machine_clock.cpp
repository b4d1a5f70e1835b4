// SPDX-License-Identifier: MIT
#include "conformance/model/machine_clock.hpp"

#include <dlfcn.h>
#include <time.h>

#include <atomic>

namespace {

std::atomic<long> advanced_seconds{0};

using ClockGettime = int (*)(clockid_t, timespec*);

ClockGettime systems_own() {
  static const auto function = reinterpret_cast<ClockGettime>(dlsym(RTLD_NEXT, "clock_gettime"));
  return function;
}

}  // namespace

// In the place of the system's function, for the library and all that is in this program.
extern "C" int clock_gettime(clockid_t clock, timespec* time) noexcept {
  const int result = systems_own()(clock, time);
  if (result != 0) return result;
  if (clock == CLOCK_MONOTONIC) time->tv_sec += advanced_seconds;
  return result;
}

namespace test {

MachineClock::MachineClock() = default;

MachineClock::~MachineClock() {
  advanced_seconds = 0;
}

void MachineClock::advance_uptime(std::chrono::seconds by) {
  advanced_seconds += by.count();
}

}  // namespace test
