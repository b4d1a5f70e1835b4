// SPDX-License-Identifier: MIT
#include "platform/fork.hpp"

#include <pthread.h>

#include <algorithm>
#include <cstddef>
#include <vector>

namespace ipcm::platform {
namespace {

std::atomic<unsigned long> generation{0};

struct Listeners {
  std::mutex mutex;
  std::vector<ForkListener*> all;
};

// Never destroyed: listeners with static storage may outlive any static object here.
Listeners& listeners() {
  static auto* const instance = new Listeners;
  return *instance;
}

// Returns with the list locked and everybody ready.
void before_fork() {
  Listeners& list = listeners();
  for (;;) {
    list.mutex.lock();
    std::size_t ready = 0;
    while (ready < list.all.size() && list.all[ready]->try_before_fork()) ++ready;
    if (ready == list.all.size()) return;
    while (ready > 0) list.all[--ready]->after_fork_in_parent();
    // A thread in a store call may itself be about to lock the list: let go of it in between.
    list.mutex.unlock();
    std::this_thread::yield();
  }
}

void after_fork_in_parent() {
  for (ForkListener* listener : listeners().all) listener->after_fork_in_parent();
  listeners().mutex.unlock();
}

void after_fork_in_child() {
  generation.fetch_add(1, std::memory_order_relaxed);
  for (ForkListener* listener : listeners().all) listener->after_fork_in_child();
  listeners().mutex.unlock();
}

void watch_forks() {
  static const int watched = pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child);
  static_cast<void>(watched);
}

}  // namespace

unsigned long fork_generation() noexcept {
  watch_forks();
  return generation.load(std::memory_order_relaxed);
}

ForkListener::ForkListener() {
  watch_forks();
  const std::lock_guard lock(listeners().mutex);
  listeners().all.push_back(this);
}

ForkListener::~ForkListener() {
  const std::lock_guard lock(listeners().mutex);
  std::erase(listeners().all, this);
}

bool ForkSafeMutex::try_before_fork() noexcept {
  if (owner_.load(std::memory_order_relaxed) == std::this_thread::get_id()) return true;  // forked from within a call
  held_for_fork_ = mutex_.try_lock();
  return held_for_fork_;
}

void ForkSafeMutex::after_fork_in_parent() noexcept {
  if (!held_for_fork_) return;
  held_for_fork_ = false;
  mutex_.unlock();
}

}  // namespace ipcm::platform
