// SPDX-License-Identifier: MIT
#include "storage/sqlite/draft.hpp"

#include <sqlite3.h>

#include <ipcm/error.hpp>

#include "storage/sqlite/distrust.hpp"

namespace ipcm::storage::sqlite {

Draft::Draft(const RoutePath& path) : path_(path), database_(path, RouteDatabase::Mode::write) {
  const platform::ForkHold hold;
  sqlite3_extended_result_codes(database_.handle(), 1);
  distrust_schema(database_.handle());
  // In memory, not off: a row that is refused must not leave half of itself.
  database().exec("PRAGMA synchronous = OFF; PRAGMA secure_delete = OFF; PRAGMA journal_mode = MEMORY");
}

void Draft::finish() {
  const platform::ForkHold hold;
  // A copy has a log already. Closing would fold it into the file, too, but would not say that it failed.
  database().exec("PRAGMA main.journal_mode = WAL");
  if (database().execAndGet("PRAGMA main.wal_checkpoint(TRUNCATE)").getInt() != 0) {
    throw Error(ErrorCode::Busy, "somebody reads " + path_.database() + ", which is being made; try again.");
  }
  database_.close();
}

}  // namespace ipcm::storage::sqlite
