// SPDX-License-Identifier: MIT
#include "storage/sqlite/route_vfs.hpp"

#include <limits.h>
#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <new>
#include <string_view>
#include <vector>

#include <ipcm/error.hpp>

#include "core/names.hpp"
#include "platform/file.hpp"
#include "platform/fork.hpp"
#include "platform/process_facts.hpp"
#include "platform/system_error.hpp"
#include "platform/unique_fd.hpp"
#include "storage/sqlite/side_file_check.hpp"

namespace ipcm::storage::sqlite {
namespace {

// Of the thread, not of the process: once the thread that ran main() has ended, /proc/self shows no descriptors.
constexpr std::string_view kDescriptors = "/proc/thread-self/fd/";
// SQLite's VFS for Unix takes no longer path: MAX_PATHNAME in os_unix.c.
constexpr std::size_t kLongestPathOfSqlite = 512;

std::string name_of_descriptor(int descriptor) {
  return std::string(kDescriptors) + std::to_string(descriptor);
}

/// The name of a database file, behind what SQLite keeps of the file. SQLite looks there for it as long as the file is
/// open, so that this library can say where it looks.
struct NameOfFile {
  std::array<char, 8> before{};  // SQLite takes four zero bytes for the beginning of a name, and two for its end
  std::array<char, 400> text{};

  bool set(std::string_view name) noexcept {
    if (name.size() + 2 > text.size()) return false;
    text.fill('\0');
    std::ranges::copy(name, text.begin());
    return true;
  }
};

sqlite3_vfs* unix_vfs() noexcept {
  static sqlite3_vfs* const found = sqlite3_vfs_find("unix");
  return found;
}

int size_before_name() noexcept {
  constexpr int kAlignment = 8;
  return (unix_vfs()->szOsFile + kAlignment - 1) / kAlignment * kAlignment;
}

NameOfFile& name_of(sqlite3_file* file) noexcept {
  return *reinterpret_cast<NameOfFile*>(reinterpret_cast<char*>(file) + size_before_name());
}

// Otherwise SQLite would follow the link, and use the path to which it leads.
int keep_name(sqlite3_vfs*, const char* name, int size, char* out) noexcept {
  if (!std::string_view(name).starts_with(kDescriptors)) return unix_vfs()->xFullPathname(unix_vfs(), name, size, out);
  const std::size_t length = std::strlen(name);
  if (length >= static_cast<std::size_t>(size)) return SQLITE_CANTOPEN;
  std::memcpy(out, name, length + 1);
  return SQLITE_OK;
}

int open_file(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* flags_out) noexcept {
  sqlite3_vfs* const base = unix_vfs();
  if ((flags & SQLITE_OPEN_MAIN_DB) == 0 || name == nullptr) return base->xOpen(base, name, file, flags, flags_out);
  auto* const copy = new (&name_of(file)) NameOfFile;
  file->pMethods = nullptr;
  return copy->set(name) ? base->xOpen(base, copy->text.data(), file, flags, flags_out) : SQLITE_CANTOPEN;
}

/// In SQLite's list of VFSs of the process, in which another copy of this library may have one, too.
struct OwnVfs {
  sqlite3_vfs vfs;
  std::array<char, 32> name;
  bool is_registered;
};
constinit OwnVfs own_vfs{};

// Null if SQLite has no VFS for Unix, or has no memory.
const OwnVfs* registered_vfs() noexcept {
  static const bool is_registered = [] {
    if (unix_vfs() == nullptr) return false;
    std::snprintf(own_vfs.name.data(), own_vfs.name.size(), "ipcm-%p", static_cast<void*>(&own_vfs));
    own_vfs.vfs = *unix_vfs();
    own_vfs.vfs.zName = own_vfs.name.data();
    own_vfs.vfs.szOsFile = size_before_name() + static_cast<int>(sizeof(NameOfFile));
    own_vfs.vfs.xOpen = open_file;
    own_vfs.vfs.xFullPathname = keep_name;
    own_vfs.is_registered = sqlite3_vfs_register(&own_vfs.vfs, 0) == SQLITE_OK;
    return own_vfs.is_registered;
  }();
  return is_registered ? &own_vfs : nullptr;
}

// After all static objects are gone, as they may have clients; and when a plugin with this library in it is unloaded.
__attribute__((destructor)) void unregister_vfs() {
  if (own_vfs.is_registered) sqlite3_vfs_unregister(&own_vfs.vfs);
}

// Whether the file under the name that SQLite goes by is another one than it has open.
bool has_moved(sqlite3_file* file) noexcept {
  int moved = 1;
  file->pMethods->xFileControl(file, SQLITE_FCNTL_HAS_MOVED, &moved);
  return moved != 0;
}

}  // namespace

struct RouteAddress::Shared {
  platform::FileIdentity identity;  // of the folder
  std::string name;                 // of the database
  std::string index_name;
  std::shared_ptr<const platform::Folder> folder;
  std::vector<platform::FileIdentity> indexes;

