// SPDX-License-Identifier: MIT
// What a route's schema must be, and how that of a file differs from it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <SQLiteCpp/Database.h>

namespace ipcm::storage::sqlite {

/// How the schema of a file differs from that of a route. An object is named by its type and name: "table messages".
struct SchemaDifference {
  std::vector<std::string> missing;
  std::vector<std::string> changed;
  std::vector<std::string> foreign;
};

/// Compares with a route of that version. Comments and space make no difference. Throws SQLite::Exception.
SchemaDifference difference_in_schema(SQLite::Database& database, int version);

/// Checks, column defaults, generated columns and indexes are code that runs with the rights of whoever writes a row.
/// So a connection uses a file only where each of its tables has exactly the form that this library gave it, and no
/// index but the library's. Says what is different; nothing: all is well. Foreign tables, views and triggers are never
/// used and do no harm.
///
/// Throws SQLite::Exception.
std::optional<std::string> difference_in_tables(SQLite::Database& database, int version);

}  // namespace ipcm::storage::sqlite
