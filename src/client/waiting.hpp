// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <initializer_list>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include <ipcm/waited.hpp>

#include "core/function_ref.hpp"
#include "notify/notifier.hpp"
#include "platform/lock_order.hpp"
#include "platform/poll.hpp"

namespace ipcm {

/// How the threads of one client sleep until there is something to find: the receiver's half of the order that loses no
/// wake-up (arm, look, sleep), written once for all notifiers. Thread-safe.
class Waiting {
 public:
  using Look = FunctionRef<bool()>;

  /// `fallback_interval`: how often to look although nobody gave a hint.
  Waiting(std::unique_ptr<notify::Notifier> notifier, std::chrono::milliseconds fallback_interval);
  ~Waiting();

  using Events = std::initializer_list<notify::Event>;

  /// Blocks until `look` returns true or the time has come, without end where there is none. What `look` throws passes.
  /// It looks after each of the events, and while one of `more` is readable; `look` may change these.
  /// `next_change`: when something will happen that nobody gives a hint of, as the last look has set it.
  bool wait(Events events, std::optional<platform::MonotonicTime> deadline, Look look, std::span<const int> more = {},
            const std::optional<platform::MonotonicTime>* next_change = nullptr) {
    return wait(platform::Signals::ignored, events, deadline, look, more, next_change) == Waited::ready;
  }
  /// The same; a signal may end it.
  Waited wait(platform::Signals signals, Events events, std::optional<platform::MonotonicTime> deadline, Look look,
              std::span<const int> more = {}, const std::optional<platform::MonotonicTime>* next_change = nullptr);
  bool wait(notify::Event event, std::optional<platform::MonotonicTime> deadline, Look look) {
    return wait({event}, deadline, look);
  }

  /// A descriptor for a program's own poll loop. `look`: whether there is something already. What it throws passes;
  /// then the descriptor is readable when it is asked for again.
  int fd(notify::Event event, Look look);

  /// Whether fd() was asked for. Takes no lock.
  bool has_fd(notify::Event event) const noexcept { return channel(event).has_fd; }

  // Around a call that takes what fd() announced: before it looks, and after, with whether there is more.
  /// Returns true if something may have changed since the last call.
  bool before_taking(notify::Event event) noexcept;
  void after_taking(notify::Event event, bool more) noexcept;

  /// Makes every thread that waits look once more.
  void look_again() noexcept;

  /// See Notifier::retire().
  void retire() noexcept;

  notify::Notifier& notifier() noexcept { return *notifier_; }

 private:
  struct Channel {
    int waiters = 0;
    std::unique_ptr<platform::PeriodicPollFd> poll_fd;  // once fd() was asked for: always armed
    std::atomic<bool> has_fd{false};                    // whether there is one
  };
  class Waiter;

  // A hint is drained by one of the threads that sleep on one descriptor. So each has a descriptor of its own, too, by
  // which the others are told.
  void tell_all_but(const Waiter* except) noexcept IPCM_REQUIRES(mutex_);
  std::chrono::milliseconds interval_for(int fd) const noexcept;
  void repair(notify::Event event) noexcept IPCM_REQUIRES(mutex_);
  static std::size_t index_of(notify::Event event) noexcept { return event == notify::Event::mail ? 0 : 1; }
  Channel& channel(notify::Event event) noexcept { return channels_[index_of(event)]; }
  const Channel& channel(notify::Event event) const noexcept { return channels_[index_of(event)]; }

  std::unique_ptr<notify::Notifier> notifier_;
  std::chrono::milliseconds interval_;
  // Invariant: while it is held nothing is looked for and nothing is asked of the store, whose lock its users may hold.
  platform::Ranked<std::mutex, platform::LockRank::waiting> mutex_;  // guards what follows, and most of the notifier
  std::array<Channel, 2> channels_;
  std::vector<Waiter*> waiters_ IPCM_GUARDED_BY(mutex_);
  std::vector<std::unique_ptr<platform::EventFd>> spare_ IPCM_GUARDED_BY(mutex_);  // of threads that waited before
};

}  // namespace ipcm
