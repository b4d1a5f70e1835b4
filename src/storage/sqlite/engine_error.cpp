// SPDX-License-Identifier: MIT
#include "storage/sqlite/engine_error.hpp"

#include <sqlite3.h>

#include <cerrno>
#include <string>

namespace ipcm::storage::sqlite {
namespace {

bool is_full(int system_error) noexcept {
  return system_error == ENOSPC || system_error == EDQUOT || system_error == EFBIG;
}

ErrorCode code_of(int result, int extended, int system_error) noexcept {
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
      if (system_error == ENOENT) return ErrorCode::RouteMissing;
      if (system_error == EACCES || system_error == EROFS || system_error == EPERM) return ErrorCode::ReadOnly;
      return ErrorCode::StorageFailure;
    case SQLITE_IOERR: return is_full(system_error) ? ErrorCode::RouteFull : ErrorCode::StorageFailure;
    default: return ErrorCode::StorageFailure;
  }
}

std::string_view advice_for(ErrorCode code) noexcept {
  switch (code) {
    case ErrorCode::RouteFull: return "Make room on the file system, then try again; nothing was stored.";
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
    if (is_full(error)) return error;
  }
  return sqlite3_system_errno(database);
}

}  // namespace

Error translate(const SQLite::Exception& failure, sqlite3* database, std::string_view attempt) {
  const int extended = failure.getExtendedErrorCode();
  int system_error = database != nullptr ? sqlite3_system_errno(database) : 0;
  if (database != nullptr && extended == SQLITE_IOERR_WRITE) system_error = error_of_last_write(database);
  const ErrorCode code = code_of(failure.getErrorCode() & 0xff, extended, system_error);
  std::string text(attempt);
  text.append(": ").append(words_for(code, failure)).append(".");
  if (const std::string_view advice = advice_for(code); !advice.empty()) text.append(" ").append(advice);
  return {code, text};
}

}  // namespace ipcm::storage::sqlite
