// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "platform/folder.hpp"

namespace ipcm::transport {

// The names in a route that is a folder. docs/file-format.md lists them.
inline constexpr const char* kMarkName = "route.json";
inline constexpr const char* kLockName = "lock";
/// Of the lock file: shared by clients while they make something in the folder kWatchName; had alone by who removes the
/// route.
inline constexpr off_t kWatchFolderByte = off_t{1} << 61U;
inline constexpr const char* kTableName = "peers.json";
inline constexpr const char* kCountsName = "counts";
inline constexpr const char* kLettersName = "letters";
inline constexpr const char* kSocketsName = "sockets";
inline constexpr const char* kWatchName = "watch";

/// A route that is a folder.
class RouteFolder {
 public:
  explicit RouteFolder(std::string path) : path_(std::move(path)) {}

  const std::string& path() const noexcept { return path_; }
  /// The open folder, in which everything is done by name: that of this object, if opened() made it, or one that is
  /// opened now. Throws Error: RouteMissing, NotARoute if it is no folder, Unsafe if it is another user's.
  std::shared_ptr<const platform::Folder> open() const;
  /// The same route with its folder open, which all copies share.
  RouteFolder opened() const;

  // Paths: for the text of errors, and to look at.
  std::string mark() const { return path_of(kMarkName); }
  std::string lock_file() const { return path_of(kLockName); }
  std::string table() const { return path_of(kTableName); }
  std::string counts_folder() const { return path_of(kCountsName); }
  std::string letter_folder() const { return path_of(kLettersName); }
  std::string socket_folder() const { return path_of(kSocketsName); }
  std::string watch_folder() const { return path_of(kWatchName); }

 private:
  std::string path_of(const char* name) const { return path_ + "/" + name; }

  std::string path_;
  std::shared_ptr<const platform::Folder> folder_;
};

/// What is said of a route once, when it is made.
struct RouteMark {
  std::string id;
  double created_at = 0;  ///< seconds since 1970
  std::uint64_t max_content = 0;
};

inline constexpr int kRouteVersion = 1;

/// Whether the folder is marked as a route, of any version. Never throws for what is there or is not.
bool is_route_folder(const std::string& path) noexcept;

/// Throws Error: RouteMissing, NotARoute, RouteTooNew, RouteDamaged, Unsafe.
RouteMark read_mark(const RouteFolder& folder);

/// Makes the route in a folder that is missing or empty, private to its owner; false: there is one already.
/// Throws what read_mark() throws, and leaves what is not a route as it is. `patience`: for others who make it.
bool create_route_folder(const RouteFolder& folder, const RouteMark& mark, std::chrono::milliseconds patience);

/// Removes a route, and its folder unless something else is left in it. A missing one is not an error. Throws Error:
/// NotARoute; Unsafe, with nothing removed, if one of its folders is a symbolic link or no folder.
void remove_route_folder(const RouteFolder& folder, std::chrono::milliseconds patience);

}  // namespace ipcm::transport
