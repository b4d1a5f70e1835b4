// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <span>

#include "platform/fork.hpp"

namespace ipcm::platform {

using MonotonicTime = std::chrono::steady_clock::time_point;

/// That long from now, or the end of time where that would be later. Throws Error(InvalidArgument) for a negative time.
MonotonicTime deadline_after(std::chrono::milliseconds time, MonotonicTime now = std::chrono::steady_clock::now());

enum class Signals { ignored, end_the_sleep };
enum class Woken { readable, time_is_up, by_signal };

/// Sleeps until one of the descriptors is readable or the time has come, or where `signals` says so until a signal was
/// handled. -1 is never readable.
Woken sleep_until_readable(std::span<const int> fds, MonotonicTime until, Signals signals);

/// The same, true when one is readable. Signals do not end it.
inline bool wait_readable(std::span<const int> fds, MonotonicTime until) {
  return sleep_until_readable(fds, until, Signals::ignored) == Woken::readable;
}
inline bool wait_readable(int fd, MonotonicTime until) {
  return wait_readable(std::span(&fd, 1), until);
}

/// A descriptor that is readable from signal() to drain(). Both are safe from any thread and in a signal handler.
class EventFd {
 public:
  /// Throws Error(StorageFailure).
  EventFd();

  int get() const noexcept { return fd_.get(); }
  void signal() const noexcept;
  /// True when it was readable.
  bool drain() const noexcept;

 private:
  ForkPrivateFd fd_;
};

/// One descriptor that is readable when either of two is, which stay the caller's and must live longer.
class EitherFd {
 public:
  /// Throws Error(StorageFailure).
  EitherFd(int first, int second);

  int get() const noexcept { return poll_.get(); }

 private:
  ForkPrivateFd poll_;
};

/// One descriptor for a program's own poll loop: readable when another one is, and once every interval besides.
class PeriodicPollFd {
 public:
  /// `fd` stays the caller's and must live longer; -1: only the interval. Throws Error(StorageFailure).
  PeriodicPollFd(int fd, std::chrono::milliseconds interval);

  int get() const noexcept { return poll_.get(); }
  /// Ends the readiness that came from the interval; true when there was any.
  bool drain_interval() noexcept;
  /// To be called when the descriptor of that number is another one now. Throws Error(StorageFailure).
  void watch_again(int fd);

 private:
  ForkPrivateFd poll_;
  ForkPrivateFd timer_;
};

}  // namespace ipcm::platform
