// SPDX-License-Identifier: MIT
#pragma once

#include <SQLiteCpp/Database.h>

#include "storage/sqlite/route_path.hpp"

namespace ipcm::storage::sqlite {

/// The database of a route that is being made and that nobody else knows. It is thrown away when anything goes wrong,
/// so nothing is synced or logged until it is complete.
///
/// Throws SQLite::Exception.
class Draft {
 public:
  explicit Draft(const RoutePath& path);

  SQLite::Database& database() noexcept { return database_; }

  /// The last step: leaves one file in the journal mode of a route. make_route() syncs it.
  void finish();

 private:
  SQLite::Database database_;
};

}  // namespace ipcm::storage::sqlite
