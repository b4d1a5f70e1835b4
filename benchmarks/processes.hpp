// SPDX-License-Identifier: MIT
// Forked processes that start together and hand back a result each.
#pragma once

#include <pthread.h>
#include <sys/mman.h>

#include <cstddef>
#include <functional>
#include <memory>
#include <new>
#include <type_traits>
#include <vector>

namespace bench {

/// Memory that forked processes share, zeroed.
class SharedMemory {
 public:
  explicit SharedMemory(std::size_t bytes);
  ~SharedMemory();
  SharedMemory(const SharedMemory&) = delete;
  SharedMemory& operator=(const SharedMemory&) = delete;

  void* data() const { return data_; }

 private:
  std::size_t bytes_;
  void* data_;
};

/// One value that forked processes share.
template <typename T>
class Shared {
 public:
  Shared() : memory_(sizeof(T)), value_(new (memory_.data()) T()) {}
  T& operator*() const { return *value_; }
  T* operator->() const { return value_; }

 private:
  SharedMemory memory_;
  T* value_;
};

/// Where all processes wait for each other.
class StartLine {
 public:
  explicit StartLine(std::size_t processes);
  ~StartLine();
  StartLine(const StartLine&) = delete;
  StartLine& operator=(const StartLine&) = delete;

  void wait() const { pthread_barrier_wait(&*barrier_); }

 private:
  Shared<pthread_barrier_t> barrier_;
};

/// Runs work(0) to work(count - 1), each in a process of its own, and waits for them. Throws when one of them fails,
/// and
/// ends the others then.
void run_forked(std::size_t count, const std::function<void(std::size_t)>& work);

/// The same, with what each returns.
template <typename Result>
std::vector<Result> collect_forked(std::size_t count, const std::function<Result(std::size_t)>& work) {
  static_assert(std::is_trivially_copyable_v<Result>);
  SharedMemory memory(count * sizeof(Result));
  auto* const results = static_cast<Result*>(memory.data());
  run_forked(count, [&](std::size_t index) { new (results + index) Result(work(index)); });
  return {results, results + count};
}

/// Keeps this process on one of the processors that it may use.
void pin_to_processor(std::size_t number);

}  // namespace bench
