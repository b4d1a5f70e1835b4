// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <memory>

namespace ipcm {

/// The wall clock, for stamps and suspend deadlines only: waits and time-outs use the monotonic clock.
/// Thread-safe. Replace it in tests.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual std::chrono::system_clock::time_point now() const = 0;
};

/// The system's clock.
std::shared_ptr<const Clock> system_clock();

}  // namespace ipcm
