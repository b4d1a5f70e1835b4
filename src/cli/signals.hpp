// SPDX-License-Identifier: MIT
#pragma once

namespace ipcm::cli {

/// True for SIGINT, SIGTERM and SIGHUP, by which others ask a process to stop.
bool is_stop_signal(int number) noexcept;

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

  /// For who wants to know of a second one: the next signal that came and was not taken yet, or 0. fd() is readable
  /// while there is one.
  int take() noexcept;

 private:
  int read_end_;
};

/// While it lives, fd() tells of children that have ended, whatever the process that started this one did to SIGCHLD.
/// At most one at a time.
class ChildSignals {
 public:
  ChildSignals();
  ~ChildSignals();
  ChildSignals(const ChildSignals&) = delete;
  ChildSignals& operator=(const ChildSignals&) = delete;

  /// Readable once a child may have ended: for poll(). Then call clear(), and after it waitpid().
  int fd() const noexcept { return read_end_; }
  void clear() noexcept;

 private:
  int read_end_;
};

}  // namespace ipcm::cli
