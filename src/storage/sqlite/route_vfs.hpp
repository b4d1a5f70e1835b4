// SPDX-License-Identifier: MIT
// How SQLite reaches the files of a route: by their names in a folder that is open.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "platform/access.hpp"
#include "storage/sqlite/route_path.hpp"

struct sqlite3;

namespace ipcm::storage::sqlite {

/// The name under which SQLite opens a route's database, /proc/thread-self/fd/FOLDER/NAME, and the VFS that takes it.
/// That VFS is SQLite's own for Unix, but that it does not resolve such a name: so what SQLite opens, makes
/// and removes, its log, index and journal too, lies in the open folder. If the system shows no such names, as without
/// /proc, the name is the route's path and the VFS the default one.
///
/// Connections of a process to one file share what SQLite knows of the file's index, and with it the name under which
/// the first of them opened it. So they share the open folder as well, which stays open until the index is closed, also
/// if that is by a connection of the application's own.
///
/// To be made before a connection is opened, and destroyed once it is closed, within a ForkHold.
class RouteAddress {
 public:
  /// Throws what RoutePath::folder() throws; Error(InvalidArgument) if SQLite cannot take the path.
  explicit RouteAddress(const RoutePath& path);
  ~RouteAddress();
  RouteAddress(const RouteAddress&) = delete;
  RouteAddress& operator=(const RouteAddress&) = delete;

  const std::string& name() const noexcept { return name_; }
  /// Null: the default one.
  const char* vfs() const noexcept;

  /// To be called once the connection has the index open.
  void note_index();
  /// To be called before the connection is closed, but in a forked child.
  void note_closing() noexcept;

  /// The file that the connection has open, whatever lies under its name by now. Returns nullopt if the name leads to
  /// another file.
  std::optional<platform::FileStatus> file_of(sqlite3* connection, const RoutePath& path) const;

  /// The longest path of a route, with the ends of the names of the files beside it, in bytes.
  static std::size_t longest_path();

 private:
  struct Shared;
  friend class SharedFolders;

  std::optional<platform::FileIdentity> index_at_its_name() const noexcept;

  std::shared_ptr<Shared> shared_;  // null: the name is a path
  std::string name_;
  std::optional<platform::FileIdentity> index_;  // that the connection has open
  bool had_index_at_end_ = false;                // under its name
};

}  // namespace ipcm::storage::sqlite
