// SPDX-License-Identifier: MIT
#pragma once

#include <limits>
#include <memory>
#include <optional>
#include <vector>

#include <SQLiteCpp/Database.h>

#include "platform/access.hpp"
#include "platform/lock_file_view.hpp"
#include "storage/sqlite/lost_tail.hpp"
#include "storage/sqlite/route_database.hpp"
#include "storage/sqlite/route_file.hpp"
#include "storage/sqlite/route_path.hpp"
#include "storage/store.hpp"

namespace ipcm::storage::sqlite {

class SqliteTransaction;

/// A route that is looked at and not touched: neither the database file nor its log nor the lock file changes by a
/// byte, whether clients are connected or were killed. (Where a log is there that nobody has open, SQLite makes its
/// index, the file -shm, anew; that holds nothing of its own.) A Store to read from, and nothing else.
///
/// Where there is no log to read, the file is read as if it could not change, so that SQLite makes no files beside it.
/// Should it change all the same, read() throws Error(Busy).
class RouteView : public Store {
 public:
  /// Throws Error: what verify_route_file() throws, ReadOnly, RouteDamaged, StorageFailure. The schema may be older.
  explicit RouteView(const RoutePath& path);
  ~RouteView() override;

  SQLite::Database& database() const { return database_.get(); }
  const RoutePath& path() const noexcept { return path_; }
  /// The file that is open. Throws Error(RouteGone) if it is no longer the one under its name.
  platform::FileStatus file() const { return database_.file(path_); }
  const platform::LockFileView& lock_file() const noexcept { return lock_file_; }
  int schema_version() const noexcept { return schema_version_; }

  /// Throws Error: RouteTooOld; RouteDamaged if the tables are not those of a route.
  void require_current();
  /// Throws Error(RouteDamaged).
  NewRoute record();
  std::vector<LostTail> lost_tail();
  /// The notes beside the route, whatever they say.
  std::vector<TailNote> notes() const;

  void read(FunctionRef<void(Snapshot&)> work) override;
  bool is_present(PeerId peer) override;
  bool keeps_jobs() const noexcept override { return true; }
  std::size_t max_content() const override { return std::numeric_limits<std::size_t>::max(); }  // nothing is stored
  std::uint64_t change_count() override { return 0; }
  void abandon() noexcept override {}

  // A view has no name and writes nothing: ReadOnly.
  void write(FunctionRef<void(Transaction&)> work) override;
  bool hold_presence(PeerId peer) override;
  void drop_presence(PeerId) noexcept override {}

 private:
  void guarded(FunctionRef<void()> work);
  void require_unchanged() const;

  RoutePath path_;
  platform::LockFileView lock_file_;
  bool was_in_use_;
  std::optional<platform::FileStatus> frozen_;  // what the file was, where it is taken not to change
  RouteDatabase database_;
  int schema_version_ = 0;
  std::unique_ptr<SqliteTransaction> transaction_;
};

/// Returns a view of a route that this process may not write and whose owner it trusts: itself, root or a member of its
/// group. Returns nullptr for any other. Throws Error: what RouteView
/// throws, Unsafe, RouteTooOld, RouteDamaged for foreign tables.
std::unique_ptr<RouteView> view_if_read_only(const RoutePath& path);

/// Whether some process has the route's database open: it holds a lock on the log's index as long, and a client with a
/// name one on the lock file.
bool is_in_use(const RoutePath& path);

}  // namespace ipcm::storage::sqlite
