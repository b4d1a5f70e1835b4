// SPDX-License-Identifier: MIT
#pragma once

#include <sqlite3.h>

#include <SQLiteCpp/Database.h>

namespace ipcm::storage::sqlite {

/// A transaction that writes, rolled back at the end of the scope unless it was committed. SQLiteCpp's own needs memory
/// for that, and ends the process where there is none.
class WholeStep {
 public:
  explicit WholeStep(SQLite::Database& database) : database_(database) { database_.exec("BEGIN IMMEDIATE"); }
  ~WholeStep() {
    sqlite3* const handle = database_.getHandle();
    if (sqlite3_get_autocommit(handle) == 0) sqlite3_exec(handle, "ROLLBACK", nullptr, nullptr, nullptr);
  }
  WholeStep(const WholeStep&) = delete;
  WholeStep& operator=(const WholeStep&) = delete;

  void commit() { database_.exec("COMMIT"); }

 private:
  SQLite::Database& database_;
};

}  // namespace ipcm::storage::sqlite
