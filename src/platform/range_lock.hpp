// SPDX-License-Identifier: MIT
// Locks that the kernel takes away when their holder dies, at any instruction.
#pragma once

#include <sys/types.h>

#include <string>

#include "platform/access.hpp"
#include "platform/folder.hpp"
#include "platform/fork.hpp"
#include "platform/poll.hpp"

namespace ipcm::platform {

/// A file whose bytes, far beyond its end, serve as locks: open file description locks (fcntl(2), F_OFD_SETLK). They
/// belong to this object, not to the process: two objects exclude each other within one process too, and neither pid
/// reuse nor pid namespaces can confuse them. A forked child shares none of them. The file's contents mean nothing.
///
/// Thread-safe. Errors of the system are thrown as Error.
class RangeLockFile {
 public:
  /// Opens the file, made for those who have `access` if it is missing.
  RangeLockFile(const Folder& folder, const std::string& name, const Access& access);
  /// Opens the file, which must be there.
  RangeLockFile(const Folder& folder, const std::string& name);
  /// Unlocks everything at once, though a child that was forked just now may not have closed its copy yet.
  ~RangeLockFile();

  /// True when the byte is now locked by this object, also if it was before.
  bool try_lock(off_t byte);
  /// Waits for holders that let go soon, and returns false if the time has come.
  bool lock_before(off_t byte, MonotonicTime deadline);
  /// True when the byte is now locked by this object, beside others that share it. Not for a byte that this object has
  /// locked already.
  bool try_lock_shared(off_t byte);
  void unlock(off_t byte) noexcept;
  /// True when another object, in this process or any other, has the byte locked.
  bool is_locked_by_other(off_t byte) const;

  /// False once the file at the path is another one, or none.
  bool is_still_at_path() const noexcept;
  /// The same of the file's name in the folder in which it was opened.
  bool is_still_in(const Folder& folder) const;

  const std::string& path() const noexcept { return path_; }
  /// False once the file has no name any more. Cheap: no path is looked up.
  bool has_a_name() const noexcept;

  /// To look at the file's contents; -1 in a forked child.
  int descriptor() const noexcept { return fd_.get(); }

 private:
  bool try_lock(short type, off_t byte);

  std::string path_;
  ForkPrivateFd fd_;
};

}  // namespace ipcm::platform
