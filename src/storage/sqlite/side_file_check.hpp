// SPDX-License-Identifier: MIT
// What lies where a route's side files belong is used, written or removed only if it is such a file. SQLite itself
// takes any file of that name for its own.
#pragma once

#include <string>

#include "storage/sqlite/route_path.hpp"

namespace ipcm::storage::sqlite {

/// Throws if a file at the place of the route's log, index or journal is not what SQLite leaves there, also
/// after a crash. Follows no links, changes nothing. RouteLocks does the same for the lock file.
/// Throws Error: Unsafe; RouteDamaged for a log or journal beside a route, as it may be one whose beginning is damaged.
void refuse_foreign_side_files(const RoutePath& path);

/// The same for the file at the place of the draft, and for those beside it. With the turn to write: another process
/// that has it may be writing them. Throws Error(Unsafe).
void refuse_foreign_draft(const RoutePath& draft);

/// require_route_name(), and throws Error(InvalidArgument) as well if the path of the route or of one of its side files
/// would be too long.
void require_usable_name(const RoutePath& path);

/// Throws Error(InvalidArgument) that says how long the path is and may be.
[[noreturn]] void throw_path_too_long(const RoutePath& path);

}  // namespace ipcm::storage::sqlite
