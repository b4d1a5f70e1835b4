// SPDX-License-Identifier: MIT
#pragma once

#include <SQLiteCpp/Database.h>

#include "storage/route_rows.hpp"

namespace ipcm::storage::sqlite {

/// Shows all rows of a route, in the order that a RowSink wants. Inside one view. Throws SQLite::Exception, Error, and
/// what the sink throws.
void read_rows(SQLite::Database& route, RowSink& sink);

}  // namespace ipcm::storage::sqlite
