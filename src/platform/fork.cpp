// SPDX-License-Identifier: MIT
#include "platform/fork.hpp"

#include <pthread.h>

#include <cstdint>
#include <memory>
#include <typeinfo>
#include <utility>

#include "platform/shared_page.hpp"

namespace ipcm::platform {

// Never destroyed: listeners with static storage may outlive any static object here.
struct ForkListeners {
  // A leaf: nothing else is locked while it is held. By the forking thread from before the fork until after it.
  std::mutex mutex;
  ForkListener* first = nullptr;

  static ForkListeners& instance() {
    static auto* const listeners = new ForkListeners;
    return *listeners;
  }

  void add(ForkListener& listener) {
    const std::lock_guard lock(mutex);
    listener.next_ = std::exchange(first, &listener);
    if (listener.next_ != nullptr) listener.next_->previous_ = &listener;
  }
  void remove(ForkListener& listener) {
    const std::lock_guard lock(mutex);
    (listener.previous_ != nullptr ? listener.previous_->next_ : first) = listener.next_;
    if (listener.next_ != nullptr) listener.next_->previous_ = listener.previous_;
  }
  // Where another thread was making or destroying one, it is of the base class alone, and has nothing to be told.
  void tell_all() noexcept {
    for (ForkListener* listener = first; listener != nullptr; listener = listener->next_) {
      const ForkListener& one = *listener;
      if (typeid(one) != typeid(ForkListener)) listener->after_fork_in_child();
    }
  }
};

namespace {

// Zero-initialized and without destructors: good before main(), at exit, and in the thread_locals' destructors.
std::atomic<unsigned long> generation{0};
std::atomic<bool> amid_calls{false};
std::atomic<std::thread::id> thread_that_forked{};

// Threads inside a hold; and twice the number of forks so far, plus one while a fork waits for these threads or
// happens.
// Each side writes its own and then reads the other's, all in one order: at least one of the two sees the other.
std::atomic<std::uint32_t> holders{0};
std::atomic<std::uint32_t> forks{0};
thread_local unsigned held = 0;

bool is_fork_waiting(std::uint32_t count) noexcept {
  return count % 2 != 0;
}

// One fork at a time, from before it until after it.
std::mutex& forking() {
  static auto* const mutex = new std::mutex;
  return *mutex;
}
bool others_held_at_fork = false;

void leave_holders() noexcept {
  holders.fetch_sub(1);
  if (is_fork_waiting(forks.load())) wake_one(holders);
}

bool try_to_be_a_holder() noexcept {
  holders.fetch_add(1);
  if (!is_fork_waiting(forks.load())) return true;
  leave_holders();
  return false;
}

void wait_for_fork() noexcept {
  const std::uint32_t count = forks.load();
  if (is_fork_waiting(count)) forks.wait(count);
}

void enter() noexcept {
  if (held++ > 0) return;
  while (!try_to_be_a_holder()) wait_for_fork();
}

void leave() noexcept {
  if (--held == 0) leave_holders();
}

// True once no other thread is inside a hold.
bool wait_for_holders(std::uint32_t own, std::chrono::steady_clock::time_point deadline) noexcept {
  for (std::uint32_t seen = holders.load(); seen != own; seen = holders.load()) {
    const auto left = deadline - std::chrono::steady_clock::now();
    if (left <= std::chrono::steady_clock::duration::zero()) return false;
    wait_while_equal(holders, seen, left);
  }
  return true;
}

void before_fork() {
  const std::uint32_t own = held > 0 ? 1 : 0;
  if (!forking().try_lock()) {
    // The other fork would wait for this thread, and this thread for that fork.
    if (own != 0) leave_holders();
    forking().lock();
    if (own != 0) holders.fetch_add(1);
  }
  forks.fetch_add(1);
  const auto patience = own != 0 ? kForkPatienceWithinHold : kForkPatience;
  others_held_at_fork = !wait_for_holders(own, std::chrono::steady_clock::now() + patience);
  ForkListeners::instance().mutex.lock();
}

void after_fork_in_parent() {
  ForkListeners::instance().mutex.unlock();
  forks.fetch_add(1);
  forks.notify_all();
  forking().unlock();
}

void after_fork_in_child() {
  generation.fetch_add(1, std::memory_order_relaxed);
  thread_that_forked.store(std::this_thread::get_id(), std::memory_order_relaxed);
  if (others_held_at_fork) amid_calls.store(true, std::memory_order_relaxed);
  holders.store(held > 0 ? 1 : 0);
  forks.fetch_add(1);
  ForkListeners::instance().tell_all();
  ForkListeners::instance().mutex.unlock();
  forking().unlock();
}

void watch_forks() {
  static const int watched = pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child);
  static_cast<void>(watched);
}

bool prepare() {
  ForkListeners::instance();
  forking();
  watch_forks();
  return true;
}

// While there is one thread: a child that is forked while another thread makes these for the first time could not use
// them.
[[maybe_unused]] const bool kIsPrepared = prepare();

}  // namespace

unsigned long fork_generation() noexcept {
  watch_forks();
  return generation.load(std::memory_order_relaxed);
}

bool forked_amid_calls() noexcept {
  return amid_calls.load(std::memory_order_relaxed);
}

std::thread::id forked_thread() noexcept {
  return thread_that_forked.load(std::memory_order_relaxed);
}

ForkHold::ForkHold() noexcept {
  enter();
}

ForkHold::~ForkHold() {
  leave();
}

bool ForkHold::is_held() noexcept {
  return held > 0;
}

ForkHold::Suspended::Suspended() noexcept : held_(std::exchange(held, 0)) {
  if (held_ > 0) leave_holders();
}

ForkHold::Suspended::~Suspended() {
  if (held_ == 0) return;
  enter();
  held = held_;
}

ForkListener::ForkListener() {
  watch_forks();
  ForkListeners::instance().add(*this);
}

ForkListener::~ForkListener() {
  ForkListeners::instance().remove(*this);
}

// Who has to wait for it is no holder meanwhile: the thread that has it may be the one that forks, for which a fork
// does not wait.
void ForkSafeMutex::lock() IPCM_UNCHECKED {
  if (held > 0) {
    ++held;
    state_->mutex.lock();
  } else {
    for (;;) {
      state_->mutex.lock();
      if (try_to_be_a_holder()) break;
      state_->mutex.unlock();
      wait_for_fork();
    }
    held = 1;
  }
  state_->owner.store(std::this_thread::get_id(), std::memory_order_relaxed);
}

void ForkSafeMutex::unlock() IPCM_UNCHECKED {
  state_->owner.store({}, std::memory_order_relaxed);
  state_->mutex.unlock();
  leave();
}

// A thread that is about to be a holder may have it, and has not touched yet what it guards.
void ForkSafeMutex::State::after_fork_in_child() noexcept {
  if (owner.load(std::memory_order_relaxed) != std::this_thread::get_id()) std::construct_at(&mutex);
}

}  // namespace ipcm::platform
