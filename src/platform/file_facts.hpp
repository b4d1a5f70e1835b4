// SPDX-License-Identifier: MIT
// What a person has to know of a file to judge whether it is safe and whether it works.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>

#include "platform/file.hpp"

namespace ipcm::platform {

struct FileFacts {
  FileKind kind = FileKind::other;
  bool is_link = false;  ///< the path itself; what follows is of the file that it leads to
  mode_t mode = 0;       ///< the bits of permission
  uid_t owner = 0;
  gid_t group = 0;
  std::uint64_t names = 0;  ///< hard links
  std::uint64_t size = 0;
  FileIdentity identity{};
  std::int64_t changed = 0;  ///< of its bytes: nanoseconds since 1970
};

/// Nothing where there is no such file, or where the system will not tell.
std::optional<FileFacts> facts_of(const std::string& path) noexcept;

/// "root (0)", or the number alone.
std::string user_text(uid_t user);
/// The same of a group.
std::string group_text(gid_t group);

struct FileSystemFacts {
  enum class Kind {
    local,
    network,  ///< or one that a process serves: its locks and its shared memory are not to be trusted
    memory,   ///< gone with the machine
    overlay,  ///< of a container
    unknown
  };

  std::string name;  ///< "ext4"
  Kind kind = Kind::unknown;
  bool read_only = false;
  std::uint64_t free_bytes = 0;  ///< for this user
};

/// Of the file system on which the path lies.
std::optional<FileSystemFacts> file_system_of(const std::string& path) noexcept;

}  // namespace ipcm::platform
