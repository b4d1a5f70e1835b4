// SPDX-License-Identifier: MIT
#include "storage/sqlite/sqlite_store.hpp"

#include <sqlite3.h>

#include <ctime>
#include <utility>

#include <SQLiteCpp/Statement.h>

#include "core/fault_point.hpp"
#include "storage/sqlite/disk_reserve.hpp"
#include "storage/sqlite/engine_error.hpp"
#include "storage/sqlite/free_space.hpp"
#include "storage/sqlite/locks.hpp"
#include "storage/sqlite/peer_table.hpp"
#include "storage/sqlite/route_record.hpp"
#include "storage/sqlite/statement.hpp"

namespace ipcm::storage::sqlite {
namespace {

// How long a client that leaves goes on giving space back.
constexpr std::chrono::milliseconds kClosingTime{1000};

constexpr off_t presence_byte(PeerId peer) noexcept {
  return kPresenceBase + static_cast<off_t>(peer);
}

void require_current_schema(Connection& connection) {
  const int version = connection.schema_version();
  if (version > current_schema_version()) throw_too_new(connection.path(), version);
  if (version < 1) throw_damaged(connection.path(), "it has schema version " + std::to_string(version));
  if (version < current_schema_version()) {
    throw Error(ErrorCode::RouteTooOld, "the route " + connection.path().database() + " has schema version " +
                                            std::to_string(version) + "; this library needs version " +
                                            std::to_string(current_schema_version()) + ". Run `ipcm migrate " +
                                            connection.path().database() + "`.");
  }
  require_own_tables(connection.database(), connection.path(), version);
}

}  // namespace

struct SqliteStore::Statements {
  Statements(SQLite::Database& database, const std::string& path)
      : begin(database, "BEGIN"),
        begin_immediate(database, "BEGIN IMMEDIATE"),
        commit(database, "COMMIT"),
        rollback(database, "ROLLBACK"),
        data_version(database, "PRAGMA data_version"),
        transaction(database),
        free_space(database),
        reserve(database, path) {}

