// SPDX-License-Identifier: MIT
#include "storage/sqlite/draft.hpp"

#include <sqlite3.h>

#include <ipcm/error.hpp>

#include "storage/sqlite/distrust.hpp"

namespace ipcm::storage::sqlite {

Draft::Draft(const RoutePath& path)
    : path_(path.database()), database_(path_, SQLite::OPEN_READWRITE | SQLite::OPEN_NOMUTEX) {
  sqlite3_extended_result_codes(database_.getHandle(), 1);
  distrust_schema(database_.getHandle());
  // In memory, not off: a row that is refused must not leave half of itself.
  database_.exec("PRAGMA synchronous = OFF; PRAGMA secure_delete = OFF; PRAGMA journal_mode = MEMORY");
}

void Draft::finish() {
  // A copy has a log already. Closing would fold it into the file, too, but would not say that it failed.
  database_.exec("PRAGMA main.journal_mode = WAL");
  if (database_.execAndGet("PRAGMA main.wal_checkpoint(TRUNCATE)").getInt() != 0) {
    throw Error(ErrorCode::Busy, "somebody reads " + path_ + ", which is being made; try again.");
  }
  const SQLite::Database closed = std::move(database_);
}

}  // namespace ipcm::storage::sqlite
