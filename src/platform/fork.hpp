// SPDX-License-Identifier: MIT
// What has to happen when the process forks. A child shares its parent's open file descriptions, and with them the
// locks that tell whether the parent lives; it must let go of them at once. And no thread may be in the middle of a
// store call at that moment, or the child could never use the store's library again. Making a connection is not covered
// where it is SQLite's own work: who forks while another thread connects should call exec() in the child.
#pragma once

#include <atomic>
#include <mutex>
#include <thread>

#include "platform/unique_fd.hpp"

namespace ipcm::platform {

/// How many forks lie between this process and the one that first asked. An object made under another generation
/// belongs to a parent process.
unsigned long fork_generation() noexcept;

/// Is told of every fork() of this process between its construction and its destruction. The calls come from the
/// forking thread; the one in the child must be async-signal-safe.
class ForkListener {
 public:
  ForkListener();
  virtual ~ForkListener();
  ForkListener(const ForkListener&) = delete;
  ForkListener& operator=(const ForkListener&) = delete;

  /// Makes ready for the fork, without waiting. False: not now; what others have made ready is undone and retried.
  virtual bool try_before_fork() noexcept { return true; }
  /// Undoes try_before_fork(), in the parent.
  virtual void after_fork_in_parent() noexcept {}
  virtual void after_fork_in_child() noexcept {}
};

/// A mutex that is never held by another thread while the process forks, so that what it guards is whole in the child.
/// Free in the child, unless the thread that forked held it.
class ForkSafeMutex : private ForkListener {
 public:
  ForkSafeMutex() = default;
  ~ForkSafeMutex() override = default;

  void lock() {
    mutex_.lock();
    owner_.store(std::this_thread::get_id(), std::memory_order_relaxed);
  }
  void unlock() {
    owner_.store({}, std::memory_order_relaxed);
    mutex_.unlock();
  }

 private:
  bool try_before_fork() noexcept override;
  void after_fork_in_parent() noexcept override;
  void after_fork_in_child() noexcept override { after_fork_in_parent(); }

  std::mutex mutex_;
  std::atomic<std::thread::id> owner_{};
  bool held_for_fork_ = false;
};

/// A descriptor that a forked child closes at once.
class ForkPrivateFd : private ForkListener {
 public:
  ForkPrivateFd() = default;
  explicit ForkPrivateFd(UniqueFd fd) : fd_(std::move(fd)) {}
  ~ForkPrivateFd() override = default;

  int get() const noexcept { return fd_.get(); }
  void reset(UniqueFd fd = {}) noexcept { fd_ = std::move(fd); }

 private:
  void after_fork_in_child() noexcept override { fd_.reset(); }

  UniqueFd fd_;
};

}  // namespace ipcm::platform