  LazyStatement begin;
  LazyStatement begin_immediate;
  LazyStatement commit;
  SQLite::Statement rollback;  // prepared ahead: it must not fail where there is no memory
  LazyStatement data_version;
  SqliteTransaction transaction;
  FreeSpace free_space;
  DiskReserve reserve;
};

SqliteStore::SqliteStore(const RoutePath& path, std::chrono::milliseconds busy_timeout, LostCommits lost_commits)
    : connection_(path, busy_timeout) {
  connection_.guarded("open", [&] {
    require_current_schema(connection_);
    try {
      record_ = read_route_record(connection_.database(), path);
      connection_.set_durability(record_.durability);
      if (record_.secure_delete) connection_.secure_delete();
      connection_.sync_log_name();
      statements_ =
          &connection_.keep(std::make_unique<Statements>(connection_.database(), connection_.path().database()));
      if (lost_commits == LostCommits::refuse) require_whole_tail(path, lost_tail());
    } catch (const SQLite::Exception& failure) {
      if (failure.getErrorCode() != SQLITE_ERROR) throw;
      throw Error(
          ErrorCode::RouteDamaged,
          "the route " + path.database() + " is damaged: its tables are not those of a route: " + failure.what() + ".");
    }
  });
  max_content_ = static_cast<std::size_t>(record_.max_content);
  tail_origin_ = TailOrigin::of(record_.id);
}

std::vector<LostTail> SqliteStore::lost_tail(const Appended& own) {
  return lost_at_both_looks(
      [&] { return find_lost_tail(connection_.database(), record_, connection_.locks().tail_notes(), own); });
}

std::vector<LostTail> SqliteStore::accept_lost_tail() {
  const WriteTurn turn(connection_.locks(), connection_.busy_timeout());
  connection_.require_route();
  std::vector<LostTail> lost;
  connection_.guarded("read", [&] { lost = lost_tail(); });
  if (!lost.empty()) connection_.locks().forget_tail();
  return lost;
}

SqliteStore::~SqliteStore() {
  if (!connection_.in_own_process() || !statements_->free_space.may_be_due()) return;
  const platform::ForkHold hold;
  const auto deadline = std::chrono::steady_clock::now() + kClosingTime;
  try {
    bool more = true;
    while (more && std::chrono::steady_clock::now() < deadline) {
      const WriteTurn turn(connection_.locks(), kClosingTime);  // a new one for each step: others come in between
      connection_.require_route();
      more = give_space_back();
      connection_.checkpoint_if_due();
    }
  } catch (const std::exception&) {  // somebody is busy, or the route is gone
  }
}

void SqliteStore::read(FunctionRef<void(Snapshot&)> work) {
  connection_.require_route();
  connection_.guarded("read", [&] {
    Use(statements_->begin).run();
    try {
      work(statements_->transaction);
    } catch (...) {
      roll_back();
      throw;
    }
    Use(statements_->commit).run();
  });
}

void SqliteStore::write(FunctionRef<void(Transaction&)> work) {
  connection_.guarded("write to", [&] {
    commit(work);
    faults::reach("the turn has been passed on");
    connection_.sync_log();
    faults::reach("the log is synced");
    if (connection_.syncs_commits()) connection_.locks().mark_synced(tail_note_);
  });
  if (hooks_ == nullptr) return;
  try {
    hooks_->tell();
  } catch (...) {  // no memory for hints: those whom they are for look by themselves
  }
}

void SqliteStore::observe(CommitHooks::Observer observer) {
  if (hooks_ != nullptr) connection_.drop(std::exchange(hooks_, nullptr));
  hooks_ = &connection_.keep(std::make_unique<CommitHooks>(connection_.database().getHandle(), std::move(observer)));
}

std::uint64_t SqliteStore::change_count() {
  connection_.require_route();
  std::uint64_t count = own_commits_;  // PRAGMA data_version counts those of others; both only grow
  connection_.guarded("read", [&] {
    Use select(statements_->data_version);
    select.step();
    count += static_cast<std::uint64_t>(select.integer(0));
  });
  return count;
}

void SqliteStore::commit(FunctionRef<void(Transaction&)> work) {
  const WriteTurn turn(connection_.locks(), connection_.busy_timeout(),
                       [this](const TurnHolder& holder) { return name_of(holder); });
  faults::reach("has the turn to write");
  connection_.require_route();
  try {
    transact(work);
  } catch (const SQLite::Exception& failure) {
    if (!is_lack_of_space(failure, connection_.database().getHandle())) throw;
    statements_->reserve.note_lack();
    if (!connection_.reuse_log()) throw;
    statements_->reserve.restore();
    transact(work);
  }
  ++own_commits_;
  note_commit();
  statements_->free_space.note_removed(statements_->transaction.removed_bytes());
  if (statements_->free_space.may_be_due()) give_space_back();
  if (connection_.checkpoint_if_due()) statements_->reserve.restore();
}

// Nothing of it has happened if it throws.
void SqliteStore::transact(FunctionRef<void(Transaction&)> work) {
  Use(statements_->begin_immediate).run();
  try {
    statements_->transaction.begin_anew();
    work(statements_->transaction);
    before_commit();
    faults::reach("is about to commit");
    faults::has_bug("a commit is rolled back") ? Use(statements_->rollback).run() : Use(statements_->commit).run();
    faults::reach("committed");
  } catch (...) {
    roll_back();
    throw;
  }
}

// A number that is not above the one that was given out last, by whomever: somebody has put an older copy under us. And
// whoever removes an inbox removes its notes first, so that at no moment they miss it.
void SqliteStore::before_commit() {
  connection_.require_own_process();  // code that was called within the transaction may have forked
  connection_.require_log();
  const SqliteTransaction& transaction = statements_->transaction;
  statements_->reserve.require(statements_->transaction.added_bytes(), transaction.sends());
  for (const PeerId inbox : transaction.forgotten()) connection_.locks().forget_tail_of(inbox);
  const Appended& appended = transaction.last_appended();
  if (appended.inbox == 0) return;
  const TailNote last = connection_.locks().tail_notes().newest();
  if (last.appended.inbox != appended.inbox || last.appended.number < appended.first) return;
  require_whole_tail(connection_.path(), lost_tail(appended));
}

// With the turn still held: the notes have the order of the commits.
void SqliteStore::note_commit() noexcept {
  const Appended& appended = statements_->transaction.last_appended();
  tail_note_ = 0;
  if (appended.inbox == 0) return;
  const auto now = static_cast<double>(std::time(nullptr));  // the second will do, and costs a tenth
  tail_note_ = connection_.locks().note(tail_origin_, appended, now);
}

// True when there is more to give back. What fails costs nothing: the pages stay free for the messages to come.
bool SqliteStore::give_space_back() noexcept {
  try {
    const FreeSpace::Step step = statements_->free_space.step();
    if (step == FreeSpace::Step::last) connection_.checkpoint();  // only then the file becomes smaller
    return step == FreeSpace::Step::one_of_many;
  } catch (const std::exception&) {
    return false;
  }
}

// A read needs no turn. The lock file may hold anything, so a peer is named only where its row has that process.
std::string SqliteStore::name_of(const TurnHolder& holder) {
  if (!holder.pid) return {};
  try {
    return name_of_peer(connection_.database(), holder.peer, *holder.pid);
  } catch (const SQLite::Exception&) {
    return {};
  }
}

// SQLite has rolled back by itself after some errors.
void SqliteStore::roll_back() noexcept {
  if (!connection_.in_own_process()) return;  // it is its parent's
  if (sqlite3_get_autocommit(connection_.database().getHandle()) != 0) return;
  statements_->rollback.tryExecuteStep();
  statements_->rollback.tryReset();
}

std::uint64_t SqliteStore::bytes_kept_in_log(std::chrono::milliseconds patience) {
  try {
    const WriteTurn turn(connection_.locks(), patience);
    connection_.require_route();
    return connection_.checkpoint();
  } catch (const Error& error) {
    if (error.code() == ErrorCode::Busy) return 0;
    throw;
  }
}

bool SqliteStore::hold_presence(PeerId peer) {
  if (!connection_.locks().file().is_still_in(connection_.path().folder())) {
    throw Error(ErrorCode::RouteGone, "the lock file " + connection_.locks().file().path() +
                                          " was deleted or replaced while the route was in use. Connect again.");
  }
  if (!connection_.locks().file().try_lock(presence_byte(peer)) && !faults::has_bug("a name is had twice"))
    return false;
  held_.insert(peer);
  faults::reach("is present");
  connection_.locks().set_peer(static_cast<std::uint32_t>(peer));
  return true;
}

void SqliteStore::drop_presence(PeerId peer) noexcept {
  if (held_.erase(peer) == 0) return;
  connection_.locks().set_peer(0);
  connection_.locks().file().unlock(presence_byte(peer));
}

bool SqliteStore::is_present(PeerId peer) {
  return held_.contains(peer) || connection_.locks().file().is_locked_by_other(presence_byte(peer));
}

}  // namespace ipcm::storage::sqlite
