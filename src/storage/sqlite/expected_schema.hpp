// SPDX-License-Identifier: MIT
// What a route's schema must be, and how that of a file differs from it.
#pragma once

#include <map>
#include <optional>
#include <string>

#include <SQLiteCpp/Database.h>

namespace ipcm::storage::sqlite {

/// The SQL of tables, indexes, views and triggers without its comments, by type and name: "table messages".
using SchemaObjects = std::map<std::string, std::string>;

/// Throws SQLite::Exception.
SchemaObjects schema_of(SQLite::Database& database);

/// That of a route of a version that this library knows.
const SchemaObjects& expected_schema(int version);

/// Checks, column defaults, generated columns and indexes are code that runs with the rights of whoever writes a row.
/// So a connection uses a file only where each of its tables has exactly the form that this library gave it, and no
/// index but the library's. Says what is different; nothing: all is well. Foreign tables, views and triggers are never
/// used and do no harm.
///
/// Throws SQLite::Exception.
std::optional<std::string> difference_in_tables(SQLite::Database& database, int version);

}  // namespace ipcm::storage::sqlite
