// SPDX-License-Identifier: MIT
#include "storage/sqlite/route_view.hpp"

#include <sqlite3.h>

#include "platform/access.hpp"
#include "platform/file.hpp"
#include "platform/lock_owners.hpp"
#include "storage/sqlite/distrust.hpp"
#include "storage/sqlite/engine_error.hpp"
#include "storage/sqlite/locks.hpp"
#include "storage/sqlite/route_access.hpp"
#include "storage/sqlite/route_record.hpp"
#include "storage/sqlite/side_file_check.hpp"
#include "storage/sqlite/sqlite_transaction.hpp"

namespace ipcm::storage::sqlite {
namespace {

constexpr int kPatienceOfViewInMs = 2000;

// The byte of the log's index that every connection keeps locked: https://www.sqlite.org/walformat.html
constexpr off_t kConnectedByte = 128;

// Nothing where there is a log to be read, or another process that may be writing one.
std::optional<platform::FileStatus> frozen_file(const RoutePath& path) {
  const auto log = path.status_of(path.write_ahead_log());
  if (log && (log->size > 0 || is_in_use(path))) return std::nullopt;
  return path.status_of(path.database());
}

// Verified first, so that SQLite opens nothing that is not a route.
const RoutePath& verified(const RoutePath& path) {
  verify_route_file(path);
  refuse_foreign_side_files(path);
  return path;
}

}  // namespace

bool is_in_use(const RoutePath& path) {
  // The system lists no locks of processes in other containers, but those on the lock file can be asked for.
  if (path.look_at_lock_file().is_locked(kPresenceBase, kMailSleepBase - kPresenceBase)) return true;
  const auto index = path.identity_of(path.shared_memory());
  return index && !platform::lock_owners(*index, kConnectedByte, kConnectedByte).empty();
}

RouteView::RouteView(const RoutePath& path) try
    : path_(path),
      lock_file_(path.look_at_lock_file()),
      was_in_use_(is_in_use(path)),
      frozen_(frozen_file(path)),
      database_(verified(path), frozen_ ? RouteDatabase::Mode::read_frozen : RouteDatabase::Mode::read) {
  sqlite3* const handle = database_.handle();
  sqlite3_db_config(handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  sqlite3_extended_result_codes(handle, 1);
  sqlite3_busy_timeout(handle, kPatienceOfViewInMs);
  distrust_schema(handle);
  guarded([&] {
    database().exec("PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0; PRAGMA query_only = ON;");
    schema_version_ = database().execAndGet("PRAGMA user_version").getInt();
  });
  database_.note_index();
} catch (const SQLite::Exception& failure) {
  throw translate(failure, nullptr, "cannot open " + path.database());
}

std::unique_ptr<RouteView> view_if_read_only(const RoutePath& path) {
  const auto file = path.status_of(path.database());
  if (!file || !file->is_file() || path.folder().may_write(platform::name_in(path.database()))) return nullptr;
  if (!file->is_own() && !file->is_of_own_group() && !platform::is_root()) return nullptr;
  refuse_files_of_strangers(path);
  auto view = std::make_unique<RouteView>(path);
  refuse_file_of_stranger(path, view->file());
  view->require_current();
  return view;
}

RouteView::~RouteView() = default;

void RouteView::require_current() {
  if (schema_version_ < current_schema_version()) {
    throw Error(ErrorCode::RouteTooOld, "the route " + path_.database() + " has schema version " +
                                            std::to_string(schema_version_) + "; this library reads version " +
                                            std::to_string(current_schema_version()) +
                                            ", and may not bring the file up to date. Its owner can: `ipcm migrate`.");
  }
  guarded([&] { require_own_tables(database(), path_, schema_version_); });
}

NewRoute RouteView::record() {
  NewRoute record;
  guarded([&] { record = read_route_record(database(), path_); });
  return record;
}

std::vector<TailNote> RouteView::notes() const {
  std::string page = lock_file_.contents(platform::SharedPage::kSize);
  return TailNotes(page.data() + kTailNotesOffset).all();
}

std::vector<LostTail> RouteView::lost_tail() {
  const NewRoute route = record();
  const auto look = [&] {
    std::string page = lock_file_.contents(platform::SharedPage::kSize);
    std::vector<LostTail> lost;
    guarded([&] { lost = find_lost_tail(database(), route, TailNotes(page.data() + kTailNotesOffset)); });
    return lost;
  };
  return lost_at_both_looks(look);
}

void RouteView::read(FunctionRef<void(Snapshot&)> work) {
  guarded([&] {
    if (!transaction_) transaction_ = std::make_unique<SqliteTransaction>(database());
    database().exec("BEGIN");
    try {
      work(*transaction_);
      database().exec("COMMIT");
    } catch (...) {
      if (sqlite3_get_autocommit(database_.handle()) == 0) database().tryExec("ROLLBACK");
      throw;
    }
  });
}

bool RouteView::is_present(PeerId peer) {
  return lock_file_.is_locked(kPresenceBase + static_cast<off_t>(peer));
}

void RouteView::write(FunctionRef<void(Transaction&)>) {
  throw_read_only(path_.database());
}

bool RouteView::hold_presence(PeerId) {
  throw_read_only(path_.database());
}

void RouteView::guarded(FunctionRef<void()> work) {
  const RouteDatabase::Call call(database_);
  try {
    work();
  } catch (const SQLite::Exception& failure) {
    require_unchanged();
    throw translate(failure, database_.handle(), "cannot read " + path_.database());
  }
  require_unchanged();
}

void RouteView::require_unchanged() const {
  if (!frozen_) return;
  const auto now = path_.status_of(path_.database());
  if (now && now->identity == frozen_->identity && now->changed == frozen_->changed && now->size == frozen_->size &&
      (was_in_use_ || !is_in_use(path_))) {
    return;
  }
  throw Error(ErrorCode::Busy, path_.database() + " was changed while it was looked at; try again.");
}

}  // namespace ipcm::storage::sqlite
