// SPDX-License-Identifier: MIT
#include "platform/range_lock.hpp"

#include <fcntl.h>

#include <cerrno>

#include "platform/file.hpp"
#include "platform/system_error.hpp"

namespace ipcm::platform {
namespace {

constexpr off_t kToTheEnd = 0;

struct flock describe(short type, off_t first, off_t length = 1) {
  struct flock lock {};
  lock.l_type = type;
  lock.l_whence = SEEK_SET;
  lock.l_start = first;
  lock.l_len = length;
  return lock;
}

}  // namespace

RangeLockFile::RangeLockFile(const std::string& path, mode_t mode) : path_(path) {
  UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, mode));
  if (!fd) throw_errno(errno, "cannot open the lock file " + path);
  fd_.reset(std::move(fd));
}

RangeLockFile::~RangeLockFile() {
  struct flock lock = describe(F_UNLCK, 0, kToTheEnd);
  ::fcntl(fd_.get(), F_OFD_SETLK, &lock);
}

bool RangeLockFile::try_lock(off_t byte) {
  struct flock lock = describe(F_WRLCK, byte);
  while (::fcntl(fd_.get(), F_OFD_SETLK, &lock) != 0) {
    if (errno == EAGAIN || errno == EACCES) return false;
    if (errno != EINTR) throw_errno(errno, "cannot lock " + path_);
  }
  return true;
}

void RangeLockFile::unlock(off_t byte) noexcept {
  struct flock lock = describe(F_UNLCK, byte);
  while (::fcntl(fd_.get(), F_OFD_SETLK, &lock) != 0 && errno == EINTR) {}
}

bool RangeLockFile::is_locked_by_other(off_t byte) const {
  struct flock lock = describe(F_WRLCK, byte);
  while (::fcntl(fd_.get(), F_OFD_GETLK, &lock) != 0) {
    if (errno != EINTR) throw_errno(errno, "cannot ask for a lock on " + path_);
  }
  return lock.l_type != F_UNLCK;
}

bool RangeLockFile::is_still_at_path() const noexcept {
  const auto ours = FileIdentity::of(fd_.get());
  return ours && ours == FileIdentity::at(path_);
}

}  // namespace ipcm::platform
