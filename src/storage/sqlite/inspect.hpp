// SPDX-License-Identifier: MIT
// What a route says of itself, and whether it is whole.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "storage/sqlite/sqlite_store.hpp"

namespace ipcm::storage::sqlite {

struct RouteTotals {
  std::uint64_t peers = 0;
  std::uint64_t queued = 0;
  std::uint64_t dead = 0;
  std::uint64_t file_bytes = 0;
  std::uint64_t log_bytes = 0;
};

/// `store` and `database` are those of the route.
RouteTotals totals_of(Store& store, SQLite::Database& database, const RoutePath& path);

/// What readers keep from being moved from the log into the database file.
struct LogPin {
  std::uint64_t bytes = 0;
  std::vector<int> pids;  ///< whose, where the system tells
};

/// Tries to move the log for a moment, so that reads that come and go are not reported. Finds nothing where others have
/// the turn to write all that time.
LogPin log_pin_of(SqliteStore& store);

struct Audit {
  std::vector<std::string> problems;  ///< one sentence each; empty: all is well
  std::uint64_t messages = 0;
  std::uint64_t pairs = 0;
  std::uint64_t inboxes = 0;
};

/// Reads everything: SQLite's integrity check, the schema against the library's, and the books: for each inbox, numbers
/// given out = messages that left + messages in it; for each pair, sent = read + dead + expired + queued.
/// Inside a transaction, so that it is one view. Throws SQLite::Exception.
Audit audit_of(SQLite::Database& database);

/// The tables and views in the route that are another program's, sorted. Throws SQLite::Exception.
std::vector<std::string> foreign_tables_of(SQLite::Database& database);

/// What runs below, e.g. "SQLite 3.40.1".
std::string engine_name();

}  // namespace ipcm::storage::sqlite
