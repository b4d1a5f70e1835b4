// SPDX-License-Identifier: MIT
#pragma once

namespace ipcm::cli {

/// While it lives, SIGINT, SIGTERM and SIGHUP ask the command to stop instead of killing it, so that it can settle what
/// it has begun. One that was ignored when the command started stays ignored. At most one at a time.
class StopSignals {
 public:
  StopSignals();
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  /// The signal that came; 0 while none did.
  int raised() const noexcept;
  explicit operator bool() const noexcept { return raised() != 0; }

  /// Readable once a signal came: for poll(). Never read from it.
  int fd() const noexcept { return read_end_; }

 private:
  int read_end_;
};

}  // namespace ipcm::cli
