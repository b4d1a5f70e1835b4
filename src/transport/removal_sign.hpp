// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "platform/lock_file_view.hpp"
#include "platform/range_lock.hpp"
#include "platform/shared_page.hpp"

namespace ipcm::transport {

/// The word in a route's lock file that says to all who have it open that the route is being removed.
class RemovalSign {
 public:
  /// Copies nothing of `locks`, which need not live longer.
  explicit RemovalSign(const platform::RangeLockFile& locks) noexcept : page_(locks.descriptor()) {}

  /// False where the file cannot be mapped.
  bool can_be_seen() const noexcept { return page_.data() != nullptr; }
  /// The same for somebody who only looks.
  static bool is_given_in(const platform::LockFileView& locks) {
    return locks.contents(sizeof(std::uint32_t)) != std::string(sizeof(std::uint32_t), '\0');
  }
  bool is_given() const noexcept { return can_be_seen() && word().load(std::memory_order_relaxed) != 0; }
  void give() noexcept {
    if (can_be_seen()) word().store(1);
  }

 private:
  std::atomic<std::uint32_t>& word() const noexcept { return *static_cast<std::atomic<std::uint32_t>*>(page_.data()); }

  platform::SharedPage page_;
};

}  // namespace ipcm::transport
