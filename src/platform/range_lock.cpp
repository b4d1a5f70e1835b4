// SPDX-License-Identifier: MIT
#include "platform/range_lock.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <thread>

#include "core/fault_point.hpp"
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

UniqueFd open_lock_file(const Folder& folder, const std::string& name) {
  UniqueFd fd = folder.open(name, O_RDWR);
  if (!fd) throw_errno(errno, "cannot open the lock file " + folder.path_of(name));
  return fd;
}

// What is there is never opened with O_CREAT: in a folder like /tmp the kernel refuses that for files of others.
UniqueFd open_or_make_lock_file(const Folder& folder, const std::string& name, const Access& access) {
  for (;;) {
    if (!folder.status_of(name)) folder.make_file(name, access);
    UniqueFd fd = folder.open(name, O_RDWR);
    if (fd) return fd;
    if (errno != ENOENT) throw_errno(errno, "cannot open the lock file " + folder.path_of(name));
  }
}

}  // namespace

RangeLockFile::RangeLockFile(const Folder& folder, const std::string& name, const Access& access)
    : path_(folder.path_of(name)) {
  const ForkHold hold;
  fd_.reset(open_or_make_lock_file(folder, name, access));
}

RangeLockFile::RangeLockFile(const Folder& folder, const std::string& name) : path_(folder.path_of(name)) {
  const ForkHold hold;
  fd_.reset(open_lock_file(folder, name));
}

RangeLockFile::~RangeLockFile() {
  struct flock lock = describe(F_UNLCK, 0, kToTheEnd);
  ::fcntl(fd_.get(), F_OFD_SETLK, &lock);
}

bool RangeLockFile::try_lock(off_t byte) {
  return try_lock(F_WRLCK, byte);
}

bool RangeLockFile::lock_before(off_t byte, MonotonicTime deadline) {
  constexpr std::chrono::microseconds kNap{100};
  while (!try_lock(byte)) {
    if (std::chrono::steady_clock::now() >= deadline) return false;
    std::this_thread::sleep_for(kNap);
  }
  return true;
}

bool RangeLockFile::try_lock_shared(off_t byte) {
  return try_lock(F_RDLCK, byte);
}

bool RangeLockFile::try_lock(short type, off_t byte) {
  struct flock lock = describe(type, byte);
  while (::fcntl(fd_.get(), F_OFD_SETLK, &lock) != 0) {
    if (errno == EAGAIN || errno == EACCES) return false;
    if (errno != EINTR) throw_errno(errno, "cannot lock " + path_);
  }
  faults::reach("locked a byte");
  return true;
}

void RangeLockFile::unlock(off_t byte) noexcept {
  struct flock lock = describe(F_UNLCK, byte);
  while (::fcntl(fd_.get(), F_OFD_SETLK, &lock) != 0 && errno == EINTR) {}
  faults::reach("unlocked a byte");
}

bool RangeLockFile::is_locked_by_other(off_t byte) const {
  struct flock lock = describe(F_WRLCK, byte);
  while (::fcntl(fd_.get(), F_OFD_GETLK, &lock) != 0) {
    if (errno != EINTR) throw_errno(errno, "cannot ask for a lock on " + path_);
  }
  return lock.l_type != F_UNLCK;
}

bool RangeLockFile::has_a_name() const noexcept {
  struct stat status {};
  return ::fstat(fd_.get(), &status) == 0 && status.st_nlink > 0;
}

bool RangeLockFile::is_still_at_path() const noexcept {
  const auto ours = FileIdentity::of(fd_.get());
  return ours && ours == FileIdentity::at(path_);
}

bool RangeLockFile::is_still_in(const Folder& folder) const {
  const auto ours = FileIdentity::of(fd_.get());
  const auto now = folder.status_of(name_in(path_));
  return ours && now && *ours == now->identity;
}

}  // namespace ipcm::platform
