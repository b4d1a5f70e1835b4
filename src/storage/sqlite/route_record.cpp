// SPDX-License-Identifier: MIT
#include "storage/sqlite/route_record.hpp"

#include <SQLiteCpp/Statement.h>

#include <ipcm/error.hpp>

#include "storage/sqlite/schema.hpp"

namespace ipcm::storage::sqlite {

int current_schema_version() noexcept {
  return kMigrations.back().version;
}

void throw_too_new(const RoutePath& path, int version) {
  throw Error(ErrorCode::RouteTooNew, "the route " + path.database() + " has schema version " +
                                          std::to_string(version) + "; this library knows versions up to " +
                                          std::to_string(current_schema_version()) +
                                          ". Use a newer ipcm; the file was left as it is.");
}

void insert_route_record(SQLite::Database& database, const NewRoute& route) {
  SQLite::Statement insert(database,
                           "INSERT INTO route(only_row, route_id, created_at, durability, max_content, notifier,"
                           " time_zone) VALUES (1, ?, ?, ?, ?, ?, ?)");
  insert.bind(1, route.id);
  insert.bind(2, route.created_at);
  insert.bind(3, route.durability);
  insert.bind(4, static_cast<std::int64_t>(route.max_content));
  insert.bind(5, route.notifier);
  insert.bind(6, route.time_zone);
  insert.exec();
}

NewRoute read_route_record(SQLite::Database& database, const RoutePath& path) {
  SQLite::Statement select(database,
                           "SELECT route_id, created_at, durability, max_content, notifier, time_zone FROM route");
  if (!select.executeStep()) {
    throw Error(ErrorCode::RouteDamaged,
                "the route " + path.database() + " is damaged: its record of itself is missing.");
  }
  return {select.getColumn(0).getString(), select.getColumn(1).getDouble(),
          select.getColumn(2).getString(), static_cast<std::uint64_t>(select.getColumn(3).getInt64()),
          select.getColumn(4).getString(), select.getColumn(5).getString()};
}

void update_durability(SQLite::Database& database, const std::string& durability) {
  SQLite::Statement update(database, "UPDATE route SET durability = ?");
  update.bind(1, durability);
  update.exec();
}

}  // namespace ipcm::storage::sqlite
