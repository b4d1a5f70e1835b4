// SPDX-License-Identifier: MIT
// What the engine can tell a person about a route: `ipcm doctor`. Nothing here changes a byte of it, and nothing is
// thrown for what is wrong with it, but for what RouteView throws.
#pragma once

#include <optional>

#include "core/findings.hpp"
#include "storage/sqlite/route_path.hpp"
#include "storage/sqlite/route_view.hpp"

namespace ipcm::storage::sqlite {

/// The SQLite that runs here.
void examine_engine(Findings& findings);

/// Whether a version of SQLite (3040001 for 3.40.1) may damage a database where a checkpoint and a commit of two
/// connections overlap: the WAL-reset bug, https://www.sqlite.org/wal.html#walresetbug
bool has_wal_reset_bug(int version) noexcept;

/// The files that SQLite has. Also where it is no route, or damaged.
void examine_files(const RoutePath& path, Findings& findings);

/// Whether clients are connected whose log was deleted: then the database file alone says little of the route. Tells
/// how to get the log back.
bool examine_deleted_log(const RoutePath& path, Findings& findings);

/// Who writes, who reads for long, who is stopped. Looks for a third of a second.
void examine_locks(const RoutePath& path, Findings& findings);

/// The database: version, journal, free space in it, integrity and books, and commits that have vanished.
void examine_database(RouteView& view, Findings& findings);

/// When the last commit was noted, in seconds since 1970.
std::optional<double> last_noted_at(const RouteView& view);

}  // namespace ipcm::storage::sqlite
