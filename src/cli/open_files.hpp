// SPDX-License-Identifier: MIT
#pragma once

#include <sys/resource.h>

#include <cstddef>
#include <optional>

namespace ipcm::cli {

/// The limit of open files of this process, raised as far as it is needed and allowed.
class OpenFiles {
 public:
  /// Raises the soft limit until `count` more descriptors can be opened, or up to the hard limit.
  explicit OpenFiles(std::size_t count);

  /// How many more can be opened. Returns nullopt if that cannot be told.
  std::optional<std::size_t> left() const noexcept { return left_; }
  /// The soft limit, as raised.
  std::size_t limit() const noexcept { return limit_; }
  /// The limits before, for the programs that this process executes: select(2) fails where there are more than 1024.
  const rlimit& before() const noexcept { return before_; }

 private:
  rlimit before_{};
  std::size_t limit_ = 0;
  std::optional<std::size_t> left_;
};

}  // namespace ipcm::cli
