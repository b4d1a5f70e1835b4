// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Exception.h>

#include <ipcm/error.hpp>

#include "storage/sqlite/route_path.hpp"

namespace ipcm::storage::sqlite {

/// The Error for what SQLite reported. `attempt` is what was tried and on what: "cannot write to /tmp/jobs.ipcm".
/// `database` may be null; it knows the system's error behind an I/O error.
Error translate(const SQLite::Exception& failure, sqlite3* database, std::string_view attempt);

/// Returns true if SQLite found no space, by the failure and by what the connection remembers of its last write.
bool is_lack_of_space(const SQLite::Exception& failure, sqlite3* database) noexcept;

/// Returns true if that error of the system is a lack of space.
bool is_lack_of_space(int system_error) noexcept;

/// Whatever keeps SQLite from opening a file for writing, it opens it for reading then, and does not say so. Throws
/// Error: ReadOnly, or StorageFailure where the file may be written.
void require_writable(sqlite3* database, const RoutePath& path);

/// Throws Error(ReadOnly) for a route that may only be read.
[[noreturn]] void throw_read_only(const std::string& path);

}  // namespace ipcm::storage::sqlite
