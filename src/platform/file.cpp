// SPDX-License-Identifier: MIT
#include "platform/file.hpp"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>

#include "core/fault_point.hpp"
#include "platform/file_size_limit.hpp"
#include "platform/system_error.hpp"
#include "platform/unique_fd.hpp"

namespace ipcm::platform {
namespace {

void write_all(int fd, std::string_view bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) throw_errno(errno, "cannot write " + path);
    bytes.remove_prefix(static_cast<std::size_t>(written));
    faults::reach("wrote into a file");
  }
}

void write_file(const std::string& path, std::string_view bytes, int flags) {
  const UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | flags, 0600));
  if (!fd) throw_errno(errno, "cannot make " + path);
  faults::reach("made a file");
  const FileSizeSignalHeldBack held_back(has_file_size_limit());
  try {
    write_all(fd.get(), bytes, path);
  } catch (...) {
    ::unlink(path.c_str());
    throw;
  }
}

}  // namespace

std::optional<FileIdentity> FileIdentity::at(const std::string& path) noexcept {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return std::nullopt;
  return FileIdentity{status.st_dev, status.st_ino};
}

std::optional<FileIdentity> FileIdentity::of(int fd) noexcept {
  struct stat status {};
  if (::fstat(fd, &status) != 0) return std::nullopt;
  return FileIdentity{status.st_dev, status.st_ino};
}

FileKind kind_of(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) {
    if (errno == ENOENT || errno == ENOTDIR) return FileKind::missing;
    throw_errno(errno, "cannot look at " + path);
  }
  if (S_ISREG(status.st_mode)) return FileKind::regular;
  return S_ISDIR(status.st_mode) ? FileKind::folder : FileKind::other;
}

std::uint64_t file_size(const std::string& path) noexcept {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 ? static_cast<std::uint64_t>(status.st_size) : 0;
}

std::string make_private_folder(const std::string& prefix) {
  std::string path = prefix + "XXXXXX";
  if (::mkdtemp(path.data()) == nullptr) throw_errno(errno, "cannot make a folder " + path);
  return path;
}

namespace {

// Whoever made it may have been killed before he gave it away.
bool is_not_given_away(const std::string& path, const Access& access) {
  const auto folder = FileStatus::at(path);
  if (!folder || !S_ISDIR(folder->mode) || folder->owner != ::geteuid()) return false;
  return (access.group && (folder->group != *access.group || (folder->mode & 07777) != access.folder_mode())) ||
         (access.owner && folder->owner != *access.owner);
}

}  // namespace

void ensure_folder(const std::string& path, const Access& access) {
  const bool made = ::mkdir(path.c_str(), 0700) == 0;
  if (!made && errno != EEXIST) throw_errno(errno, "cannot make the folder " + path);
  if (!made && !is_not_given_away(path, access)) return;
  if (made) faults::reach("made a folder");
  // The umask may have taken even the owner's rights away, which opening it needs.
  if (made && ::chmod(path.c_str(), 0700) != 0) throw_errno(errno, "cannot set the mode of " + path);
  if (!access.group && !access.owner) return;
  const UniqueFd folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!folder) throw_errno(errno, "cannot open the folder " + path);
  Access of_folder = access;
  of_folder.mode = access.folder_mode();
  give_access(folder.get(), path, of_folder);
}

FolderToSync::FolderToSync(const std::string& path)
    : path_(path), folder_(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
  if (!folder_) throw_errno(errno, "cannot open the folder " + path);
}

void sync_folder(const std::string& path) {
  FolderToSync(path).sync();
}

void FolderToSync::sync() const {
  if (faults::has_bug("folders are not synced")) return;
  // Some file systems cannot sync a folder and say EINVAL: nothing can be done about that.
  if (::fsync(folder_.get()) != 0 && errno != EINVAL) {
    throw_errno(errno, "whether the last change survives a power loss is unknown: cannot sync the folder " + path_);
  }
  faults::reach("synced a folder");
}

void sync_file(const std::string& path) {
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!file || ::fsync(file.get()) != 0) throw_errno(errno, "cannot sync " + path);
}

std::optional<std::string> read_file(const std::string& path) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!fd && (errno == ENOENT || errno == ENOTDIR)) return std::nullopt;
  struct stat status {};
  if (!fd || ::fstat(fd.get(), &status) != 0) throw_errno(errno, "cannot open " + path);
  if (!S_ISREG(status.st_mode)) throw Error(ErrorCode::RouteDamaged, path + " is not a file.");
  std::string bytes(static_cast<std::size_t>(status.st_size), '\0');
  std::size_t got = 0;
  while (got < bytes.size()) {
    const ssize_t count = ::read(fd.get(), bytes.data() + got, bytes.size() - got);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw_errno(errno, "cannot read " + path);
    if (count == 0) break;
    got += static_cast<std::size_t>(count);
  }
  bytes.resize(got);
  return bytes;
}

void write_new_file(const std::string& path, std::string_view bytes) {
  write_file(path, bytes, O_EXCL);
}

void replace_file(const std::string& path, std::string_view bytes) {
  const std::string fresh = path + ".new";
  write_file(fresh, bytes, O_TRUNC);
  rename_file(fresh, path);
}

void rename_file(const std::string& from, const std::string& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) throw_errno(errno, "cannot rename " + from);
  faults::reach("renamed a file");
}

void make_folder_private(const std::string& path) {
  if (::chmod(path.c_str(), 0700) != 0) throw_errno(errno, "cannot make the folder " + path + " private");
}

std::vector<std::string> names_in(const std::string& path) {
  std::vector<std::string> names;
  std::error_code problem;
  for (std::filesystem::directory_iterator each(path, problem), end; !problem && each != end; each.increment(problem)) {
    names.push_back(each->path().filename().string());
  }
  if (problem && problem != std::errc::no_such_file_or_directory) {
    throw_errno(problem.value(), "cannot list the folder " + path);
  }
  return names;
}

void remove_empty_folder(const std::string& path) noexcept {
  ::rmdir(path.c_str());
  faults::reach("removed a folder");
}

bool remove_file(const std::string& path) {
  if (::unlink(path.c_str()) == 0) {
    faults::reach("removed a file");
    return true;
  }
  if (errno == ENOENT) return false;
  throw_errno(errno, "cannot remove " + path);
}

std::string parent_of(const std::string& path) {
  const std::string parent = std::filesystem::path(path).parent_path().string();
  return parent.empty() ? "." : parent;
}

}  // namespace ipcm::platform
