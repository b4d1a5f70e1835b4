// SPDX-License-Identifier: MIT
#include "platform/access.hpp"

#include <fcntl.h>
#include <grp.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <filesystem>
#include <system_error>
#include <vector>

#include <ipcm/error.hpp>

#include "core/names.hpp"
#include "platform/system_error.hpp"
#include "platform/unique_fd.hpp"

namespace ipcm::platform {
namespace {

std::optional<FileStatus> status_of(int folder, const char* path, int flags) noexcept {
  struct statx status {};
  constexpr unsigned kWanted = STATX_BASIC_STATS;
  if (::statx(folder, path, flags, kWanted, &status) != 0) return std::nullopt;
  return FileStatus{status.stx_mode,
                    status.stx_uid,
                    status.stx_gid,
                    status.stx_nlink,
                    {::makedev(status.stx_dev_major, status.stx_dev_minor), status.stx_ino},
                    (status.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0,
                    status.stx_size,
                    status.stx_mtime.tv_sec * 1'000'000'000 + status.stx_mtime.tv_nsec};
}

bool is_own_group(gid_t group) noexcept {
  if (group == ::getegid()) return true;
  try {
    std::vector<gid_t> groups(static_cast<std::size_t>(std::max(::getgroups(0, nullptr), 0)));
    const int count = ::getgroups(static_cast<int>(groups.size()), groups.data());
    groups.resize(static_cast<std::size_t>(std::max(count, 0)));
    return std::ranges::find(groups, group) != groups.end();
  } catch (...) {  // no memory
    return false;
  }
}

bool is_a_strangers_link(const std::filesystem::path& path) {
  const auto link = FileStatus::at(path.string());
  if (!link || !S_ISLNK(link->mode) || link->is_own()) return false;
  const auto folder = FileStatus::at(path.parent_path().string());
  constexpr mode_t kOpenToAll = S_ISVTX | S_IWOTH;
  return folder && (folder->mode & kOpenToAll) == kOpenToAll && folder->owner != link->owner;
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

std::optional<FileStatus> FileStatus::at(const std::string& path) noexcept {
  return status_of(AT_FDCWD, path.c_str(), AT_SYMLINK_NOFOLLOW);
}

std::optional<FileStatus> FileStatus::of(int fd) noexcept {
  return status_of(fd, "", AT_EMPTY_PATH);
}

std::optional<FileStatus> FileStatus::in(int folder, const std::string& name) noexcept {
  return status_of(folder, name.c_str(), AT_SYMLINK_NOFOLLOW);
}

bool FileStatus::is_file() const noexcept {
  return S_ISREG(mode);
}

bool FileStatus::is_folder() const noexcept {
  return S_ISDIR(mode);
}

bool FileStatus::is_socket() const noexcept {
  return S_ISSOCK(mode);
}

bool FileStatus::is_for_group() const noexcept {
  constexpr mode_t kGroup = S_IRGRP | S_IWGRP;
  return (mode & kGroup) == kGroup;
}

bool FileStatus::is_open_to_others() const noexcept {
  return (mode & (S_IWGRP | S_IWOTH)) != 0;
}

bool FileStatus::is_own() const noexcept {
  return owner == ::geteuid() || owner == 0;
}

bool FileStatus::is_of_own_group() const noexcept {
  return (mode & S_IRWXO) == 0 && is_own_group(group);
}

bool is_root() noexcept {
  return ::geteuid() == 0;
}

bool may_read(const std::string& path) noexcept {
  return ::faccessat(AT_FDCWD, path.c_str(), R_OK, AT_EACCESS) == 0;
}

bool may_write(const std::string& path) noexcept {
  return ::faccessat(AT_FDCWD, path.c_str(), W_OK, AT_EACCESS) == 0;
}

void give_access(int fd, const std::string& path, const Access& access) {
  constexpr auto kNoChange = static_cast<uid_t>(-1);
  if (access.group || access.owner) {
    if (::fchown(fd, access.owner.value_or(kNoChange), access.group.value_or(kNoChange)) != 0) {
      throw_errno(errno, "cannot give " + path + " to its group. Only a member can");
    }
  }
  struct stat status {};  // the umask may have taken something away
  const bool as_wanted = ::fstat(fd, &status) == 0 && (status.st_mode & 07777) == access.mode;
  if (!as_wanted && ::fchmod(fd, access.mode) != 0) throw_errno(errno, "cannot set the mode of " + path);
}

gid_t find_group(const std::string& name) {
  gid_t number = 0;
  const auto [end, problem] = std::from_chars(name.data(), name.data() + name.size(), number);
  if (problem == std::errc() && end == name.data() + name.size()) return number;
  std::vector<char> buffer(1024);
  group entry{};
  group* found = nullptr;
  while (::getgrnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found) == ERANGE) {
    buffer.resize(buffer.size() * 2);
  }
  if (found == nullptr) throw Error(ErrorCode::InvalidArgument, "there is no group " + in_quotes(name) + ".");
  return found->gr_gid;
}

void refuse_links_of_strangers(const std::string& path) {
  namespace fs = std::filesystem;
  constexpr int kMostLinks = 40;  // as the kernel has it
  fs::path left = path;
  for (int links = 0; links < kMostLinks; ++links) {
    fs::path walked;
    bool was_link = false;
    for (auto part = left.begin(); part != left.end(); ++part) {
      walked = (walked / *part);
      if (is_a_strangers_link(walked)) {
        throw Error(ErrorCode::Unsafe, "the symbolic link " + walked.string() +
                                           " belongs to another user and lies where everybody may leave files. It "
                                           "is not followed.");
      }
      std::error_code no_link;
      const fs::path target = fs::read_symlink(walked, no_link);
      if (no_link) continue;
      fs::path next = target.is_absolute() ? target : walked.parent_path() / target;
      for (++part; part != left.end(); ++part) next /= *part;
      left = next;
      was_link = true;
      break;
    }
    if (!was_link) return;
  }
}

}  // namespace ipcm::platform
