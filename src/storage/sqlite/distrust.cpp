// SPDX-License-Identifier: MIT
#include "storage/sqlite/distrust.hpp"

#include <sqlite3.h>

namespace ipcm::storage::sqlite {

void distrust_schema(sqlite3* database) noexcept {
  sqlite3_db_config(database, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(database, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_db_config(database, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, nullptr);
  sqlite3_db_config(database, SQLITE_DBCONFIG_ENABLE_VIEW, 0, nullptr);
}

}  // namespace ipcm::storage::sqlite
