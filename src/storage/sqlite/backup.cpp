// SPDX-License-Identifier: MIT
#include "storage/sqlite/backup.hpp"

#include <sqlite3.h>

#include <SQLiteCpp/Backup.h>
#include <SQLiteCpp/Statement.h>

#include "platform/file.hpp"
#include "storage/sqlite/draft.hpp"

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

}  // namespace

void copy_route(Connection& route, const RoutePath& draft, const std::string& id_of_copy, BackupProgress progress) {
  Draft copy(draft);
  route.guarded("read", [&] { copy_pages(route.database(), copy.database(), progress); });
  route.require_route();
  set_id(copy.database(), id_of_copy);
  copy.finish();
}

void require_elsewhere(const RoutePath& route, const RoutePath& target) {
  const auto here = platform::FileIdentity::at(route.database());
  bool same = here && here == platform::FileIdentity::at(target.database());
  for (const std::string& file :
       {route.database(), route.write_ahead_log(), route.shared_memory(), route.rollback_journal(), route.lock_file(),
        route.wake_folder(), route.database() + "-new"}) {
    same = same || file == target.database();
  }
  if (!same) return;
  throw Error(ErrorCode::InvalidArgument,
              "the copy of " + route.database() + " cannot be one of its own files: " + target.database() + ".");
}

}  // namespace ipcm::storage::sqlite
