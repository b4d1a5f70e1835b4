// SPDX-License-Identifier: MIT
// The one row that says what a route is, and the version of its schema.
#pragma once

#include <cstdint>
#include <string>

#include <SQLiteCpp/Database.h>

#include "storage/sqlite/route_file.hpp"
#include "storage/sqlite/route_path.hpp"

namespace ipcm::storage::sqlite {

/// The version that this library reads and writes: that of its last migration.
int current_schema_version() noexcept;

[[noreturn]] void throw_too_new(const RoutePath& path, int version);
/// Throws Error(RouteDamaged).
[[noreturn]] void throw_damaged(const RoutePath& path, const std::string& why);

// These throw SQLite::Exception.
void insert_route_record(SQLite::Database& database, const NewRoute& route);
/// Throws Error(RouteDamaged) unless the tables and their indexes are those of a route of that version.
void require_own_tables(SQLite::Database& database, const RoutePath& path, int version);
/// Throws Error(RouteDamaged) where the row is missing or says what no route says.
NewRoute read_route_record(SQLite::Database& database, const RoutePath& path);
void update_durability(SQLite::Database& database, const std::string& durability);

}  // namespace ipcm::storage::sqlite
