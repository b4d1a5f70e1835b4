// SPDX-License-Identifier: MIT
#pragma once

#include <span>

#include "storage/sqlite/connection.hpp"
#include "storage/sqlite/schema.hpp"

namespace ipcm::storage::sqlite {

/// Brings the schema from its version to that of the last migration, each step in one transaction with the bump of
/// user_version; a crash leaves it at one of the versions, whole. Returns the version it had before.
/// Throws Error: RouteTooNew, Busy, RouteFull, StorageFailure.
int migrate(Connection& connection, std::span<const Migration> migrations);

}  // namespace ipcm::storage::sqlite
