// SPDX-License-Identifier: MIT
#include "platform/file_size_limit.hpp"

#include <sys/resource.h>
#include <time.h>

#include <cerrno>

namespace ipcm::platform {
namespace {

sigset_t only_file_size_signal() noexcept {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGXFSZ);
  return set;
}

}  // namespace

bool has_file_size_limit() noexcept {
  rlimit limit{};
  return ::getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY;
}

FileSizeSignalHeldBack::FileSizeSignalHeldBack(bool needed) noexcept {
  if (!needed) return;
  const sigset_t signal = only_file_size_signal();
  ::pthread_sigmask(SIG_BLOCK, &signal, &before_);
  holds_ = sigismember(&before_, SIGXFSZ) == 0;  // else somebody holds it back already, for reasons of his own
}

FileSizeSignalHeldBack::~FileSizeSignalHeldBack() {
  if (!holds_) return;
  const int error = errno;
  const sigset_t signal = only_file_size_signal();
  const timespec at_once{};
  while (::sigtimedwait(&signal, nullptr, &at_once) < 0 && errno == EINTR) {}
  ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  errno = error;
}

}  // namespace ipcm::platform
