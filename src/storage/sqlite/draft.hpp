// SPDX-License-Identifier: MIT
#pragma once

#include <SQLiteCpp/Database.h>

#include "storage/sqlite/route_database.hpp"
#include "storage/sqlite/route_path.hpp"

namespace ipcm::storage::sqlite {

/// The database of a route that is being made and that nobody else knows. It is thrown away when anything goes wrong,
/// so nothing is synced or logged until it is complete.
///
/// Throws SQLite::Exception, and Error(Busy) where somebody reads it all the same.
class Draft {
 public:
  explicit Draft(const RoutePath& path);

  SQLite::Database& database() const { return database_.get(); }

  /// The last step: leaves one file with all that was written, in the journal mode of a route. make_route() syncs it.
  void finish();

 private:
  RoutePath path_;
  RouteDatabase database_;
  RouteDatabase::Use use_{database_};  // by the one thread that makes it, from end to end
};

}  // namespace ipcm::storage::sqlite
