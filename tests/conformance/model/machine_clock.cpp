// SPDX-License-Identifier: MIT
#include "conformance/model/machine_clock.hpp"

#include <dlfcn.h>
#include <time.h>

#include <atomic>

namespace {

std::atomic<long> boot_seconds{0};
std::atomic<long> monotonic_milliseconds{0};

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
  if (clock == CLOCK_BOOTTIME) time->tv_sec += boot_seconds;
  if (clock == CLOCK_MONOTONIC) {
    const long nanoseconds = time->tv_nsec + monotonic_milliseconds % 1000 * 1'000'000;
    time->tv_sec += monotonic_milliseconds / 1000 + nanoseconds / 1'000'000'000;
    time->tv_nsec = nanoseconds % 1'000'000'000;
  }
  return result;
}

namespace test {

MachineClock::~MachineClock() {
  boot_seconds = 0;
  monotonic_milliseconds = 0;
}

void MachineClock::advance_uptime(std::chrono::seconds by) {
  boot_seconds += by.count();
  monotonic_milliseconds += 100;
}

}  // namespace test
