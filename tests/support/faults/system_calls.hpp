// SPDX-License-Identifier: MIT
// The calls of the C library by which ipcm and SQLite reach the system pass through here in a program that uses this
// header: they can be watched, and made to fail. SQLite's are among them, as it is a shared library. Left out are those
// that cannot fail for a lack of something (stat, getpid, clocks), and calls by number, as of pidfd_open.
#pragma once

#include <sys/types.h>

#include <cstddef>

namespace test {

/// One call. What is not set has no meaning for it.
struct SystemCall {
  const char* name;
  int descriptor = -1;
  const char* path = nullptr;
  const char* new_path = nullptr;  ///< of a rename
  int flags = 0;                   ///< of an open; the command of an fcntl
  const void* data = nullptr;      ///< of a write; the argument of an fcntl
  std::size_t size = 0;            ///< of a write
  off_t offset = -1;               ///< of a write, where it says so itself; the new size of a truncation
  bool returns_error = false;      ///< as its value, not in errno
};

/// What the call does, and returns; below 0, or an error as its value: it failed.
class Doing {
 public:
  template <typename Work>
  explicit Doing(Work& work)
      : work_(&work), run_([](void* self) { return static_cast<long>((*static_cast<Work*>(self))()); }) {}
  long operator()() const { return run_(work_); }

 private:
  void* work_;
  long (*run_)(void*);
};

/// Stands around every call, of all threads. What it calls itself is not watched.
class SystemCallWatcher {
 public:
  virtual ~SystemCallWatcher() = default;
  /// Does it or fails in its place, and returns what the caller gets.
  virtual long around(const SystemCall& call, Doing act) noexcept = 0;
};

/// From now on; null: nobody watches.
void watch_system_calls(SystemCallWatcher* watcher) noexcept;

}  // namespace test
