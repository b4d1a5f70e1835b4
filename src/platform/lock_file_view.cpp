// SPDX-License-Identifier: MIT
#include "platform/lock_file_view.hpp"

#include <fcntl.h>

#include <cerrno>

namespace ipcm::platform {

LockFileView::LockFileView(const Folder& folder, const std::string& name) : fd_(folder.open(name, O_RDONLY)) {}

bool LockFileView::is_locked(off_t first, off_t count) const noexcept {
  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  lock.l_start = first;
  lock.l_len = count;
  while (::fcntl(fd_.get(), F_OFD_GETLK, &lock) != 0) {
    if (errno != EINTR) return false;
  }
  return lock.l_type != F_UNLCK;
}

std::string LockFileView::contents(std::size_t size) const {
  std::string bytes(size, '\0');
  while (::pread(fd_.get(), bytes.data(), size, 0) < 0 && errno == EINTR) {}
  return bytes;
}

}  // namespace ipcm::platform
