// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "platform/access.hpp"
#include "platform/folder.hpp"
#include "platform/unique_fd.hpp"

namespace ipcm::platform {

enum class FileKind { missing, regular, folder, other };

/// Follows symbolic links. Throws Error where the system will not tell.
FileKind kind_of(const std::string& path);

/// The size in bytes; 0 for a missing file.
std::uint64_t file_size(const std::string& path) noexcept;
/// The same of an open file.
std::uint64_t size_of(int fd) noexcept;
/// The first bytes of an open file, at most `size`; empty if it cannot be read.
std::string beginning_of(int fd, std::size_t size);

/// Makes a folder with a random name, readable for its owner only, where temporary files go, and returns its path.
/// Throws Error, also where TMPDIR is no folder.
std::string make_private_folder();
/// Whether it is such a folder, of this user.
bool is_private_folder(const Folder& folder);

/// Makes what the folder lists durable.
void sync_folder(const Folder& folder);

/// The same in two steps, for what must not fail for lack of a descriptor once a name has been changed.
class FolderToSync {
 public:
  explicit FolderToSync(const Folder& folder);
  void sync() const;

 private:
  std::string path_;
  UniqueFd folder_;
};

/// All of a file; nothing where there is none. Throws Error.
std::optional<std::string> read_file(const std::string& path);

/// The names in a folder; none where there is none. Throws Error.
std::vector<std::string> names_in(const std::string& path);

/// The folder of a path, "." for a bare name.
std::string parent_of(const std::string& path);
/// What the path names in that folder.
std::string name_in(const std::string& path);

}  // namespace ipcm::platform
