// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

#include <string>

#include "platform/folder.hpp"
#include "platform/fork.hpp"

namespace ipcm::platform {

/// A lock file (RangeLockFile) that is looked at by somebody who takes no lock and changes no byte, and may not be
/// allowed to.
class LockFileView {
 public:
  /// Without a file.
  LockFileView() = default;
  /// Without a file where it is missing, or where the system refuses.
  LockFileView(const Folder& folder, const std::string& name);

  explicit operator bool() const noexcept { return fd_.get() >= 0; }
  /// Whether anybody, this process included, has one of these bytes locked. False without a file.
  bool is_locked(off_t first, off_t count = 1) const noexcept;
  /// The first `size` bytes, zeros where there are none.
  std::string contents(std::size_t size) const;

 private:
  ForkPrivateFd fd_;
};

}  // namespace ipcm::platform
