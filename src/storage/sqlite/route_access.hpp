// SPDX-License-Identifier: MIT
// Whose a route's files are, and that nothing lies beside them that somebody else put there.
#pragma once

#include <chrono>
#include <optional>

#include "platform/access.hpp"
#include "storage/sqlite/locks.hpp"
#include "storage/sqlite/route_path.hpp"

namespace ipcm::storage::sqlite {

/// Who may use the route, as its file says: its owner, or its group, too. What is made beside it gets the same.
platform::Access access_of(const RoutePath& path);

/// A route is used only where its file has one name and is one's own, root's, or closed to all but a group that one is
/// in; and where its log, its index and its journal are plain files of the same people. Throws Error(Unsafe).
void refuse_files_of_strangers(const RoutePath& path);

/// The same for the route's file alone, as it is open. What another user owns is refused whether its mode lets it be
/// written or not: the mode can be another one at the next moment. Throws Error(Unsafe).
void refuse_file_of_stranger(const RoutePath& path, const platform::FileStatus& database);

/// The same for a lock file that is open; `database`: the route's file, if there is one. Throws Error(Unsafe).
void refuse_lock_file_of_stranger(const RoutePath& path, RouteLocks& locks,
                                  const std::optional<platform::FileStatus>& database);

/// While SQLite opens its side files: where others may make files in the folder, or a group shares the route, those
/// that are missing are made here first, so that nobody can put others in their place and the group may use them. With
/// the turn to write, as whoever leaves last removes them. Elsewhere it does nothing.
///
/// Throws Error: Unsafe, Busy, ReadOnly, StorageFailure.
class SideFiles {
 public:
  SideFiles(const RoutePath& path, const platform::Access& access, RouteLocks& locks,
            std::chrono::milliseconds patience);
  ~SideFiles();
  SideFiles(const SideFiles&) = delete;
  SideFiles& operator=(const SideFiles&) = delete;

 private:
  void remove_journal() noexcept;

  const RoutePath& path_;
  std::optional<WriteTurn> turn_;
  bool made_journal_ = false;
};

}  // namespace ipcm::storage::sqlite
