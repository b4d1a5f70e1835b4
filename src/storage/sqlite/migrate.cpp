// SPDX-License-Identifier: MIT
#include "storage/sqlite/migrate.hpp"

#include <string>

#include "core/fault_point.hpp"
#include "storage/sqlite/locks.hpp"
#include "storage/sqlite/route_record.hpp"
#include "storage/sqlite/whole_step.hpp"

namespace ipcm::storage::sqlite {

int migrate(Connection& connection, std::span<const Migration> migrations) {
  const int before = connection.schema_version();
  if (before > migrations.back().version) throw_too_new(connection.path(), before);
  for (const Migration& step : migrations) {
    connection.guarded("migrate", [&] {
      const WriteTurn turn(connection.locks(), connection.busy_timeout());
      connection.require_route();
      WholeStep transaction(connection.database());
      const int version = connection.schema_version();
      if (version >= step.version) return;  // already, or by another process just now
      // What runs now runs with our rights, so the tables must be those of a route.
      if (version < 1) throw_damaged(connection.path(), "it has schema version " + std::to_string(version));
      require_own_tables(connection.database(), connection.path(), version);
      connection.database().exec(step.sql);
      faults::reach("migrated");
      connection.database().exec("PRAGMA user_version = " + std::to_string(step.version));
      faults::reach("the version is set");
      transaction.commit();
      faults::reach("the migration is committed");
    });
  }
  connection.guarded("open",
                     [&] { require_own_tables(connection.database(), connection.path(), migrations.back().version); });
  return before;
}

}  // namespace ipcm::storage::sqlite
