// SPDX-License-Identifier: MIT
// Times as they are stored: seconds since 1970-01-01T00:00:00Z, a double.
#pragma once

#include <algorithm>
#include <chrono>

namespace ipcm {

inline double seconds_since_1970(std::chrono::system_clock::time_point time) noexcept {
  return std::chrono::duration<double>(time.time_since_epoch()).count();
}

/// `time` later than `now`, which is not negative, or the end of time where that would be later.
inline std::chrono::system_clock::time_point time_after(std::chrono::system_clock::time_point now,
                                                        std::chrono::milliseconds time) noexcept {
  using Time = std::chrono::system_clock::time_point;
  const auto most = std::chrono::duration_cast<std::chrono::milliseconds>(Time::max() - std::max(now, Time()));
  return time < most ? now + time : Time::max();
}

/// The nearest time that there is: a stranger may have written any number.
inline std::chrono::system_clock::time_point time_at(double seconds) noexcept {
  using Time = std::chrono::system_clock::time_point;
  constexpr double kFarthest = 9.2e9;  // some 291 years: the nanoseconds of the system's clock go no further
  const double possible = seconds == seconds ? std::clamp(seconds, -kFarthest, kFarthest) : 0;  // not a number: 1970
  return Time(std::chrono::round<Time::duration>(std::chrono::duration<double>(possible)));
}

}  // namespace ipcm
