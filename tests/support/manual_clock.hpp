// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <chrono>

#include <ipcm/clock.hpp>

namespace test {

/// A wall clock that moves only when it is told to. Starts at a whole second, now.
class ManualClock : public ipcm::Clock {
 public:
  using TimePoint = std::chrono::system_clock::time_point;

  TimePoint now() const override { return now_; }
  void set(TimePoint time) { now_ = time; }
  void advance(std::chrono::milliseconds by) { now_ = now_.load() + by; }

 private:
  std::atomic<TimePoint> now_{std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now())};
};

}  // namespace test
