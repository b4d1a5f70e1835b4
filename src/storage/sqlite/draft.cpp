// SPDX-License-Identifier: MIT
#include "storage/sqlite/draft.hpp"

#include <sqlite3.h>

namespace ipcm::storage::sqlite {

Draft::Draft(const RoutePath& path) : database_(path.database(), SQLite::OPEN_READWRITE | SQLite::OPEN_NOMUTEX) {
  sqlite3_extended_result_codes(database_.getHandle(), 1);
  // In memory, not off: a row that is refused must not leave half of itself.
  database_.exec("PRAGMA synchronous = OFF; PRAGMA secure_delete = OFF; PRAGMA journal_mode = MEMORY");
}

void Draft::finish() {
  database_.exec("PRAGMA journal_mode = WAL");
  const SQLite::Database closed = std::move(database_);  // which folds the log into the file and removes it
}

}  // namespace ipcm::storage::sqlite
