// SPDX-License-Identifier: MIT
#include "storage/sqlite/connection.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <thread>
#include <utility>

#include "core/fault_point.hpp"
#include "platform/file.hpp"
#include "platform/file_size_limit.hpp"
#include "platform/poll.hpp"
#include "storage/sqlite/distrust.hpp"
#include "storage/sqlite/engine_error.hpp"
#include "storage/sqlite/file_format.hpp"
#include "storage/sqlite/route_access.hpp"
#include "storage/sqlite/route_file.hpp"
#include "storage/sqlite/side_file_check.hpp"
#include "storage/sqlite/statement.hpp"

namespace ipcm::storage::sqlite {
namespace {

// A log of 1000 pages (4 MB) was the best even choice of those measured: fewer pages, more and shorter pauses.
constexpr int kCheckpointPages = 1000;
// What of the log file is kept for reuse once it has been moved into the database file.
constexpr int kKeptLogBytes = 16 << 20;

constexpr std::chrono::milliseconds kClosingPatience{1000};

// How long a writer that found no space waits for those who read the log, while others wait for the write lock.
constexpr std::chrono::milliseconds kPatienceWithReaders{1000};

// How long a writer that need not wait for the disk goes on while others wait: passing the turn on costs a wake-up.
constexpr std::chrono::microseconds kRunOfTurns{1000};

// Verified first, so that no lock file appears beside a file that is not a route.
platform::Access access_of_verified(const RoutePath& path) {
  verify_route_file(path);
  refuse_files_of_strangers(path);
  refuse_foreign_side_files(path);
  return access_of(path);
}

// A client with a name has the log and its index open.
bool lacks_files_in_use(const RoutePath& path) {
  if (path.is_there(path.write_ahead_log()) && path.is_there(path.shared_memory())) return false;
  return path.look_at_lock_file().is_locked(kPresenceBase, kMailSleepBase - kPresenceBase);
}

// SQLite would make a second log or index, with locks that the others do not see. A client that has just come or is
// about to leave may be without them for a moment.
void refuse_second_log(const RoutePath& path) {
  constexpr int kTries = 40;
  constexpr std::chrono::milliseconds kBetween{5};
  for (int tries = 0; lacks_files_in_use(path); ++tries) {
    if (tries == kTries) {
      throw Error(ErrorCode::RouteDamaged,
                  "clients use the route " + path.database() +
                      ", but its log, -wal, or its index, -shm, was deleted or renamed: what they store is in a file "
                      "without a name. Nothing was stored. `ipcm doctor " +
                      path.database() + "` says how to get it back.");
    }
    std::this_thread::sleep_for(kBetween);
  }
}

[[noreturn]] void throw_log_is_gone(const RoutePath& path) {
  throw Error(ErrorCode::RouteGone, "the log " + path.write_ahead_log() +
                                        " was deleted or replaced while the route was in use. Nothing was stored. What "
                                        "was stored before is still in the file that this process has open: `ipcm "
                                        "doctor " +
                                        path.database() + "` says how to get it back, before this process ends.");
}

}  // namespace

Connection::Connection(const RoutePath& path, std::chrono::milliseconds busy_timeout) try
    : path_(path),
      log_name_(platform::name_in(path.write_ahead_log())),
      access_(access_of_verified(path)),
      busy_timeout_(busy_timeout),
      locks_(path, access_),
      database_(path, RouteDatabase::Mode::write) {
  const platform::ForkHold hold;
  // Until it is known to be a route of ours, closing it must not change a byte.
  sqlite3_db_config(database_.handle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  file_ = database_.file(path_);
  refuse_file_of_stranger(path_, file_);
  refuse_lock_file_of_stranger(path_, locks_, file_);
  refuse_second_log(path_);
  const SideFiles nobody_elses(path_, access_, locks_, busy_timeout_);
  guarded("open", [this] { apply_settings(); });
  database_.note_index();
  log_ = log_at_its_name();
} catch (const SQLite::Exception& failure) {
  throw translate(failure, nullptr, "cannot open " + path.database());
}

Connection::~Connection() {
  if (!in_own_process()) return;
  const platform::ForkHold hold;
  try {
    // With the turn to write, nobody can remove or replace the route in between.
    const WriteTurn turn(locks_, kClosingPatience);
    require_file();
    // A log without a name is still folded in, unless others have begun another one.
    if (!has_log() && log_at_its_name()) return;
    adopt_durability();
    sqlite3_db_config(database_.handle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, nullptr);
    faults::reach("is about to close");
    database_.close();
  } catch (const std::exception&) {  // then the log stays as it is, for the next connection to read
  }
}

void Connection::apply_settings() {
  sqlite3* const handle = database_.handle();
  require_writable(handle, path_);
  sqlite3_extended_result_codes(handle, 1);
  sqlite3_busy_handler(handle, &Connection::wait_for_other, this);
  distrust_schema(handle);
  // Debian's SQLite overwrites with zeros what is deleted: each page of a message that is taken would be written once
  // more. A take of large messages is fifty times faster without. A route may ask for it: secure_delete().
  database_.get().exec("PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0; PRAGMA secure_delete = OFF;");
  const std::string mode = database_.get().execAndGet("PRAGMA journal_mode = WAL").getString();
  if (mode != "wal") {
    throw Error(ErrorCode::StorageFailure, path_.database() + " cannot use a write-ahead log; it is in mode " + mode +
                                               ". A route needs a local file system with shared memory.");
  }
  database_.get().exec("PRAGMA journal_size_limit = " + std::to_string(kKeptLogBytes));
  sqlite3_wal_hook(handle, &Connection::count_log_pages, this);  // in place of SQLite's own automatic checkpoint
}

void Connection::require_own_process() const {
  if (in_own_process()) return;
  throw Error(ErrorCode::WrongProcess, "the connection to " + path_.database() +
                                           " belongs to the process that this one was forked from. Connect anew.");
}

void Connection::require_route() const {
  require_own_process();
  if (broken_) {
    throw Error(ErrorCode::StorageFailure, "the disk of " + path_.database() + " failed before. Connect again.");
  }
  if (log_is_gone_) throw_log_is_gone(path_);
  require_file();
}

void Connection::require_file() const {
  // By its path: in the open folder it is still there if somebody has moved or exchanged the folder.
  if (platform::FileIdentity::at(path_.database()) != file_.identity) {
    throw Error(ErrorCode::RouteGone,
                "the route " + path_.database() +
                    " was deleted or replaced while it was in use. Connect again where it is now.");
  }
}

std::optional<platform::FileIdentity> Connection::log_at_its_name() const noexcept {
  const auto log = path_.folder().status_of(log_name_);
  return log ? std::optional(log->identity) : std::nullopt;
}

void Connection::require_log() {
  if (!locks_.file().has_a_name()) {
    throw Error(ErrorCode::RouteGone, "the lock file " + path_.lock_file() +
                                          " was deleted while the route was in use, so others do not see what this "
                                          "client holds. Nothing was stored. Connect again.");
  }
  if (has_log()) return;
  log_is_gone_ = true;
  throw_log_is_gone(path_);
}

void Connection::guarded(std::string_view attempt, FunctionRef<void()> work) {
  const platform::FileSizeSignalHeldBack held_back(locks_.has_file_size_limit());
  const RouteDatabase::Call call(database_);
  try {
    work();
  } catch (const SQLite::Exception& failure) {
    std::string text = "cannot ";
    text.append(attempt).append(" ").append(path_.database());
    throw translate(failure, database_.handle(), text);
  }
}

bool Connection::checkpoint_if_due() noexcept {
  if (log_pages_ < kCheckpointPages) return false;
  checkpoint();
  return true;
}

std::uint64_t Connection::checkpoint() noexcept {
  if (!has_log()) return 0;
  int pages = 0;
  int moved = 0;
  try {
    adopt_durability();
    faults::reach("is about to move the log");
    sqlite3_wal_checkpoint_v2(database_.handle(), "main", SQLITE_CHECKPOINT_PASSIVE, &pages, &moved);
    faults::reach("moved the log");
  } catch (const std::exception&) {  // costs nothing: what is in the log stays there
  }
  return static_cast<std::uint64_t>(std::max(pages - moved, 0) * kPageBytes);
}

bool Connection::reuse_log() noexcept {
  if (!has_log()) return false;
  int pages = 0;
  int moved = 0;
  const auto patience = std::exchange(busy_timeout_, std::min(busy_timeout_, kPatienceWithReaders));
  int result = SQLITE_ERROR;
  try {
    adopt_durability();
    faults::reach("is about to reuse the log");
    result = sqlite3_wal_checkpoint_v2(database_.handle(), "main", SQLITE_CHECKPOINT_RESTART, &pages, &moved);
    faults::reach("can reuse the log");
  } catch (const std::exception&) {  // then the log stays as it is
  }
  busy_timeout_ = patience;
  return result == SQLITE_OK && pages > 0 && pages == moved;
}

// It may have been changed since: what others have made durable, a checkpoint must not undo.
void Connection::adopt_durability() {
  set_durability(database_.get().execAndGet("SELECT durability FROM route").getString());
}

int Connection::schema_version() {
  return database_.get().execAndGet("PRAGMA user_version").getInt();
}

// A commit that syncs the log itself would keep everybody else waiting for the disk, with the turn in its hands. So
// SQLite syncs at checkpoints only, which is its mode NORMAL, and sync_log() does the rest (docs/decisions/0006).
void Connection::set_durability(std::string_view durability) {
  sync_commits_ = durability != "volatile" && durability != "relaxed";
  const bool syncs_checkpoints = durability != "volatile" && !faults::has_bug("checkpoints are not synced");
  database_.get().exec(syncs_checkpoints ? "PRAGMA synchronous = NORMAL" : "PRAGMA synchronous = OFF");
  locks_.set_quantum(sync_commits_ ? std::chrono::microseconds::zero() : kRunOfTurns);
}

void Connection::secure_delete() {
  database_.get().exec("PRAGMA secure_delete = ON");
}

void Connection::sync_log_name() {
  if (sync_commits_) platform::sync_folder(path_.folder());
}

void Connection::sync_log() {
  if (!sync_commits_ || faults::has_bug("commits are not synced")) return;
  sqlite3_file* log = nullptr;
  sqlite3_file_control(database_.handle(), "main", SQLITE_FCNTL_JOURNAL_POINTER, &log);
  const int result =
      log == nullptr || log->pMethods == nullptr ? SQLITE_IOERR_FSYNC : log->pMethods->xSync(log, SQLITE_SYNC_NORMAL);
  if (result == SQLITE_OK) return;
  broken_ = true;
  throw Error(ErrorCode::StorageFailure,
              "cannot sync " + path_.write_ahead_log() + " to the disk: " + sqlite3_errstr(result) +
                  ". Whether the last change survives a power loss is unknown; connect again and look.");
}

// Those who know the write lock never meet here; this is for the sqlite3 shell and others who do not. Short sleeps, as
// they hold SQLite's lock for short times.
int Connection::wait_for_other(void* self, int attempts) noexcept {
  auto& connection = *static_cast<Connection*>(self);
  if (attempts == 0) connection.busy_deadline_ = platform::deadline_after(connection.busy_timeout_);
  if (std::chrono::steady_clock::now() >= connection.busy_deadline_) return 0;
  std::this_thread::sleep_for(std::chrono::microseconds(attempts < 10 ? 100 : 1000));
  return 1;
}

int Connection::count_log_pages(void* self, sqlite3*, const char*, int pages) noexcept {
  static_cast<Connection*>(self)->log_pages_ = pages;
  return SQLITE_OK;
}

}  // namespace ipcm::storage::sqlite
