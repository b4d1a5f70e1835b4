// SPDX-License-Identifier: MIT
#include "platform/file.hpp"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "core/fault_point.hpp"
#include "platform/system_error.hpp"
#include "platform/unique_fd.hpp"

namespace ipcm::platform {

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

std::uint64_t size_of(int fd) noexcept {
  struct stat status {};
  return ::fstat(fd, &status) == 0 ? static_cast<std::uint64_t>(status.st_size) : 0;
}

std::string beginning_of(int fd, std::size_t size) {
  std::string bytes(size, '\0');
  ssize_t got = 0;
  do got = ::pread(fd, bytes.data(), size, 0);
  while (got < 0 && errno == EINTR);
  bytes.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  return bytes;
}

namespace {

constexpr std::string_view kPrivateFolder = "ipcm-XXXXXX";

}  // namespace

std::string make_private_folder() {
  std::error_code problem;
  const std::filesystem::path parent = std::filesystem::temp_directory_path(problem);
  if (problem) {
    const char* const wanted = std::getenv("TMPDIR");
    throw Error(ErrorCode::InvalidArgument, std::string("cannot make a folder where temporary files go: ") +
                                                (wanted != nullptr ? wanted : "/tmp") + ": " + problem.message() +
                                                ". Set TMPDIR to a folder that is there, or name a route.");
  }
  std::string path = (parent / kPrivateFolder).string();
  if (::mkdtemp(path.data()) == nullptr) throw_errno(errno, "cannot make a folder " + path);
  return path;
}

bool is_private_folder(const Folder& folder) {
  const std::string name = name_in(folder.path());
  if (name.size() != kPrivateFolder.size() || !name.starts_with(kPrivateFolder.substr(0, 5))) return false;
  const FileStatus status = folder.status();
  return (status.mode & 07777) == 0700 && status.owner == ::geteuid();
}

FolderToSync::FolderToSync(const Folder& folder)
    : path_(folder.path()), folder_(::openat(folder.descriptor(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
  if (!folder_) throw_errno(errno, "cannot open the folder " + path_);
}

void sync_folder(const Folder& folder) {
  FolderToSync(folder).sync();
}

void FolderToSync::sync() const {
  if (faults::has_bug("folders are not synced")) return;
  // Some file systems cannot sync a folder and say EINVAL: nothing can be done about that.
  if (::fsync(folder_.get()) != 0 && errno != EINVAL) {
    throw_errno(errno, "whether the last change survives a power loss is unknown: cannot sync the folder " + path_);
  }
  faults::reach("synced a folder");
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

std::string parent_of(const std::string& path) {
  const std::string parent = std::filesystem::path(path).parent_path().string();
  return parent.empty() ? "." : parent;
}

std::string name_in(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}

}  // namespace ipcm::platform
