// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include <SQLiteCpp/Database.h>

#include <ipcm/error.hpp>

#include "core/function_ref.hpp"
#include "storage/sqlite/locks.hpp"
#include "storage/sqlite/route_path.hpp"

namespace ipcm::storage::sqlite {

/// An SQLite connection to a route that exists, with the settings that every connection must have, and the lock file
/// beside it. It is bound to the file that it opened: once that is no longer at its path, calls throw RouteGone.
///
/// One thread at a time.
class Connection {
 public:
  /// Throws Error: what verify_route_file() throws, ReadOnly, RouteDamaged, Busy, StorageFailure.
  Connection(const RoutePath& path, std::chrono::milliseconds busy_timeout);
  /// The last connection to a route folds the write-ahead log into the database file, so that one file is left at rest.
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  SQLite::Database& database() noexcept { return database_; }
  RouteLocks& locks() noexcept { return locks_; }
  const RoutePath& path() const noexcept { return path_; }
  std::chrono::milliseconds busy_timeout() const noexcept { return busy_timeout_; }

  /// Throws RouteGone.
  void require_route() const;

  /// Runs `work` and turns what SQLite throws into Error. `attempt` is a verb: "write to".
  void guarded(std::string_view attempt, FunctionRef<void()> work);

  /// After a commit, with the turn to write: moves the log into the database file when it has grown. All checkpoints
  /// happen here and at closing, never beside a commit of another connection (docs/decisions/0003).
  void checkpoint_if_due() noexcept;

  int schema_version();
  void set_synchronous(std::string_view durability);

  /// In a forked child: the connection is closed without touching the route's files.
  void leave_files_alone() noexcept;

 private:
  static int wait_for_other(void* self, int attempts) noexcept;
  static int count_log_pages(void* self, sqlite3* database, const char* schema, int pages) noexcept;
  void apply_settings();

  RoutePath path_;
  std::chrono::milliseconds busy_timeout_;
  RouteLocks locks_;
  SQLite::Database database_;
  std::chrono::steady_clock::time_point busy_deadline_{};
  int log_pages_ = 0;
  bool may_touch_files_ = true;
};

}  // namespace ipcm::storage::sqlite
