// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>

#include "platform/range_lock.hpp"

namespace ipcm::platform {

/// The first page of a lock file, which every process that has it open reads, writes and waits on. What it holds is up
/// to whoever can write the file, so nothing may depend on it except speed.
///
/// Its bytes are read and written by calls of the system and never through a mapping: a file that is cut short under a
/// mapping ends the process (SIGBUS). Waiting takes a mapping that only the kernel reads, for which that is an error.
///
/// One thread at a time.
class SharedPage {
 public:
  static constexpr std::size_t kSize = 4096;

  /// Makes the file long enough. Without a page if the system refuses, and for a file with two names, which is left as
  /// it is. `file` must live longer.
  explicit SharedPage(const RangeLockFile& file) noexcept;
  ~SharedPage();
  SharedPage(const SharedPage&) = delete;
  SharedPage& operator=(const SharedPage&) = delete;

  /// False: there is no page; reading gives zeros, and writing and waiting do nothing.
  explicit operator bool() const noexcept { return usable_; }

  /// Reads bytes of the page; zeros where the file has none. Returns false if it was cut short.
  bool read(std::size_t offset, void* into, std::size_t size) const noexcept;
  /// Writes bytes of the page. Does nothing while the file is cut short.
  void write(std::size_t offset, const void* from, std::size_t size) noexcept;
  /// Makes a file that was cut short long enough again.
  void restore() noexcept;
  /// Waits until what it holds now is on the disk. For what must not come back after a power loss.
  void sync() noexcept;

  /// Sleeps while the word at `offset` holds `expected`, until it is woken or for that long. May wake for no reason.
  void wait_while_equal(std::size_t offset, std::uint32_t expected, std::chrono::nanoseconds most) noexcept;
  /// Wakes the process that has slept longest on the word.
  void wake_one(std::size_t offset) noexcept;

 private:
  const std::uint32_t* word_at(std::size_t offset) noexcept;

  const RangeLockFile& file_;
  bool usable_ = false;
  mutable std::atomic<bool> is_cut_{false};  // as the last read found it
  bool limited_ = false;                     // in the size of files
  const void* mapped_ = nullptr;             // never read by this process
};

/// Sleeps while the word holds `expected`, until it is woken or for that long. May wake for no reason.
void wait_while_equal(const std::atomic<std::uint32_t>& word, std::uint32_t expected,
                      std::chrono::nanoseconds most) noexcept;

/// Wakes the thread or process that has slept longest on the word.
void wake_one(std::atomic<std::uint32_t>& word) noexcept;

}  // namespace ipcm::platform
