// SPDX-License-Identifier: MIT
#include "storage/sqlite/route_file.hpp"

#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <exception>
#include <filesystem>
#include <optional>
#include <string_view>
#include <system_error>
#include <thread>

#include "core/fault_point.hpp"
#include "platform/file.hpp"
#include "platform/lock_file_view.hpp"
#include "platform/poll.hpp"
#include "platform/system_error.hpp"
#include "storage/sqlite/engine_error.hpp"
#include "storage/sqlite/locks.hpp"
#include "storage/sqlite/route_access.hpp"
#include "storage/sqlite/route_database.hpp"
#include "storage/sqlite/route_record.hpp"
#include "storage/sqlite/schema.hpp"
#include "storage/sqlite/side_file_check.hpp"

namespace ipcm::storage::sqlite {
namespace {

using platform::FileKind;

// The database header: https://www.sqlite.org/fileformat2.html#the_database_header
using Header = std::array<unsigned char, 100>;
constexpr std::string_view kMagic{"SQLite format 3\0", 16};
constexpr std::size_t kUserVersionOffset = 60;
constexpr std::size_t kApplicationIdOffset = 68;

std::uint32_t big_endian(const Header& header, std::size_t offset) {
  return std::uint32_t{header[offset]} << 24 | std::uint32_t{header[offset + 1]} << 16 |
         std::uint32_t{header[offset + 2]} << 8 | std::uint32_t{header[offset + 3]};
}

// Through SQLite's own descriptor: opening and closing one of our own would drop the locks of any other connection that
// this process has to the file.
bool read_header(const RoutePath& path, Header& header) {
  try {
    const platform::ForkHold hold;
    const RouteDatabase database(
        [&] { return SQLite::Database(path.database(), SQLite::OPEN_READONLY | SQLite::OPEN_NOMUTEX); });
    sqlite3_file* file = nullptr;
    sqlite3_file_control(database.handle(), "main", SQLITE_FCNTL_FILE_POINTER, &file);
    if (file == nullptr || file->pMethods == nullptr) return false;
    const int result = file->pMethods->xRead(file, header.data(), static_cast<int>(header.size()), 0);
    if (result == SQLITE_OK) return true;
    if (result == SQLITE_IOERR_SHORT_READ) return false;
    throw Error(ErrorCode::StorageFailure, "cannot read " + path.database() + ": " + sqlite3_errstr(result) + ".");
  } catch (const SQLite::Exception& failure) {
    throw translate(failure, nullptr, "cannot open " + path.database());
  }
}

[[noreturn]] void throw_not_a_route(const RoutePath& path, std::string_view why) {
  std::string text = path.database() + " is not an ipcm route: ";
  text.append(why).append(". It was left as it is; `ipcm spawn` makes a route at a path where there is no file.");
  throw Error(ErrorCode::NotARoute, text);
}

// A link to nothing is something.
bool is_there(const RoutePath& path) {
  return platform::FileStatus::at(path.database()).has_value();
}

[[noreturn]] void throw_leads_nowhere(const RoutePath& path) {
  std::error_code unknown;
  const std::string target = std::filesystem::read_symlink(path.database(), unknown).string();
  throw Error(ErrorCode::RouteMissing, "there is no route at " + path.database() + ": it is a symbolic link to " +
                                           target +
                                           ", where there is nothing. Remove the link, or make the route "
                                           "where it leads.");
}

// Everything but the version, so that a newer route can at least be removed.
Header verify_origin(const RoutePath& path) {
  switch (platform::kind_of(path.database())) {
    case FileKind::missing:
      if (is_there(path)) throw_leads_nowhere(path);
      throw Error(ErrorCode::RouteMissing,
                  "there is no route at " + path.database() + ". `ipcm spawn " + path.database() + "` makes one.");
    case FileKind::folder: throw_not_a_route(path, "it is a folder");
    case FileKind::other: throw_not_a_route(path, "it is not a regular file");
    case FileKind::regular: break;
  }
  if (!platform::may_read(path.database())) platform::throw_errno(errno, "cannot read " + path.database());
  Header header{};
  if (!read_header(path, header)) {
    throw_not_a_route(path, platform::file_size(path.database()) == 0 ? "the file is empty" : "the file is too short");
  }
  const bool is_database = std::memcmp(header.data(), kMagic.data(), kMagic.size()) == 0;
  const bool is_ours = big_endian(header, kApplicationIdOffset) == static_cast<std::uint32_t>(kApplicationId);
  if (is_ours && !is_database) {
    throw Error(ErrorCode::RouteDamaged,
                "the route " + path.database() + " is damaged: its first bytes are overwritten.");
  }
  if (!is_database) throw_not_a_route(path, "it is not an SQLite database");
  if (!is_ours) throw_not_a_route(path, "it is an SQLite database of another application");
  return header;
}

void remove_side_files(const RoutePath& path) {
  for (const std::string& file : {path.write_ahead_log(), path.shared_memory(), path.rollback_journal()}) {
    platform::remove_file(file);
  }
}

// Clients of a database that is gone keep their names locked until their next call tells them so.
bool is_of_lost_route(const RoutePath& path) {
  return !platform::FileStatus::at(path.database()) &&
         platform::LockFileView(path.lock_file()).is_locked(kPresenceBase, kMailSleepBase - kPresenceBase);
}

// The turn to write, on the lock file that everybody who comes now will open. That of a route that was removed in
// between is nobody's any more, and one that clients of a lost route still use is replaced: else they would pass for
// clients of the new one. Where no route comes of it, the lock file goes again if there was none.
class RouteFilesTurn {
 public:
  RouteFilesTurn(const RoutePath& path, const platform::Access& access, std::chrono::milliseconds patience)
      : path_(path), made_lock_file_(!platform::FileStatus::at(path.lock_file())) {
    const auto deadline = platform::deadline_after(patience);
    do {
      turn_.reset();
      locks_.emplace(path.lock_file(), access);
      refuse_lock_file_of_stranger(path, *locks_);
      turn_.emplace(*locks_, patience);
      if (!locks_->file().is_still_at_path()) continue;
      if (!is_of_lost_route(path)) return;
      platform::remove_file(path.lock_file());
      made_lock_file_ = true;
    } while (std::chrono::steady_clock::now() < deadline);
    throw Error(ErrorCode::Busy, "the route " + path.database() + " is being removed and made without end; try again.");
  }
  ~RouteFilesTurn() {
    if (!made_lock_file_ || !locks_->file().is_still_at_path() || platform::FileStatus::at(path_.database())) return;
    try {
      platform::remove_file(path_.lock_file());  // whoever waits for the turn on it finds out, and opens another one
    } catch (const std::exception&) {            // it is empty, and does no harm
    }
  }
  RouteFilesTurn(const RouteFilesTurn&) = delete;
  RouteFilesTurn& operator=(const RouteFilesTurn&) = delete;

