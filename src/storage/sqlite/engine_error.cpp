// SPDX-License-Identifier: MIT
#include "storage/sqlite/engine_error.hpp"

#include <sqlite3.h>

#include <cerrno>
#include <string>

#include "platform/file.hpp"

namespace ipcm::storage::sqlite {
namespace {

// Of a database that is there, what could not be opened is one of the files beside it: where one cannot be made, SQLite
// looks whether it is there at least, and that is the error which it remembers.
bool is_missing(sqlite3* database) {
  const char* const path = database != nullptr ? sqlite3_db_filename(database, "main") : nullptr;
  return path == nullptr || platform::kind_of(path) == platform::FileKind::missing;
}

ErrorCode code_of(int result, int extended, int system_error, sqlite3* database) {
  switch (result) {
    case SQLITE_FULL: return ErrorCode::RouteFull;
    case SQLITE_CONSTRAINT:  // what may fail so is caught where it does: here a row is not what it must be
    case SQLITE_MISMATCH:
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return ErrorCode::RouteDamaged;
    case SQLITE_READONLY: return extended == SQLITE_READONLY_DBMOVED ? ErrorCode::RouteGone : ErrorCode::ReadOnly;
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return ErrorCode::Busy;
    case SQLITE_TOOBIG: return ErrorCode::TooLarge;
    case SQLITE_CANTOPEN:
      if (system_error == ENOENT && is_missing(database)) return ErrorCode::RouteMissing;
      if (system_error == EACCES || system_error == EROFS || system_error == EPERM) return ErrorCode::ReadOnly;
      return ErrorCode::StorageFailure;
    case SQLITE_IOERR: return is_lack_of_space(system_error) ? ErrorCode::RouteFull : ErrorCode::StorageFailure;
    default: return ErrorCode::StorageFailure;
  }
}

// What is taken needs no room once the log has been moved into the database file and begins anew. If that could not be
// done, it lacks at most what the log holds.
constexpr std::string_view kMakeRoom =
    "Make room on the file system, 100 KB and as much as the log (-wal) has, then try again; nothing was changed.";

std::string_view advice_for(ErrorCode code) noexcept {
  switch (code) {
    case ErrorCode::RouteFull: return kMakeRoom;
    case ErrorCode::RouteDamaged: return "`ipcm check` says what is wrong.";
    case ErrorCode::ReadOnly: return "Every user of a route must be able to write the file and its folder.";
    case ErrorCode::Busy: return "Try again.";
    default: return "";
  }
}

// Where SQLite would say "database is locked": those who take turns do not meet there, the sqlite3 shell takes none.
std::string_view words_for(ErrorCode code, const SQLite::Exception& failure) noexcept {
  return code == ErrorCode::Busy ? "another program held the database for too long" : failure.what();
}

// What a commit met is not in sqlite3_system_errno(), but its file knows.
int error_of_last_write(sqlite3* database) noexcept {
  for (const int pointer : {SQLITE_FCNTL_JOURNAL_POINTER, SQLITE_FCNTL_FILE_POINTER}) {
    sqlite3_file* file = nullptr;
    int error = 0;
    sqlite3_file_control(database, "main", pointer, &file);
    if (file == nullptr || file->pMethods == nullptr) continue;
    file->pMethods->xFileControl(file, SQLITE_FCNTL_LAST_ERRNO, &error);
    if (is_lack_of_space(error)) return error;
  }
  return sqlite3_system_errno(database);
}

int system_error_of(const SQLite::Exception& failure, sqlite3* database) noexcept {
  if (database == nullptr) return 0;
  if (failure.getExtendedErrorCode() == SQLITE_IOERR_WRITE) return error_of_last_write(database);
  return sqlite3_system_errno(database);
}

constexpr const char* kIsADescriptorLeft = "Is a descriptor left (`ulimit -n`)?";

}  // namespace

bool is_lack_of_space(int system_error) noexcept {
  return system_error == ENOSPC || system_error == EDQUOT || system_error == EFBIG;
}

bool is_lack_of_space(const SQLite::Exception& failure, sqlite3* database) noexcept {
  const int result = failure.getErrorCode() & 0xff;
  if (result == SQLITE_FULL) return true;
  return result == SQLITE_IOERR && is_lack_of_space(system_error_of(failure, database));
}

void require_writable(sqlite3* database, const RoutePath& path) {
  if (sqlite3_db_readonly(database, "main") == 0) return;
  if (path.folder().may_write(platform::name_in(path.database()))) {
    throw Error(ErrorCode::StorageFailure, "cannot open " + path.database() + " for writing. " + kIsADescriptorLeft);
  }
  throw_read_only(path.database());
}

void throw_read_only(const std::string& path) {
  throw Error(ErrorCode::ReadOnly, "cannot write " + path + ". " + std::string(advice_for(ErrorCode::ReadOnly)));
}

Error translate(const SQLite::Exception& failure, sqlite3* database, std::string_view attempt) {
  const int extended = failure.getExtendedErrorCode();
  const int system_error = system_error_of(failure, database);
  const ErrorCode code = code_of(failure.getErrorCode() & 0xff, extended, system_error, database);
  const bool lacks_side_file = extended == SQLITE_CANTOPEN && code == ErrorCode::StorageFailure;
  std::string text(attempt);
  text.append(": ").append(words_for(code, failure)).append(".");
  if (lacks_side_file) text.append(" Is there space for the files beside it? ").append(kIsADescriptorLeft);
  if (const std::string_view advice = advice_for(code); !advice.empty()) text.append(" ").append(advice);
  return {code, text};
}

}  // namespace ipcm::storage::sqlite
