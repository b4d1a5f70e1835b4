// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

namespace ipcm::platform {

/// Which file it is, whatever its name.
struct FileIdentity {
  dev_t device = 0;
  ino_t inode = 0;

  static std::optional<FileIdentity> at(const std::string& path) noexcept;
  static std::optional<FileIdentity> of(int fd) noexcept;

  friend bool operator==(const FileIdentity&, const FileIdentity&) = default;
};

enum class FileKind { missing, regular, folder, other };

/// Follows symbolic links. Throws Error where the system will not tell.
FileKind kind_of(const std::string& path);

/// The size in bytes; 0 for a missing file.
std::uint64_t file_size(const std::string& path) noexcept;

/// Makes a folder with a random name, readable for its owner only, and returns its path.
std::string make_private_folder(const std::string& prefix);

/// Makes a folder with that mode unless there is one. Throws Error.
void ensure_folder(const std::string& path, mode_t mode);

/// Makes what the folder lists durable.
void sync_folder(const std::string& path);

/// Removes a file. False if there was none. Throws Error.
bool remove_file(const std::string& path);

/// The folder of a path, "." for a bare name.
std::string parent_of(const std::string& path);

}  // namespace ipcm::platform
