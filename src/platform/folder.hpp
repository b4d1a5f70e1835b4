// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "platform/access.hpp"
#include "platform/unique_fd.hpp"

namespace ipcm::platform {

/// An open folder. Everything is done relative to it: another user who exchanges the folder, or a link, under its path
/// cannot make a caller change files elsewhere. No name is followed where it is a symbolic link.
///
/// Thread-safe. What root makes in another user's folder belongs to that user.
class Folder {
 public:
  /// Opens a folder by a path. A symbolic link in it is followed if it belongs to this process's user or to root, and
  /// refused if another user put it there. Throws Error: RouteMissing if there is none; Unsafe for such a link or if it
  /// is no folder.
  explicit Folder(const std::string& path);
  /// Opens a folder in an open one. Throws the same.
  Folder(const Folder& parent, const std::string& name);
  /// The same, and makes it for files of such access if it is missing. Throws Error.
  static Folder ensure(const Folder& parent, const std::string& name, const Access& access = {});

  /// For the text of errors.
  const std::string& path() const noexcept { return path_; }
  std::string path_of(std::string_view name) const { return path_ + "/" + std::string(name); }

  /// To call the system with; it cannot be read from (O_PATH).
  int descriptor() const noexcept { return fd_.get(); }

  /// Throws Error.
  FileStatus status() const;
  /// Returns nothing if there is no such file.
  std::optional<FileStatus> status_of(const std::string& name) const noexcept;
  /// Whether this process may read the file, or write it. A symbolic link is not followed.
  bool may_read(const std::string& name) const noexcept;
  bool may_write(const std::string& name) const noexcept;
  /// The names in it. Throws Error.
  std::vector<std::string> names() const;

  /// Opens a file; -1 with errno if that fails.
  UniqueFd open(const std::string& name, int flags) const noexcept;
  /// Opens what is there, of whatever kind, a symbolic link too, only to look at it; -1 with errno if nothing is. Does
  /// not disturb the locks that this process has on the file.
  UniqueFd open_to_look(const std::string& name) const noexcept;
  /// Makes an empty file. Returns false if there is something of that name. Throws Error.
  bool make_file(const std::string& name, const Access& access) const;
  /// Returns all of a file; nothing if there is none. Throws Error.
  std::optional<std::string> read_file(const std::string& name) const;
  /// Makes what is in a file durable. Not for one that SQLite has open: closing it here would drop SQLite's locks.
  /// Throws Error.
  void sync_file(const std::string& name) const;
  /// Makes a file that only its owner may read. Throws Error, and leaves nothing: also if there is one.
  void write_new_file(const std::string& name, std::string_view bytes) const;
  /// Replaces a file, or makes it, in one step: no reader ever sees a part of it. Not for two callers at once. Throws
  /// Error.
  void replace_file(const std::string& name, std::string_view bytes) const;
  /// Gives a file another name, whose former file is gone. Throws Error.
  void rename_file(const std::string& from, const std::string& to) const;
  /// Removes a file or a symbolic link. Returns false if there was none. Throws Error.
  bool remove_file(const std::string& name) const;
  /// Removes an empty folder; does nothing if it is not empty or there is none.
  void remove_empty_folder(const std::string& name) const noexcept;

  /// Gives the folder itself to those who have such access. Throws Error.
  void give_access(const Access& access) const;

 private:
  Folder(UniqueFd fd, std::string path) : fd_(std::move(fd)), path_(std::move(path)) {}

  bool make_file_at_once(const std::string& name, const Access& access) const;

  UniqueFd fd_;
  std::string path_;
};

}  // namespace ipcm::platform
