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

extern const char* const kSchemaSql;
extern const std::span<const Migration> kMigrations;

}  // namespace ipcm::storage::sqlite
