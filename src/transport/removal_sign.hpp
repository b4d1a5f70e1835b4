// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>

#include "platform/lock_file_view.hpp"
#include "platform/range_lock.hpp"
#include "platform/shared_page.hpp"

namespace ipcm::transport {

/// The word in a route's lock file that says to all who have it open that the route is being removed.
class RemovalSign {
 public:
  /// `locks` must live longer.
  explicit RemovalSign(const platform::RangeLockFile& locks) noexcept : page_(locks) {}

  /// The same for a client that only looks.
  static bool is_given_in(const platform::LockFileView& locks) {
    return locks.contents(sizeof(std::uint32_t)) != std::string(sizeof(std::uint32_t), '\0');
  }
  bool is_given() const noexcept {
    std::uint32_t word = 0;
    page_.read(0, &word, sizeof word);
    return word != 0;
  }
  void give() noexcept {
    const std::uint32_t word = 1;
    page_.write(0, &word, sizeof word);
  }

 private:
  platform::SharedPage page_;
};

}  // namespace ipcm::transport
