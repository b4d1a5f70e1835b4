// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace ipcm::platform {

/// The first bytes of a file, seen by every process that maps them. What they hold is up to anybody who can write the
/// file, so nothing may depend on it but speed.
class SharedPage {
 public:
  static constexpr std::size_t kSize = 4096;

  /// Maps the page of an open file, which is made long enough first. Without one where the system refuses, and of a
  /// file with two names, which is left as it is. The mapping does not share the locks of `fd`.
  explicit SharedPage(int fd) noexcept;
  ~SharedPage();
  SharedPage(const SharedPage&) = delete;
  SharedPage& operator=(const SharedPage&) = delete;

  /// Null: there is none.
  void* data() const noexcept { return data_; }

  /// Waits until what it holds now is on the disk. For what must not come back after a power loss.
  void sync() noexcept;

 private:
  void* data_ = nullptr;
};

/// Sleeps while the word holds `expected`, until somebody wakes it or for that long. May wake for no reason.
void wait_while_equal(const std::atomic<std::uint32_t>& word, std::uint32_t expected,
                      std::chrono::nanoseconds most) noexcept;

/// Wakes the one that has slept longest on the word.
void wake_one(std::atomic<std::uint32_t>& word) noexcept;

}  // namespace ipcm::platform
