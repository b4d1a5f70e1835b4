// SPDX-License-Identifier: MIT
#include "storage/sqlite/migrate.hpp"

#include <sqlite3.h>

#include <string>

#include <SQLiteCpp/Transaction.h>

#include "storage/sqlite/locks.hpp"
#include "storage/sqlite/route_record.hpp"

namespace ipcm::storage::sqlite {
namespace {

// While the schema changes it may use what else is switched off.
class SchemaChange {
 public:
  explicit SchemaChange(Connection& connection) : handle_(connection.database().getHandle()) { allow(1); }
  ~SchemaChange() { allow(0); }

 private:
  void allow(int on) const {
    sqlite3_db_config(handle_, SQLITE_DBCONFIG_ENABLE_VIEW, on, nullptr);
    sqlite3_db_config(handle_, SQLITE_DBCONFIG_ENABLE_TRIGGER, on, nullptr);
  }
  sqlite3* handle_;
};

}  // namespace

int migrate(Connection& connection, std::span<const Migration> migrations) {
  const int before = connection.schema_version();
  if (before > migrations.back().version) throw_too_new(connection.path(), before);
  for (const Migration& step : migrations) {
    connection.guarded("migrate", [&] {
      const WriteTurn turn(connection.locks(), connection.busy_timeout());
      connection.require_route();
      const SchemaChange change(connection);
      SQLite::Transaction transaction(connection.database(), SQLite::TransactionBehavior::IMMEDIATE);
      if (connection.schema_version() >= step.version) return;  // already, or by another process just now
      connection.database().exec(step.sql);
      connection.database().exec("PRAGMA user_version = " + std::to_string(step.version));
      transaction.commit();
    });
  }
  return before;
}

}  // namespace ipcm::storage::sqlite
