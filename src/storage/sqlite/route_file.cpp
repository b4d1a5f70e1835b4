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

#include "core/fault_point.hpp"
#include "platform/file.hpp"
#include "platform/lock_file_view.hpp"
#include "platform/poll.hpp"
#include "platform/system_error.hpp"
#include "storage/sqlite/engine_error.hpp"
#include "storage/sqlite/file_format.hpp"
#include "storage/sqlite/locks.hpp"
#include "storage/sqlite/route_access.hpp"
#include "storage/sqlite/route_database.hpp"
#include "storage/sqlite/route_record.hpp"
#include "storage/sqlite/schema.hpp"
#include "storage/sqlite/side_file_check.hpp"

namespace ipcm::storage::sqlite {
namespace {

using platform::FileKind;

using Header = std::array<unsigned char, kDatabaseHeaderBytes>;

std::uint32_t big_endian(const Header& header, std::size_t offset) {
  return std::uint32_t{header[offset]} << 24 | std::uint32_t{header[offset + 1]} << 16 |
         std::uint32_t{header[offset + 2]} << 8 | std::uint32_t{header[offset + 3]};
}

// Through SQLite's own descriptor: opening and closing one of our own would drop the locks of any other connection that
// this process has to the file.
bool read_header(const RoutePath& path, Header& header) {
  try {
    const platform::ForkHold hold;
    const RouteDatabase database(path, RouteDatabase::Mode::read);
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

// The links in the path were followed before.
[[noreturn]] void throw_is_a_link(const RoutePath& path) {
  if (platform::kind_of(path.database()) != FileKind::missing) {
    throw Error(ErrorCode::Unsafe,
                path.database() + " has become a symbolic link just now. It was not followed, and nothing was stored.");
  }
  std::error_code unknown;
  const std::string target = std::filesystem::read_symlink(path.database(), unknown).string();
  throw Error(ErrorCode::RouteMissing, "there is no route at " + path.database() + ": it is a symbolic link to " +
                                           target +
                                           ", where there is nothing. Remove the link, or make the route "
                                           "where it leads.");
}

// Everything but the version, so that a newer route can at least be removed.
Header verify_origin(const RoutePath& path) {
  const auto file = path.status_of(path.database());
  if (!file) {
    throw Error(ErrorCode::RouteMissing,
                "there is no route at " + path.database() + ". `ipcm spawn " + path.database() + "` makes one.");
  }
  if (S_ISLNK(file->mode)) throw_is_a_link(path);
  if (!file->is_file()) throw_not_a_route(path, file->is_folder() ? "it is a folder" : "it is not a regular file");
  if (!path.folder().may_read(platform::name_in(path.database()))) {
    platform::throw_errno(errno, "cannot read " + path.database());
  }
  Header header{};
  if (!read_header(path, header)) {
    throw_not_a_route(path, path.size_of(path.database()) == 0 ? "the file is empty" : "the file is too short");
  }
  const bool is_database = std::memcmp(header.data(), kDatabaseMagic.data(), kDatabaseMagic.size()) == 0;
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
    path.remove_file(file);
  }
}

// Clients of a database that is gone keep their names locked until their next call tells them so.
bool is_of_lost_route(const RoutePath& path) {
  return !path.is_there(path.database()) &&
         path.look_at_lock_file().is_locked(kPresenceBase, kMailSleepBase - kPresenceBase);
}

// The turn to write, on the lock file that everybody who comes now will open. That of a route that was removed in
// between is nobody's any more, and one that clients of a lost route still use is replaced: else they would pass for
// clients of the new one. Where no route comes of it, the lock file goes again if there was none.
class RouteFilesTurn {
 public:
  RouteFilesTurn(const RoutePath& path, const platform::Access& access, std::chrono::milliseconds patience)
      : path_(path), made_lock_file_(!path.is_there(path.lock_file())) {
    const auto deadline = platform::deadline_after(patience);
    do {
      turn_.reset();
      locks_.emplace(path, access);
      const auto database = path.status_of(path.database());
      if (database) refuse_file_of_stranger(path, *database);
      refuse_lock_file_of_stranger(path, *locks_, database);
      turn_.emplace(*locks_, patience);
      if (!locks_->file().is_still_in(path.folder())) continue;
      if (!is_of_lost_route(path)) return;
      path.remove_file(path.lock_file());
      made_lock_file_ = true;
    } while (std::chrono::steady_clock::now() < deadline);
    throw Error(ErrorCode::Busy, "the route " + path.database() + " is being removed and made without end; try again.");
  }
  ~RouteFilesTurn() {
    if (!made_lock_file_) return;
    try {
      if (!locks_->file().is_still_in(path_.folder()) || path_.is_there(path_.database())) return;
      path_.remove_file(path_.lock_file());  // whoever waits for the turn on it finds out, and opens another one
    } catch (const std::exception&) {        // it is empty, and does no harm
    }
  }
  RouteFilesTurn(const RouteFilesTurn&) = delete;
  RouteFilesTurn& operator=(const RouteFilesTurn&) = delete;

  /// From now on no client makes a socket, or the folder for it. Throws Error(Busy).
  void keep_sockets_out(std::chrono::milliseconds patience) {
    if (locks_->file().lock_before(kWakeFolderByte, platform::deadline_after(patience))) return;
    throw Error(ErrorCode::Busy, "clients of the route " + path_.database() + " make their sockets without end.");
  }

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
    made.remove_file(made.database());
    remove_side_files(made);
  } catch (...) {  // whoever makes the route next clears it away
  }
}

void make_empty_file(const RoutePath& draft, const platform::Access& access) {
  if (!draft.make_file(draft.database(), access)) platform::throw_errno(EEXIST, "cannot make " + draft.database());
}

void fill_new_database(SQLite::Database& database, const RoutePath& draft, const NewRoute& route) {
  require_writable(database.getHandle(), draft);
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

void put_in_place(const RoutePath& draft, const RoutePath& path, Existing existing) {
  const platform::FolderToSync to_sync(path.folder());
  const int folder = path.folder().descriptor();
  const std::string made = platform::name_in(draft.database());
  const std::string name = platform::name_in(path.database());
  const unsigned flags = existing == Existing::replace ? 0 : RENAME_NOREPLACE;
  if (::renameat2(folder, made.c_str(), folder, name.c_str(), flags) != 0) {
    // File systems without RENAME_NOREPLACE say EINVAL. The lock that is held keeps other makers out.
    if (errno != EINVAL || ::renameat(folder, made.c_str(), folder, name.c_str()) != 0) {
      platform::throw_errno(errno, "cannot make " + path.database());
    }
  }
  faults::reach("the new file is in its place");
  to_sync.sync();
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
    if (!path.is_there(log)) continue;
    throw Error(ErrorCode::InvalidArgument, "the route " + path.database() +
                                                " is not replaced, as it is in use, or was when its last user died: "
                                                "there is a " +
                                                log + ".");
  }
}

}  // namespace

bool is_used_as_route(const RoutePath& path) {
  if (!path.is_there(path.lock_file())) return false;
  return path.is_there(path.database()) || path.is_there(path.write_ahead_log());
}

bool make_route(const RoutePath& path, const platform::Access& access, std::chrono::milliseconds patience,
                Existing existing, WriteRoute write) {
  if (path.is_there(path.database())) {
    if (existing == Existing::keep) return false;
    verify_origin(path);  // so that no lock file appears beside a file that is not a route
  }
  const RoutePath made = path.draft();
  require_usable_name(path);
  refuse_to_clear_away(made);
  refuse_foreign_side_files(path);
  RouteFilesTurn turn(path, access, patience);
  if (path.is_there(path.database())) {
    if (existing == Existing::keep) return false;
    require_at_rest(path);
  }
  refuse_foreign_side_files(path);
  refuse_foreign_draft(made);  // only with the turn: another process that has it may be writing it
  // A log or journal that a lost database left behind would be played into the new one.
  remove_side_files(path);
  made.remove_file(made.database());
  remove_side_files(made);
  try {
    make_empty_file(made, access);
    faults::reach("made the new file");
    write(made);
    faults::reach("the new file is closed");
    made.folder().sync_file(platform::name_in(made.database()));
    turn.forget_notes();
    put_in_place(made, path, existing);
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
    database.emplace(draft, RouteDatabase::Mode::write);
    fill_new_database(database->get(), draft, route);
  } catch (const SQLite::Exception& failure) {
    throw translate(failure, database ? database->handle() : nullptr, "cannot make " + draft.database());
  }
}

bool create_route(const RoutePath& path, const NewRoute& route, std::chrono::milliseconds patience) {
  return make_route(path, route.access, patience, Existing::keep,
                    [&](const RoutePath& draft) { write_new_database(draft, route); });
}

namespace {

// Only what clients bind. What somebody else put there stays, and so does the folder then.
void remove_wake_folder(const RoutePath& path) {
  const auto found = path.status_of(path.wake_folder());
  if (!found || !found->is_folder()) return;
  const std::string name = platform::name_in(path.wake_folder());
  const platform::Folder folder(path.folder(), name);
  for (const std::string& socket : folder.names()) {
    const auto status = folder.status_of(socket);
    if (status && status->is_socket()) folder.remove_file(socket);
    faults::reach("removed a socket");
  }
  if (::unlinkat(path.folder().descriptor(), name.c_str(), AT_REMOVEDIR) == 0) return;
  if (errno == ENOENT || errno == ENOTEMPTY || errno == EEXIST) return;
  platform::throw_errno(errno, "cannot remove " + path.wake_folder());
}

}  // namespace

bool remove_route(const RoutePath& path, std::chrono::milliseconds patience) {
  const auto file = path.status_of(path.database());
  const bool leads_nowhere = file && S_ISLNK(file->mode) && platform::kind_of(path.database()) == FileKind::missing;
  if (!file || leads_nowhere) return false;
  verify_origin(path);
  refuse_files_of_strangers(path);
  refuse_foreign_side_files(path);
  const platform::FolderToSync folder(path.folder());
  {
    RouteFilesTurn turn(path, access_of(path), patience);
    turn.keep_sockets_out(patience);
    // The database goes first: whatever is left after a crash is not a route, and creating one clears it away.
    path.remove_file(path.database());
    remove_side_files(path);
    remove_wake_folder(path);
    path.remove_file(path.lock_file());
  }
  folder.sync();
  return true;
}

}  // namespace ipcm::storage::sqlite
