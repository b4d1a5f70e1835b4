// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>

#include "core/function_ref.hpp"
#include "storage/sqlite/connection.hpp"
#include "storage/sqlite/route_path.hpp"

namespace ipcm::storage::sqlite {

/// Told how many bytes of how many are copied. What it throws ends the copying.
using BackupProgress = FunctionRef<void(std::uint64_t done, std::uint64_t total)>;

/// Copies the route, as it is at one moment, into a file that is being made, and gives the copy an id of its own.
/// Nobody waits for it: it is one long read (docs/decisions/0015). Throws Error, also RouteDamaged where its tables are
/// not those of a route or where commits have vanished from it; SQLite::Exception.
void copy_route(Connection& route, const RoutePath& draft, const std::string& id_of_copy, BackupProgress progress);

/// Throws Error(InvalidArgument) for a path that is the route itself or one of its files.
void require_elsewhere(const RoutePath& route, const RoutePath& target);

}  // namespace ipcm::storage::sqlite
