// SPDX-License-Identifier: MIT
#include "platform/readable_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "platform/system_error.hpp"

namespace ipcm::platform {

std::optional<ReadableFile> ReadableFile::open(const Folder& folder, const std::string& name) {
  UniqueFd fd = folder.open(name, O_RDONLY);
  if (!fd && (errno == ENOENT || errno == ENOTDIR)) return std::nullopt;
  struct stat status {};
  if (!fd || ::fstat(fd.get(), &status) != 0) throw_errno(errno, "cannot open " + folder.path_of(name));
  if (!S_ISREG(status.st_mode)) return std::nullopt;
  return ReadableFile(std::move(fd));
}

std::uint64_t ReadableFile::size() const noexcept {
  struct stat status {};
  return ::fstat(fd_.get(), &status) == 0 ? static_cast<std::uint64_t>(status.st_size) : 0;
}

std::size_t ReadableFile::read(std::uint64_t offset, std::span<std::uint8_t> into) const noexcept {
  std::size_t got = 0;
  while (got < into.size()) {
    const ssize_t count = ::pread(fd_.get(), into.data() + got, into.size() - got, static_cast<off_t>(offset + got));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    got += static_cast<std::size_t>(count);
  }
  return got;
}

}  // namespace ipcm::platform
