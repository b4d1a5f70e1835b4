// SPDX-License-Identifier: MIT
#include "storage/sqlite/route_access.hpp"

#include <exception>
#include <string>

#include <ipcm/error.hpp>

#include "platform/file.hpp"

namespace ipcm::storage::sqlite {
namespace {

using platform::Access;
using platform::FileStatus;

[[noreturn]] void throw_unsafe(const std::string& file, const std::string& why) {
  throw Error(ErrorCode::Unsafe, file + " " + why + ". It was left as it is, and nothing was stored.");
}

[[noreturn]] void throw_mounted(const std::string& file) {
  throw_unsafe(file,
               "is mounted as a single file, so it lies in two folders, with a log and locks in each. Mount the "
               "folder that it lies in (docker: -v /folder:/folder, not the file)");
}

bool is_trusted(const FileStatus& file) noexcept {
  return file.is_own() || file.is_of_own_group() || platform::is_root();
}

void refuse_side_file(const RoutePath& route, const std::string& path, const FileStatus& database) {
  const auto file = route.status_of(path);
  if (!file) return;
  if (!file->is_file()) throw_unsafe(path, "is not a file, and stands where a route's file should");
  if (file->links > 1) throw_unsafe(path, "has a second name, a hard link");
  if (file->is_mounted) throw_mounted(path);
  const bool same_people =
      file->owner == database.owner || file->is_own() || (file->group == database.group && file->is_of_own_group());
  if (!same_people) throw_unsafe(path, "belongs to another user than the route beside it");
}

// Somebody but the owner of the route, and root, may make files there.
bool is_open_to_others(const platform::Folder& folder, const FileStatus& database) {
  const FileStatus status = folder.status();
  return status.is_open_to_others() || (status.owner != database.owner && status.owner != 0);
}

void require_one_name(const RoutePath& path, const FileStatus& database) {
  if (database.links > 1) {
    throw_unsafe(path.database(), "has a second name, a hard link: SQLite would keep a log for each of them");
  }
  if (database.is_mounted) throw_mounted(path.database());
}

}  // namespace

Access access_of(const RoutePath& path) {
  Access access;
  const auto database = path.status_of(path.database());
  if (!database) return access;
  if (database->is_for_group()) {
    access.mode = 0660;
    access.group = database->group;
  }
  if (platform::is_root() && database->owner != 0) access.owner = database->owner;
  return access;
}

void refuse_files_of_strangers(const RoutePath& path) {
  const auto database = path.status_of(path.database());
  if (!database || !database->is_file()) return;  // for whoever opens it to say
  require_one_name(path, *database);
  // What may only be read is refused as such.
  if (!is_trusted(*database) && path.folder().may_write(platform::name_in(path.database()))) {
    throw_unsafe(path.database(), "belongs to another user, who lets everybody write to it");
  }
  for (const std::string& file :
       {path.write_ahead_log(), path.shared_memory(), path.rollback_journal(), path.lock_file()}) {
    refuse_side_file(path, file, *database);
  }
}

void refuse_file_of_stranger(const RoutePath& path, const FileStatus& database) {
  require_one_name(path, database);
  if (is_trusted(database)) return;
  throw_unsafe(path.database(), "belongs to another user, who could read and change what is stored in it");
}

void refuse_lock_file_of_stranger(const RoutePath& path, RouteLocks& locks, const std::optional<FileStatus>& database) {
  const auto file = FileStatus::of(locks.file().descriptor());
  if (!file || !file->is_file() || file->links > 1) throw_unsafe(path.lock_file(), "is not a plain file");
  const bool same_people = is_trusted(*file) || (database && file->owner == database->owner);
  if (!same_people) throw_unsafe(path.lock_file(), "belongs to another user");
}

SideFiles::SideFiles(const RoutePath& path, const Access& access, RouteLocks& locks, std::chrono::milliseconds patience)
    : path_(path) {
  const auto database = path.status_of(path.database());
  if (!database) return;
  const bool is_open = is_open_to_others(path.folder(), *database);
  if (!is_open && !access.group) return;
  turn_.emplace(locks, patience);
  for (const std::string& file : {path.write_ahead_log(), path.shared_memory()}) path.make_file(file, access);
  // An empty one is none to SQLite, which looks for one only while it opens the file.
  if (is_open) made_journal_ = path.make_file(path.rollback_journal(), access);
  try {
    refuse_files_of_strangers(path);
  } catch (...) {
    remove_journal();  // else the route would be taken for one in use
    throw;
  }
}

SideFiles::~SideFiles() {
  remove_journal();
}

void SideFiles::remove_journal() noexcept {
  if (!made_journal_) return;
  try {
    path_.remove_file(path_.rollback_journal());
  } catch (const std::exception&) {  // it is empty, and does no harm
  }
}

}  // namespace ipcm::storage::sqlite
