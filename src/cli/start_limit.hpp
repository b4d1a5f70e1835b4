// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>

namespace ipcm::cli {

/// How many commands a worker runs at once. After one could not be started: as many as ran then, and one more to try
/// after 1 s, 2 s, 4 s ... 60 s. Each that starts raises the limit by one, up to the number that was asked for.
class StartLimit {
 public:
  using Time = std::chrono::steady_clock::time_point;

  explicit StartLimit(std::size_t most) : most_(most), limit_(most) {}

  /// How many more may be started now beside those that run.
  std::size_t room(std::size_t running, Time now) const noexcept;
  /// One was started; `running` with it.
  void started(std::size_t running) noexcept;
  /// One could not be started, beside those that run.
  void failed(std::size_t running, Time now) noexcept;

  /// How often in a row none could be started while none ran.
  int failures() const noexcept { return alone_; }
  /// From the last failure to the next try.
  std::chrono::milliseconds delay() const noexcept;
  /// When there is more room although no command ends. Returns nullopt if there was no failure since the last success.
  std::optional<Time> next_try() const noexcept;

 private:
  std::size_t most_;
  std::size_t limit_;
  int failures_ = 0;  // in a row
  int alone_ = 0;     // those of them while no command ran
  Time retry_at_{};
};

}  // namespace ipcm::cli
