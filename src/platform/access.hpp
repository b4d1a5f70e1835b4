// SPDX-License-Identifier: MIT
// Who may use a file.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>

namespace ipcm::platform {

/// Who may use what is made. Whatever the umask says, a file gets exactly these.
struct Access {
  Access(mode_t file_mode = 0600) : mode(file_mode) {}  // NOLINT(google-explicit-constructor)

  mode_t mode;
  std::optional<gid_t> group{};  ///< that may use it too
  std::optional<uid_t> owner{};  ///< where root makes something for somebody else

  /// Of a folder of such files. What is made in it belongs to its group.
  mode_t folder_mode() const noexcept { return group ? 02770 : 0700; }
};

/// Which file it is, whatever its name.
struct FileIdentity {
  dev_t device = 0;
  ino_t inode = 0;

  static std::optional<FileIdentity> at(const std::string& path) noexcept;
  static std::optional<FileIdentity> of(int fd) noexcept;

  friend bool operator==(const FileIdentity&, const FileIdentity&) = default;
};

/// What lies at a path; a symbolic link is not followed.
struct FileStatus {
  mode_t mode = 0;  ///< with the kind: S_ISREG() and so on
  uid_t owner = 0;
  gid_t group = 0;
  nlink_t links = 0;
  FileIdentity identity{};
  /// The file by itself is mounted there, which makes it the same file as another one in another folder. Known from
  /// Linux 5.8 on; false before.
  bool is_mounted = false;
  std::uint64_t size = 0;    ///< in bytes
  std::int64_t changed = 0;  ///< its bytes: nanoseconds since 1970

  /// Nothing: there is no file, or none that may be looked at.
  static std::optional<FileStatus> at(const std::string& path) noexcept;
  static std::optional<FileStatus> of(int fd) noexcept;
  /// What lies under that name in an open folder.
  static std::optional<FileStatus> in(int folder, const std::string& name) noexcept;

  bool is_file() const noexcept;
  bool is_folder() const noexcept;
  bool is_socket() const noexcept;
  /// Its group may read and write it.
  bool is_for_group() const noexcept;
  /// Its group, or everybody, may write it.
  bool is_open_to_others() const noexcept;
  /// This process's user, or root, owns it.
  bool is_own() const noexcept;
  /// Its group has this process in it, and it is open to nobody beyond it.
  bool is_of_own_group() const noexcept;
};

bool is_root() noexcept;

/// Whether this process may.
bool may_read(const std::string& path) noexcept;
bool may_write(const std::string& path) noexcept;

/// Throws Error.
void give_access(int fd, const std::string& path, const Access& access);

/// By its name or its number. Throws Error(InvalidArgument).
gid_t find_group(const std::string& name);

/// A path with a symbolic link in it that somebody else put into a folder where everybody may leave files, such as
/// /tmp, leads where he wants: throws Error(Unsafe). The kernel refuses the same where protected_symlinks is on
/// (proc(5)), and does not see what this library resolves by itself.
void refuse_links_of_strangers(const std::string& path);

}  // namespace ipcm::platform
