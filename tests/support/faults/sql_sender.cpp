// SPDX-License-Identifier: MIT
#include "support/faults/sql_sender.hpp"

#include <sqlite3.h>

#include <memory>

namespace test {
namespace {

void run(sqlite3* database, const char* sql) {
  if (sqlite3_exec(database, sql, nullptr, nullptr, nullptr) == SQLITE_OK) return;
  throw ipcm::Error(ipcm::ErrorCode::StorageFailure, sqlite3_errmsg(database));
}

}  // namespace

void send_by_sql(const std::string& route, ipcm::Client& client, const ipcm::MessageFields& message) {
  sqlite3* raw = nullptr;
  const int opened = sqlite3_open_v2(route.c_str(), &raw, SQLITE_OPEN_READWRITE, nullptr);
  const std::unique_ptr<sqlite3, int (*)(sqlite3*)> database(raw, &sqlite3_close);
  if (opened != SQLITE_OK) throw ipcm::Error(ipcm::ErrorCode::StorageFailure, sqlite3_errstr(opened));
  if (sqlite3_db_readonly(raw, "main") != 0) {  // so it is opened where it cannot be opened for writing
    throw ipcm::Error(ipcm::ErrorCode::StorageFailure, "the application cannot write");
  }
  // With its own sync: the application answers for how durable its transaction is.
  run(raw, "PRAGMA busy_timeout = 10000; PRAGMA wal_autocheckpoint = 0; PRAGMA synchronous = FULL; BEGIN IMMEDIATE");
  ipcm::send_in(raw, client, message);
  run(raw, "COMMIT");
}

}  // namespace test
