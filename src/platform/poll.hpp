// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>

#include "platform/fork.hpp"

namespace ipcm::platform {

using MonotonicTime = std::chrono::steady_clock::time_point;

/// That long from now, or the end of time where that would be later. Throws Error(InvalidArgument) for a negative time.
MonotonicTime deadline_after(std::chrono::milliseconds time);

/// Sleeps until the descriptor is readable or the time has come; true when it is readable. Signals do not end it.
/// With -1 for a descriptor it just sleeps.
bool wait_readable(int fd, MonotonicTime until);

/// The same for two descriptors, of which -1 is none.
bool wait_readable(int first, int second, MonotonicTime until);

/// A descriptor that is readable while a flag is set. Thread-safe but for the order of set() and clear().
class SignalFd {
 public:
  /// Throws Error(StorageFailure).
  SignalFd();

  int get() const noexcept { return fd_.get(); }
  void set() noexcept;
  void clear() noexcept;

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
  /// Ends the readiness that came from the interval.
  void drain_interval() noexcept;

 private:
  ForkPrivateFd poll_;
  ForkPrivateFd timer_;
};

}  // namespace ipcm::platform
