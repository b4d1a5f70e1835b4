// SPDX-License-Identifier: MIT
#include "conformance/model/machine_clock.hpp"

#include <dlfcn.h>
#include <time.h>

#include <atomic>

namespace {

constexpr long kSecond = 1'000'000'000;  // nanoseconds

std::atomic<bool> uptime_stands_still{false};
std::atomic<long> uptime_nanoseconds{0};
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
  if (clock == CLOCK_BOOTTIME && uptime_stands_still) {
    time->tv_sec = uptime_nanoseconds / kSecond;
    time->tv_nsec = uptime_nanoseconds % kSecond;
  }
  if (clock == CLOCK_MONOTONIC) {
    const long nanoseconds = time->tv_nsec + monotonic_milliseconds % 1000 * 1'000'000;
    time->tv_sec += monotonic_milliseconds / 1000 + nanoseconds / kSecond;
    time->tv_nsec = nanoseconds % kSecond;
  }
  return result;
}

namespace test {

MachineClock::MachineClock() {
  timespec now{};
  systems_own()(CLOCK_BOOTTIME, &now);
  uptime_nanoseconds = now.tv_sec * kSecond + now.tv_nsec;
  uptime_stands_still = true;
}

MachineClock::~MachineClock() {
  uptime_stands_still = false;
  monotonic_milliseconds = 0;
}

void MachineClock::advance_uptime(std::chrono::seconds by) {
  uptime_nanoseconds += by.count() * kSecond;
  monotonic_milliseconds += 100;
}

}  // namespace test
