// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <SQLiteCpp/Database.h>

#include <ipcm/error.hpp>

#include "core/function_ref.hpp"
#include "platform/access.hpp"
#include "platform/file.hpp"
#include "storage/sqlite/locks.hpp"
#include "storage/sqlite/route_database.hpp"
#include "storage/sqlite/route_path.hpp"

namespace ipcm::storage::sqlite {

/// An SQLite connection to a route that exists, with the settings that every connection must have, and the lock file
/// beside it. It is bound to the file that it opened: once that is no longer at its path, calls throw RouteGone.
///
/// One thread at a time.
class Connection {
 public:
  /// Throws Error: what verify_route_file() throws, Unsafe, ReadOnly, RouteDamaged, Busy, StorageFailure.
  Connection(const RoutePath& path, std::chrono::milliseconds busy_timeout);
  /// The last connection to a route folds the write-ahead log into the database file, so that one file is left at rest.
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  SQLite::Database& database() const { return database_.get(); }
  RouteLocks& locks() noexcept { return locks_; }
  const RoutePath& path() const noexcept { return path_; }
  /// Who may use the route.
  const platform::Access& access() const noexcept { return access_; }
  std::chrono::milliseconds busy_timeout() const noexcept { return busy_timeout_; }

  /// Throws RouteGone, WrongProcess.
  void require_route() const;
  /// Throws WrongProcess in a child of the process that opened this.
  void require_own_process() const;
  bool in_own_process() const noexcept { return database_.in_own_process(); }
  /// Keeps what uses the connection until just before it is closed.
  template <typename Dependent>
  Dependent& keep(std::unique_ptr<Dependent> dependent) {
    return database_.keep(std::move(dependent));
  }
  void drop(const void* dependent) noexcept { database_.drop(dependent); }

  /// Before a commit: throws RouteGone if the log is no longer at its path, as what is committed to it would go with
  /// the last client; the connection is of no use then but to close. Or if the lock file has no name any more.
  void require_log();

  /// Runs `work` and turns what SQLite throws into Error. `attempt` is a verb: "write to".
  void guarded(std::string_view attempt, FunctionRef<void()> work);

  /// After a commit, with the turn to write: moves the log into the database file when it has grown. All checkpoints
  /// happen here and at closing, never beside a commit of another connection (docs/decisions/0003). Returns whether it
  /// was time.
  bool checkpoint_if_due() noexcept;
  /// The same however much the log has grown. Returns how many bytes of it those who read them keep there.
  std::uint64_t checkpoint() noexcept;
  /// With the write lock, outside a transaction, after a write that found no space: moves the whole log into the
  /// database file and waits for its readers, so that the next commit begins the log anew, in the space that it has.
  /// Returns false if some of the log stays in use.
  bool reuse_log() noexcept;

  int schema_version();

  /// Applies what the route says of its durability. A commit by itself is never synced under it: sync_log() is, and
  /// where it has to be.
  void set_durability(std::string_view durability);

  /// Overwrites with zeros what leaves the database file from now on.
  void secure_delete();

  /// To be called once the log has been opened. Under `full`: makes its name survive power loss; whoever made the log
  /// may not have lived to do that.
  void sync_log_name();

  /// To be called after every commit, once the turn to write has been passed on. Under `full`: makes that commit, and
  /// every one before it, survive power loss. Throws Error(StorageFailure) where the disk fails; from then on the
  /// connection is of no use, as what a failed sync left on the disk is unknown.
  void sync_log();
  /// Whether sync_log() does anything.
  bool syncs_commits() const noexcept { return sync_commits_; }

 private:
  static int wait_for_other(void* self, int attempts) noexcept;
  static int count_log_pages(void* self, sqlite3* database, const char* schema, int pages) noexcept;
  void apply_settings();
  void adopt_durability();
  void require_file() const;
  std::optional<platform::FileIdentity> log_at_its_name() const noexcept;
  bool has_log() const noexcept { return log_ && log_ == log_at_its_name(); }

  RoutePath path_;
  std::string log_name_;  // closing looks for it, for which memory may be lacking
  platform::Access access_;
  std::chrono::milliseconds busy_timeout_;
  RouteLocks locks_;
  RouteDatabase database_;
  platform::FileStatus file_;                  // that SQLite has open, as it was then
  std::optional<platform::FileIdentity> log_;  // the same
  std::chrono::steady_clock::time_point busy_deadline_{};
  int log_pages_ = 0;
  bool sync_commits_ = true;
  bool broken_ = false;
  bool log_is_gone_ = false;
};

}  // namespace ipcm::storage::sqlite
