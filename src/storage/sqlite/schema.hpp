// SPDX-License-Identifier: MIT
// The SQL of a route, embedded at build time from schema/schema.sql and migrations/.
#pragma once

#include <span>

namespace ipcm::storage::sqlite {

/// One step from version - 1 to version. Runs in one transaction with the bump of user_version.
struct Migration {
  int version;
  const char* name;
  const char* sql;
};

/// A row of sqlite_schema, but of what SQLite makes by itself for a constraint.
struct SchemaObject {
  const char* type;
  const char* name;
  const char* table;
  const char* sql;
};

/// What the migrations up to that version lead to; of the last one, the text is that of schema.sql.
struct SchemaVersion {
  int version;
  std::span<const SchemaObject> objects;  ///< sorted by type and name
};

extern const char* const kSchemaSql;
extern const std::span<const Migration> kMigrations;
extern const std::span<const SchemaVersion> kSchemaVersions;  ///< written by schema/list_objects.cpp

}  // namespace ipcm::storage::sqlite