  /// What was stored in a route of that name before is not missed in the new one.
  void forget_notes() noexcept { locks_->forget_tail(); }

 private:
  const RoutePath& path_;
  bool made_lock_file_;
  std::optional<RouteLocks> locks_;
  std::optional<WriteTurn> turn_;
};

// After a failure, which is what is to be told.
void remove_what_was_made(const RoutePath& made) noexcept {
  try {
    platform::remove_file(made.database());
    remove_side_files(made);
  } catch (...) {  // whoever makes the route next clears it away
  }
}

void make_empty_file(const std::string& path, const platform::Access& access) {
  if (!platform::make_file(path, access)) platform::throw_errno(EEXIST, "cannot make " + path);
}

void fill_new_database(SQLite::Database& database, const NewRoute& route) {
  require_writable(database.getHandle(), database.getFilename());
  // What cannot be changed once there are tables, before there are; the mode of the file was set before the log is
  // switched on, as the log gets the same.
  database.exec("PRAGMA page_size = 4096; PRAGMA synchronous = FULL;");
  // At once: what is left after a crash is cleared away only if it has the mark of a route.
  database.exec("BEGIN; PRAGMA auto_vacuum = INCREMENTAL; PRAGMA application_id = " + std::to_string(kApplicationId) +
                "; COMMIT");
  faults::reach("the new file has its marks");
  database.exec("PRAGMA journal_mode = WAL");
  faults::reach("the new file has a log");
  database.exec("BEGIN");
  database.exec(kSchemaSql);
  database.exec("PRAGMA user_version = " + std::to_string(current_schema_version()));
  insert_route_record(database, route);
  faults::reach("the new file has its tables");
  database.exec("COMMIT");
  faults::reach("the new file is committed");
  // The log does not get the route's name. Closing would fold it into the file, too, but would not say that it failed.
  database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
}

void put_in_place(const std::string& made, const RoutePath& path, Existing existing) {
  const platform::FolderToSync folder(platform::parent_of(path.database()));
  const unsigned flags = existing == Existing::replace ? 0 : RENAME_NOREPLACE;
  if (::renameat2(AT_FDCWD, made.c_str(), AT_FDCWD, path.database().c_str(), flags) != 0) {
    // File systems without RENAME_NOREPLACE say EINVAL. The lock that is held keeps other makers out.
    if (errno != EINVAL || ::rename(made.c_str(), path.database().c_str()) != 0) {
      platform::throw_errno(errno, "cannot make " + path.database());
    }
  }
  faults::reach("the new file is in its place");
  folder.sync();
}

// Of a draft no lock file is ever made; whoever uses a route makes one.
void refuse_to_clear_away(const RoutePath& route) {
  if (!is_used_as_route(route)) return;
  throw Error(ErrorCode::InvalidArgument, route.database() +
                                              " is a route of its own, and has the name under which another one would "
                                              "be made first. Move it, with all its files.");
}

// Whoever has a route open has its log, too; at rest there is none. Clients come with the turn that is held here, or
// find out with their first one that the route was replaced.
void require_at_rest(const RoutePath& path) {
  verify_origin(path);
  refuse_files_of_strangers(path);
  for (const std::string& log : {path.write_ahead_log(), path.rollback_journal()}) {
    if (platform::kind_of(log) == FileKind::missing) continue;
    throw Error(ErrorCode::InvalidArgument, "the route " + path.database() +
                                                " is not replaced, as it is in use, or was when its last user died: "
                                                "there is a " +
                                                log + ".");
  }
}

}  // namespace

bool is_used_as_route(const RoutePath& path) {
  if (!platform::FileStatus::at(path.lock_file())) return false;
  return is_there(path) || platform::FileStatus::at(path.write_ahead_log()).has_value();
}

bool make_route(const RoutePath& path, const platform::Access& access, std::chrono::milliseconds patience,
                Existing existing, WriteRoute write) {
  if (is_there(path)) {
    if (existing == Existing::keep) return false;
    verify_origin(path);  // so that no lock file appears beside a file that is not a route
  }
  const RoutePath made = path.draft();
  require_usable_name(path);
  refuse_to_clear_away(made);
  refuse_foreign_side_files(path);
  RouteFilesTurn turn(path, access, patience);
  if (is_there(path)) {
    if (existing == Existing::keep) return false;
    require_at_rest(path);
  }
  refuse_foreign_side_files(path);
  refuse_foreign_draft(made);  // only with the turn: another process that has it may be writing it
  // A log or journal that a lost database left behind would be played into the new one.
  remove_side_files(path);
  platform::remove_file(made.database());
  remove_side_files(made);
  try {
    make_empty_file(made.database(), access);
    faults::reach("made the new file");
    write(made);
    faults::reach("the new file is closed");
    platform::sync_file(made.database());
    turn.forget_notes();
    put_in_place(made.database(), path, existing);
  } catch (const SQLite::Exception& failure) {
    const Error error = translate(failure, nullptr, "cannot make the route " + path.database());
    remove_what_was_made(made);
    throw Error(error);
  } catch (...) {
    const std::exception_ptr failure = std::current_exception();
    remove_what_was_made(made);
    std::rethrow_exception(failure);
  }
  return true;
}

void verify_route_file(const RoutePath& path) {
  const Header header = verify_origin(path);
  if (const auto version = static_cast<std::int32_t>(big_endian(header, kUserVersionOffset));
      version > current_schema_version()) {
    throw_too_new(path, version);
  }
}

void write_new_database(const RoutePath& draft, const NewRoute& route) {
  const platform::ForkHold hold;
  std::optional<RouteDatabase> database;
  try {
    database.emplace([&] { return SQLite::Database(draft.database(), SQLite::OPEN_READWRITE | SQLite::OPEN_NOMUTEX); });
    fill_new_database(database->get(), route);
  } catch (const SQLite::Exception& failure) {
    throw translate(failure, database ? database->handle() : nullptr, "cannot make " + draft.database());
  }
}

bool create_route(const RoutePath& path, const NewRoute& route, std::chrono::milliseconds patience) {
  // What SQLite follows a link to is for SQLite to say.
  if (platform::kind_of(path.database()) != FileKind::missing) return false;
  return make_route(path, route.access, patience, Existing::keep,
                    [&](const RoutePath& draft) { write_new_database(draft, route); });
}

namespace {

// Only what clients bind. A client that has just looked at the route makes its socket anew, once; at its next look it
// learns that the route is gone. What somebody else put there stays, and so does the folder then.
void remove_wake_folder(const RoutePath& path) {
  constexpr int kTries = 1000;
  const auto folder = platform::FileStatus::at(path.wake_folder());
  if (!folder || !S_ISDIR(folder->mode)) return;
  for (int tries = 0; tries < kTries && ::rmdir(path.wake_folder().c_str()) != 0; ++tries) {
    if (errno == ENOENT) return;
    if (errno != ENOTEMPTY && errno != EEXIST) platform::throw_errno(errno, "cannot remove " + path.wake_folder());
    bool any = false;
    for (const std::string& name : platform::names_in(path.wake_folder())) {
      const std::string socket = path.wake_folder() + "/" + name;
      const auto status = platform::FileStatus::at(socket);
      any = any || !status || S_ISSOCK(status->mode);
      if (status && S_ISSOCK(status->mode)) platform::remove_file(socket);
      faults::reach("removed a socket");
    }
    if (!any) return;
    std::this_thread::yield();
  }
}

}  // namespace

bool remove_route(const RoutePath& path, std::chrono::milliseconds patience) {
  if (platform::kind_of(path.database()) == FileKind::missing) return false;
  verify_origin(path);
  refuse_files_of_strangers(path);
  refuse_foreign_side_files(path);
  const platform::FolderToSync folder(platform::parent_of(path.database()));
  {
    const RouteFilesTurn turn(path, access_of(path), patience);
    // The database goes first: whatever is left after a crash is not a route, and creating one clears it away.
    platform::remove_file(path.database());
    remove_side_files(path);
    remove_wake_folder(path);
    platform::remove_file(path.lock_file());
  }
  folder.sync();
  return true;
}

}  // namespace ipcm::storage::sqlite
