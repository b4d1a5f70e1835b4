// SPDX-License-Identifier: MIT
#include "platform/folder.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>

#include <ipcm/error.hpp>

#include "core/fault_point.hpp"
#include "platform/file_size_limit.hpp"
#include "platform/system_error.hpp"

namespace ipcm::platform {
namespace {

constexpr int kOpenFolder = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

// A descriptor that was opened with O_PATH, for calls that take none.
std::string path_by_descriptor(int fd) {
  return "/proc/self/fd/" + std::to_string(fd);
}

[[noreturn]] void throw_cannot_open(int error, const std::string& path) {
  if (error == ENOTDIR || error == ELOOP) {
    throw Error(ErrorCode::Unsafe,
                path + " is a symbolic link or no folder, and stands where a folder should. It was left as it is.");
  }
  throw_errno(error, "cannot open the folder " + path);
}

constexpr int kMostLinks = 40;  // as the system has it

// Where a symbolic link of this process's user or of root leads; empty for anything else. No other user can have put
// such a link there.
std::string target_of_own_link(int folder, const std::string& name) {
  const UniqueFd link(::openat(folder, name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
  const auto status = link ? FileStatus::of(link.get()) : std::nullopt;
  if (!status || !S_ISLNK(status->mode) || !status->is_own()) return {};
  std::array<char, 4096> target{};
  const ssize_t size = ::readlinkat(link.get(), "", target.data(), target.size());
  return size > 0 ? std::string(target.data(), static_cast<std::size_t>(size)) : std::string();
}

// One step after the other: by the whole path the system would follow the links that others put into it meanwhile.
UniqueFd open_by_steps(const std::string& path) {
  std::string left = path;
  UniqueFd folder(::open(left.starts_with('/') ? "/" : ".", kOpenFolder));
  for (int links = 0; folder && !left.empty();) {
    const std::size_t end = std::min(left.find('/'), left.size());
    const std::string step = left.substr(0, end);
    left.erase(0, end + 1);
    if (step.empty()) continue;
    UniqueFd next(::openat(folder.get(), step.c_str(), kOpenFolder));
    if (!next && (errno == ENOTDIR || errno == ELOOP)) {
      const int error = errno;
      const std::string target = target_of_own_link(folder.get(), step);
      if (target.empty() || ++links > kMostLinks) throw_cannot_open(error, path);
      left = target + "/" + left;
      if (target.front() != '/') continue;
      next.reset(::open("/", kOpenFolder));
    }
    folder = std::move(next);
  }
  if (!folder) throw_cannot_open(errno, path);
  return folder;
}

void write_all(int fd, std::string_view bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) throw_errno(errno, "cannot write " + path);
    bytes.remove_prefix(static_cast<std::size_t>(written));
    faults::reach("wrote into a file");
  }
}

std::string read_all(int fd, const std::string& path) {
  struct stat status {};
  if (::fstat(fd, &status) != 0) throw_errno(errno, "cannot open " + path);
  if (!S_ISREG(status.st_mode)) throw Error(ErrorCode::RouteDamaged, path + " is not a file.");
  std::string bytes(static_cast<std::size_t>(status.st_size), '\0');
  std::size_t got = 0;
  while (got < bytes.size()) {
    const ssize_t count = ::read(fd, bytes.data() + got, bytes.size() - got);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw_errno(errno, "cannot read " + path);
    if (count == 0) break;
    got += static_cast<std::size_t>(count);
  }
  bytes.resize(got);
  return bytes;
}

// A maker may have been killed before it gave the folder away.
bool is_not_given_away(const FileStatus& folder, const Access& access) {
  if (folder.owner != ::geteuid()) return false;
  return (access.group && (folder.group != *access.group || (folder.mode & 07777) != access.folder_mode())) ||
         (access.owner && folder.owner != *access.owner);
}

}  // namespace

Folder::Folder(const std::string& path) : Folder(open_by_steps(path), path) {}

Folder::Folder(const Folder& parent, const std::string& name)
    : Folder(UniqueFd(::openat(parent.descriptor(), name.c_str(), kOpenFolder)), parent.path_of(name)) {
  if (!fd_) throw_cannot_open(errno, path_);
}

Folder Folder::ensure(const Folder& parent, const std::string& name, const Access& access) {
  const bool made = ::mkdirat(parent.descriptor(), name.c_str(), 0700) == 0;
  if (!made && errno != EEXIST) throw_errno(errno, "cannot make the folder " + parent.path_of(name));
  if (made) faults::reach("made a folder");
  Folder folder(parent, name);
  if (made || is_not_given_away(folder.status(), access)) folder.give_access(access);
  return folder;
}

FileStatus Folder::status() const {
  const auto status = FileStatus::of(fd_.get());
  if (!status) throw_errno(errno, "cannot look at the folder " + path_);
  return *status;
}

std::optional<FileStatus> Folder::status_of(const std::string& name) const noexcept {
  return FileStatus::in(fd_.get(), name);
}

bool Folder::may_read(const std::string& name) const noexcept {
  return ::faccessat(fd_.get(), name.c_str(), R_OK, AT_EACCESS | AT_SYMLINK_NOFOLLOW) == 0;
}

bool Folder::may_write(const std::string& name) const noexcept {
  return ::faccessat(fd_.get(), name.c_str(), W_OK, AT_EACCESS | AT_SYMLINK_NOFOLLOW) == 0;
}

std::vector<std::string> Folder::names() const {
  std::vector<std::string> names;
  UniqueFd readable(::openat(fd_.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!readable && errno == ENOENT) return names;  // it was removed
  const auto close = [](DIR* stream) { ::closedir(stream); };
  const std::unique_ptr<DIR, decltype(close)> stream(readable ? ::fdopendir(readable.get()) : nullptr, close);
  if (!stream) throw_errno(errno, "cannot list the folder " + path_);
  readable.release();  // it is the stream's
  errno = 0;
  while (const dirent* const entry = ::readdir(stream.get())) {
    std::string name = entry->d_name;
    if (name != "." && name != "..") names.push_back(std::move(name));
    errno = 0;
  }
  if (errno != 0) throw_errno(errno, "cannot list the folder " + path_);
  return names;
}

UniqueFd Folder::open(const std::string& name, int flags) const noexcept {
  return UniqueFd(::openat(fd_.get(), name.c_str(), flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
}

UniqueFd Folder::open_to_look(const std::string& name) const noexcept {
  return UniqueFd(::openat(fd_.get(), name.c_str(), O_PATH | O_CLOEXEC | O_NOFOLLOW));
}

// Has no name until it has its access: the maker may be killed, and what it left would be for it alone. Returns false
// if there is something of that name, or the file system has no files without a name.
bool Folder::make_file_at_once(const std::string& name, const Access& access) const {
  if (status_of(name)) return false;
  const UniqueFd fd(::openat(fd_.get(), ".", O_RDWR | O_TMPFILE | O_CLOEXEC, 0600));
  if (!fd) return false;
  platform::give_access(fd.get(), path_of(name), access);
  const std::string nameless = path_by_descriptor(fd.get());
  return ::linkat(AT_FDCWD, nameless.c_str(), fd_.get(), name.c_str(), AT_SYMLINK_FOLLOW) == 0;
}

bool Folder::make_file(const std::string& name, const Access& access) const {
  if ((access.group || access.owner) && make_file_at_once(name, access)) return true;
  // It is new, so no connection of this process can have it open: closing the descriptor drops no locks.
  const UniqueFd fd(::openat(fd_.get(), name.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd && errno == EEXIST) return false;
  if (!fd) throw_errno(errno, "cannot make " + path_of(name));
  try {
    platform::give_access(fd.get(), path_of(name), access);
  } catch (const Error&) {
    ::unlinkat(fd_.get(), name.c_str(), 0);
    throw;
  }
  return true;
}

std::optional<std::string> Folder::read_file(const std::string& name) const {
  const UniqueFd fd = open(name, O_RDONLY);
  if (!fd && errno == ENOENT) return std::nullopt;
  if (!fd) throw_errno(errno, "cannot open " + path_of(name));
  return read_all(fd.get(), path_of(name));
}

void Folder::sync_file(const std::string& name) const {
  const UniqueFd fd = open(name, O_RDONLY);
  if (!fd || ::fsync(fd.get()) != 0) throw_errno(errno, "cannot sync " + path_of(name));
}

void Folder::write_new_file(const std::string& name, std::string_view bytes) const {
  const UniqueFd fd(::openat(fd_.get(), name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd) throw_errno(errno, "cannot make " + path_of(name));
  faults::reach("made a file");
  const FileSizeSignalHeldBack held_back(has_file_size_limit());
  try {
    if (is_root()) {
      const uid_t owner = status().owner;
      if (owner != 0 && ::fchown(fd.get(), owner, static_cast<gid_t>(-1)) != 0) {
        throw_errno(errno, "cannot give " + path_of(name) + " to its owner");
      }
    }
    write_all(fd.get(), bytes, path_of(name));
  } catch (...) {
    ::unlinkat(fd_.get(), name.c_str(), 0);
    throw;
  }
}

void Folder::replace_file(const std::string& name, std::string_view bytes) const {
  const std::string fresh = name + ".new";
  ::unlinkat(fd_.get(), fresh.c_str(), 0);  // of a writer that was killed; never written into: it may have other names
  write_new_file(fresh, bytes);
  rename_file(fresh, name);
}

void Folder::rename_file(const std::string& from, const std::string& to) const {
  if (::renameat(fd_.get(), from.c_str(), fd_.get(), to.c_str()) != 0) {
    throw_errno(errno, "cannot rename " + path_of(from));
  }
  faults::reach("renamed a file");
}

bool Folder::remove_file(const std::string& name) const {
  if (::unlinkat(fd_.get(), name.c_str(), 0) == 0) {
    faults::reach("removed a file");
    return true;
  }
  if (errno == ENOENT) return false;
  throw_errno(errno, "cannot remove " + path_of(name));
}

void Folder::remove_empty_folder(const std::string& name) const noexcept {
  ::unlinkat(fd_.get(), name.c_str(), AT_REMOVEDIR);
  faults::reach("removed a folder");
}

void Folder::give_access(const Access& access) const {
  constexpr auto kNoChange = static_cast<uid_t>(-1);
  if ((access.group || access.owner) && ::fchownat(fd_.get(), "", access.owner.value_or(kNoChange),
                                                   access.group.value_or(kNoChange), AT_EMPTY_PATH) != 0) {
    throw_errno(errno, "cannot give " + path_ + " to its group. Only a member can");
  }
  // The umask may have taken something away.
  if ((status().mode & 07777) == access.folder_mode()) return;
  if (::chmod(path_by_descriptor(fd_.get()).c_str(), access.folder_mode()) != 0) {
    throw_errno(errno, "cannot set the mode of " + path_);
  }
}

}  // namespace ipcm::platform
