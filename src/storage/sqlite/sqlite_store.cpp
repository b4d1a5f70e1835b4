// SPDX-License-Identifier: MIT
#include "storage/sqlite/sqlite_store.hpp"

#include <sqlite3.h>

#include <SQLiteCpp/Statement.h>

#include "storage/sqlite/engine_error.hpp"
#include "storage/sqlite/locks.hpp"
#include "storage/sqlite/peer_table.hpp"
#include "storage/sqlite/route_record.hpp"
#include "storage/sqlite/statement.hpp"

namespace ipcm::storage::sqlite {
namespace {

constexpr off_t presence_byte(PeerId peer) noexcept {
  return kPresenceBase + static_cast<off_t>(peer);
}

void require_current_schema(Connection& connection) {
  const int version = connection.schema_version();
  if (version > current_schema_version()) throw_too_new(connection.path(), version);
  if (version < current_schema_version()) {
    throw Error(ErrorCode::RouteTooOld, "the route " + connection.path().database() + " has schema version " +
                                            std::to_string(version) + "; this library needs version " +
                                            std::to_string(current_schema_version()) + ". Run `ipcm migrate " +
                                            connection.path().database() + "`.");
  }
}

}  // namespace

struct SqliteStore::Statements {
  explicit Statements(SQLite::Database& database)
      : begin(database, "BEGIN"),
        begin_immediate(database, "BEGIN IMMEDIATE"),
        commit(database, "COMMIT"),
        rollback(database, "ROLLBACK"),
        transaction(database) {}

  SQLite::Statement begin;
  SQLite::Statement begin_immediate;
  SQLite::Statement commit;
  SQLite::Statement rollback;
  SqliteTransaction transaction;
};

SqliteStore::SqliteStore(const RoutePath& path, std::chrono::milliseconds busy_timeout)
    : connection_(path, busy_timeout) {
  connection_.guarded("open", [&] {
    require_current_schema(connection_);
    try {
      record_ = read_route_record(connection_.database(), path);
      connection_.set_durability(record_.durability);
      connection_.sync_log_name();
      statements_ = std::make_unique<Statements>(connection_.database());
    } catch (const SQLite::Exception& failure) {
      if (failure.getErrorCode() != SQLITE_ERROR) throw;
      throw Error(
          ErrorCode::RouteDamaged,
          "the route " + path.database() + " is damaged: its tables are not those of a route: " + failure.what() + ".");
    }
  });
  max_content_ = static_cast<std::size_t>(record_.max_content);
}

SqliteStore::~SqliteStore() = default;

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
    connection_.sync_log();
  });
}

void SqliteStore::commit(FunctionRef<void(Transaction&)> work) {
  const WriteTurn turn(connection_.locks(), connection_.busy_timeout(),
                       [this](const TurnHolder& holder) { return name_of(holder); });
  connection_.require_route();
  Use(statements_->begin_immediate).run();
  try {
    statements_->transaction.forget_numbers();
    work(statements_->transaction);
    Use(statements_->commit).run();
  } catch (...) {
    roll_back();
    throw;
  }
  connection_.checkpoint_if_due();
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
  if (sqlite3_get_autocommit(connection_.database().getHandle()) != 0) return;
  statements_->rollback.tryExecuteStep();
  statements_->rollback.tryReset();
}

bool SqliteStore::hold_presence(PeerId peer) {
  if (!connection_.locks().file().is_still_at_path()) {
    throw Error(ErrorCode::RouteGone, "the lock file " + connection_.locks().file().path() +
                                          " was deleted or replaced while the route was in use. Connect again.");
  }
  if (!connection_.locks().file().try_lock(presence_byte(peer))) return false;
  held_.insert(peer);
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
