// SPDX-License-Identifier: MIT
#pragma once

#include <signal.h>

namespace ipcm::platform {

/// Whether this process may not make files as large as it likes: `ulimit -f`, RLIMIT_FSIZE.
bool has_file_size_limit() noexcept;

/// A write beyond that limit is an error, EFBIG, but first the kernel sends SIGXFSZ, which ends a process that did not
/// provide for it. While this object lives, the thread that made it does not get the signal for its own writes; the
/// program's handler and everybody else's signals stay what they are.
///
/// Three system calls, so it is `needed` only where there is a limit.
class FileSizeSignalHeldBack {
 public:
  explicit FileSizeSignalHeldBack(bool needed) noexcept;
  ~FileSizeSignalHeldBack();
  FileSizeSignalHeldBack(const FileSizeSignalHeldBack&) = delete;
  FileSizeSignalHeldBack& operator=(const FileSizeSignalHeldBack&) = delete;

 private:
  bool holds_ = false;
  sigset_t before_{};
};

}  // namespace ipcm::platform
