// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <string>

#include "platform/access.hpp"
#include "platform/folder.hpp"
#include "platform/lock_file_view.hpp"

namespace ipcm::storage::sqlite {

/// The files that belong to a route. docs/file-format.md lists them, side_file_ending() knows the ends of their names.
///
/// Their folder is opened once, when this is made, and everything is done to them by their names in it, also by SQLite
/// (RouteDatabase): another user who exchanges the folder, or a link, under the path cannot make files appear, change
/// or vanish elsewhere (docs/decisions/0021). Copies share the open folder.
class RoutePath {
 public:
  /// `database` is normalized. Does not throw for the folder: it may be missing, or be refused; see folder().
  explicit RoutePath(std::string database);

  // Paths: for the text of errors, and to name a file to what follows.
  const std::string& database() const noexcept { return database_; }
  std::string write_ahead_log() const { return database_ + "-wal"; }
  std::string shared_memory() const { return database_ + "-shm"; }
  std::string rollback_journal() const { return database_ + "-journal"; }
  std::string lock_file() const { return database_ + "-lock"; }
  /// The folder of the sockets on which sleeping clients are woken.
  std::string wake_folder() const { return database_ + "-wake"; }
  /// The name under which the route is made before it gets its own.
  RoutePath draft() const;

  /// The open folder. Throws Error if it cannot be used: RouteMissing, Unsafe for a symbolic link of another user,
  /// ReadOnly, StorageFailure.
  const platform::Folder& folder() const { return *shared_folder(); }
  const std::shared_ptr<const platform::Folder>& shared_folder() const;

  // `file` is one of the paths above. A symbolic link in its place is not followed. Each throws what folder() throws,
  // but that a missing folder has no files.

  /// Returns nullopt if nothing is there.
  std::optional<platform::FileStatus> status_of(const std::string& file) const;
  std::optional<platform::FileIdentity> identity_of(const std::string& file) const;
  /// Whether anything is there. A link to nothing is something.
  bool is_there(const std::string& file) const { return status_of(file).has_value(); }
  /// In bytes; 0 if it is missing.
  std::uint64_t size_of(const std::string& file) const;
  platform::LockFileView look_at_lock_file() const;

  /// Returns false if there is something already. Throws Error.
  bool make_file(const std::string& file, const platform::Access& access) const;
  /// Returns false if there was none. Throws Error.
  bool remove_file(const std::string& file) const;

 private:
  RoutePath(std::string database, const RoutePath& beside);

  std::string database_;
  std::shared_ptr<const platform::Folder> folder_;
  std::exception_ptr refused_;  // why there is none
  bool is_missing_ = false;
};

}  // namespace ipcm::storage::sqlite
