// SPDX-License-Identifier: MIT
#include "storage/sqlite/backup.hpp"

#include <sqlite3.h>

#include <SQLiteCpp/Backup.h>
#include <SQLiteCpp/Statement.h>

#include "storage/sqlite/draft.hpp"
#include "storage/sqlite/lost_tail.hpp"
#include "storage/sqlite/route_record.hpp"

namespace ipcm::storage::sqlite {
namespace {

constexpr int kPagesAtOnce = 256;
constexpr std::uint64_t kBytesOfPage = 4096;

// One view of the route for as long as it lives. A view that each step took anew would make SQLite begin from the first
// page whenever somebody else has written in between.
class OneView {
 public:
  explicit OneView(SQLite::Database& database) : database_(database) {
    database_.exec("BEGIN");
    database_.execAndGet("SELECT count(*) FROM route");
  }
  ~OneView() { database_.tryExec("ROLLBACK"); }
  OneView(const OneView&) = delete;
  OneView& operator=(const OneView&) = delete;

 private:
  SQLite::Database& database_;
};

void copy_pages(SQLite::Database& from, SQLite::Database& to, BackupProgress progress) {
  const OneView view(from);
  SQLite::Backup backup(to, from);
  bool more = true;
  while (more) {
    more = backup.executeStep(kPagesAtOnce) != SQLITE_DONE;
    const auto total = static_cast<std::uint64_t>(backup.getTotalPageCount());
    const auto left = static_cast<std::uint64_t>(backup.getRemainingPageCount());
    progress((total - left) * kBytesOfPage, total * kBytesOfPage);
  }
}

void set_id(SQLite::Database& database, const std::string& id) {
  SQLite::Statement update(database, "UPDATE route SET route_id = ?");
  update.bind(1, id);
  update.exec();
}

void require_own_tables_in(SQLite::Database& database, const RoutePath& path) {
  const int version = database.execAndGet("PRAGMA user_version").getInt();
  if (version > current_schema_version()) throw_too_new(path, version);
  if (version < 1) throw_damaged(path, "it has schema version " + std::to_string(version));
  require_own_tables(database, path, version);
}

// What has vanished from a route of an older version is told once it is migrated.
void require_sound(Connection& route) {
  const RoutePath& path = route.path();
  route.guarded("read", [&] {
    SQLite::Database& database = route.database();
    require_own_tables_in(database, path);
    if (route.schema_version() != current_schema_version()) return;
    const NewRoute record = read_route_record(database, path);
    require_whole_tail(
        path, lost_at_both_looks([&] { return find_lost_tail(database, record, route.locks().tail_notes()); }));
  });
}

}  // namespace

void copy_route(Connection& route, const RoutePath& draft, const std::string& id_of_copy, BackupProgress progress) {
  require_sound(route);
  Draft copy(draft);
  route.guarded("read", [&] { copy_pages(route.database(), copy.database(), progress); });
  route.require_route();
  require_own_tables_in(copy.database(), route.path());  // somebody may have changed them meanwhile
  set_id(copy.database(), id_of_copy);
  copy.finish();
}

void require_elsewhere(const RoutePath& route, const RoutePath& target) {
  const auto here = route.identity_of(route.database());
  bool same = here && here == target.identity_of(target.database());
  for (const std::string& file :
       {route.database(), route.write_ahead_log(), route.shared_memory(), route.rollback_journal(), route.lock_file(),
        route.wake_folder(), route.draft().database()}) {
    same = same || file == target.database();
  }
  if (!same) return;
  throw Error(ErrorCode::InvalidArgument,
              "the copy of " + route.database() + " cannot be one of its own files: " + target.database() + ".");
}

}  // namespace ipcm::storage::sqlite