  bool has_open_index() noexcept {
    std::erase_if(indexes, [](const platform::FileIdentity& index) { return !platform::has_open(index); });
    return !indexes.empty();
  }
};

/// The folders by which the connections of this process have their files. Never destroyed: see OpenDatabases.
class SharedFolders {
 public:
  using Shared = RouteAddress::Shared;

  static SharedFolders& instance() {
    static auto* const folders = new SharedFolders;
    return *folders;
  }

  std::shared_ptr<Shared> of(const RoutePath& path) {
    const platform::FileIdentity identity = path.folder().status().identity;
    const std::string name = platform::name_in(path.database());
    const std::lock_guard lock(mutex_);
    const auto found =
        std::ranges::find_if(all_, [&](const auto& one) { return one->identity == identity && one->name == name; });
    if (found != all_.end()) return *found;
    const auto seen = platform::FileIdentity::at(name_of_descriptor(path.folder().descriptor()));
    if (seen != identity) return nullptr;
    return all_.emplace_back(std::make_shared<Shared>(Shared{identity, name, name + "-shm", path.shared_folder(), {}}));
  }

  void note_index(Shared& shared, const platform::FileIdentity& index) {
    const std::lock_guard lock(mutex_);
    if (std::ranges::find(shared.indexes, index) == shared.indexes.end()) shared.indexes.push_back(index);
  }

  // `closed`: an index that is known to be closed.
  void let_go(std::shared_ptr<Shared> shared, const std::optional<platform::FileIdentity>& closed) noexcept {
    if (platform::forked_amid_calls()) return;  // what is in all_ stays as it is: it may be half changed
    const std::lock_guard lock(mutex_);
    if (closed) std::erase(shared->indexes, *closed);
    shared.reset();
    std::erase_if(all_, [](const auto& one) { return one.use_count() == 1 && !one->has_open_index(); });
  }

 private:
  platform::ForkSafeMutex mutex_;
  std::vector<std::shared_ptr<Shared>> all_;
};

RouteAddress::RouteAddress(const RoutePath& path) {
  if (registered_vfs() != nullptr) shared_ = SharedFolders::instance().of(path);
  if (shared_) {
    name_ = name_of_descriptor(shared_->folder->descriptor()) + "/" + shared_->name;
    return;
  }
  name_ = path.database();
  if (name_.size() > kLongestPathOfSqlite) throw_path_too_long(path);
}

// SQLite removes an index that no connection has open any more, neither of this process nor of another.
RouteAddress::~RouteAddress() {
  if (!shared_) return;
  const bool is_removed = had_index_at_end_ && !index_at_its_name();
  SharedFolders::instance().let_go(std::move(shared_), is_removed ? index_ : std::nullopt);
}

const char* RouteAddress::vfs() const noexcept {
  return shared_ ? registered_vfs()->name.data() : nullptr;
}

std::optional<platform::FileIdentity> RouteAddress::index_at_its_name() const noexcept {
  const auto index = shared_->folder->status_of(shared_->index_name);
  return index ? std::optional(index->identity) : std::nullopt;
}

void RouteAddress::note_index() {
  if (!shared_) return;
  index_ = index_at_its_name();
  if (index_) SharedFolders::instance().note_index(*shared_, *index_);
}

void RouteAddress::note_closing() noexcept {
  had_index_at_end_ = shared_ && index_ && index_at_its_name() == index_;
}

// SQLite tells no descriptor and no inode, but whether the name of its file leads to its file. So for a moment the name
// is that of a descriptor, which leads to nothing but the file that is looked at. A version that keeps a copy of the
// name tells of itself: it does not find the file moved when the name is that of the folder.
std::optional<platform::FileStatus> RouteAddress::file_of(sqlite3* connection, const RoutePath& path) const {
  sqlite3_file* file = nullptr;
  sqlite3_file_control(connection, "main", SQLITE_FCNTL_FILE_POINTER, &file);
  if (file == nullptr || file->pMethods == nullptr) return std::nullopt;
  const platform::UniqueFd found = path.folder().open_to_look(platform::name_in(path.database()));
  if (!found && errno == ENOENT) return std::nullopt;
  const auto status = found ? platform::FileStatus::of(found.get()) : std::nullopt;
  if (!status) platform::throw_errno(errno, "cannot look at " + path.database());
  if (!shared_) return has_moved(file) ? std::nullopt : status;
  NameOfFile& name = name_of(file);
  const NameOfFile own = name;
  const bool goes_by_name = name.set(name_of_descriptor(path.folder().descriptor())) && has_moved(file);
  if (goes_by_name) name.set(name_of_descriptor(found.get()));
  const bool is_another = has_moved(file);
  name = own;
  return is_another ? std::nullopt : status;
}

std::size_t RouteAddress::longest_path() {
  const bool goes_by_descriptor =
      registered_vfs() != nullptr && platform::FileIdentity::at(std::string(kDescriptors)).has_value();
  return goes_by_descriptor ? PATH_MAX - 1 : kLongestPathOfSqlite;
}

}  // namespace ipcm::storage::sqlite
