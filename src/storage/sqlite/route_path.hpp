// SPDX-License-Identifier: MIT
#pragma once

#include <string>

namespace ipcm::storage::sqlite {

/// The files that belong to a route. docs/file-format.md lists them, side_file_ending() knows the ends of their names.
class RoutePath {
 public:
  explicit RoutePath(std::string database) : database_(std::move(database)) {}

  const std::string& database() const noexcept { return database_; }
  std::string write_ahead_log() const { return database_ + "-wal"; }
  std::string shared_memory() const { return database_ + "-shm"; }
  std::string rollback_journal() const { return database_ + "-journal"; }
  std::string lock_file() const { return database_ + "-lock"; }
  /// The name under which the route is made before it gets its own.
  RoutePath draft() const { return RoutePath(database_ + "-unfinished"); }
  /// The folder of the sockets on which sleeping clients are woken.
  std::string wake_folder() const { return database_ + "-wake"; }

 private:
  std::string database_;
};

}  // namespace ipcm::storage::sqlite
