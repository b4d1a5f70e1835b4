// SPDX-License-Identifier: MIT
// What has to happen when the process forks. A child shares its parent's open file descriptions, and with them the
// locks that tell whether the parent lives: it closes them in the fork handler. And a child has no other thread of its
// parent: what such a thread was in the middle of changing stays so. So a fork waits until no other thread is inside a
// ForkHold; threads that come to one meanwhile wait for the fork.
//
// Lock order: a ForkHold comes before every mutex, and a thread inside one passes while a fork waits, or that fork
// would never come. Therefore a thread inside a ForkHold waits only for what threads inside a ForkHold do, or the
// kernel, or another process.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

#include "platform/thread_safety.hpp"
#include "platform/unique_fd.hpp"

namespace ipcm::platform {

/// How many forks lie between this process and the one that first asked. An object made under another generation
/// belongs to a parent process.
unsigned long fork_generation() noexcept;

/// How long a fork waits for other threads. Then it goes ahead, and the child is one of forked_amid_calls().
inline constexpr std::chrono::milliseconds kForkPatience{5000};
/// The same where the forking thread is inside a ForkHold itself: another thread may wait for a mutex that it has.
inline constexpr std::chrono::milliseconds kForkPatienceWithinHold{1000};

/// True in a child that was forked while another thread was inside a ForkHold and did not leave it in time, and in the
/// children of that child. What the process guarded may be half changed there: it must not be used any more.
bool forked_amid_calls() noexcept;

/// The thread that forked, in a child: the only one that came along. Of no thread where this process is no child.
std::thread::id forked_thread() noexcept;

/// A scope of one thread in which no other thread forks. May be nested. Cheap: one atomic increment where it is the
/// thread's outermost one. The thread itself may fork within; the child's copy of the scope is as good as any.
class ForkHold {
 public:
  ForkHold() noexcept;
  ~ForkHold();
  ForkHold(const ForkHold&) = delete;
  ForkHold& operator=(const ForkHold&) = delete;

  /// Whether this thread is inside one: for assertions, as no hook of a user's may be called there.
  static bool is_held() noexcept;

  /// A scope within those of this thread, in which other threads may fork all the same: for a user's code in the middle
  /// of a long call. All that the thread was changing must be whole, or not be touched in a child.
  class Suspended {
   public:
    Suspended() noexcept;
    ~Suspended();
    Suspended(const Suspended&) = delete;
    Suspended& operator=(const Suspended&) = delete;

   private:
    unsigned held_;
  };
};

/// Is told in the child of every fork() of this process between its construction and its destruction, by the forking
/// thread, which is alone. What it does must be async-signal-safe.
///
/// Lives on the heap: a child uses the stacks of threads that it does not have for other things.
class ForkListener {
 public:
  ForkListener();
  virtual ~ForkListener();
  ForkListener(const ForkListener&) = delete;
  ForkListener& operator=(const ForkListener&) = delete;

  virtual void after_fork_in_child() noexcept = 0;

 private:
  friend struct ForkListeners;
  ForkListener* previous_ = nullptr;
  ForkListener* next_ = nullptr;
};

/// A mutex that is never held by another thread while the process forks, so that what it guards is whole in the child.
/// Free in the child, unless the thread that forked held it. Who holds it is inside a ForkHold; who waits for it need
/// not be.
class IPCM_CAPABILITY("mutex") ForkSafeMutex {
 public:
  ForkSafeMutex() : state_(std::make_unique<State>()) {}
  ForkSafeMutex(const ForkSafeMutex&) = delete;
  ForkSafeMutex& operator=(const ForkSafeMutex&) = delete;

  void lock() IPCM_ACQUIRE();
  void unlock() IPCM_RELEASE();

 private:
  struct State : ForkListener {
    void after_fork_in_child() noexcept override;

    std::mutex mutex;
    std::atomic<std::thread::id> owner{};
  };
  std::unique_ptr<State> state_;
};

/// A descriptor that a forked child closes at once. To be opened within a ForkHold: a child that is forked before this
/// has it would keep it.
class ForkPrivateFd {
 public:
  ForkPrivateFd() : state_(std::make_unique<State>()) {}
  explicit ForkPrivateFd(UniqueFd fd) : ForkPrivateFd() { reset(std::move(fd)); }
  ForkPrivateFd(const ForkPrivateFd&) = delete;
  ForkPrivateFd& operator=(const ForkPrivateFd&) = delete;

  int get() const noexcept { return state_->fd.get(); }
  void reset(UniqueFd fd = {}) noexcept { state_->fd = std::move(fd); }

 private:
  struct State : ForkListener {
    void after_fork_in_child() noexcept override { fd.reset(); }

    UniqueFd fd;
  };
  std::unique_ptr<State> state_;
};

}  // namespace ipcm::platform
