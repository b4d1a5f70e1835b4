// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace ipcm::transport {

/// The files of a route that is a folder. docs/file-format.md lists them.
class RouteFolder {
 public:
  explicit RouteFolder(std::string path) : path_(std::move(path)) {}

  const std::string& path() const noexcept { return path_; }
  std::string mark() const { return path_ + "/route.json"; }
  std::string lock_file() const { return path_ + "/lock"; }
  std::string table() const { return path_ + "/peers.json"; }
  std::string counts_folder() const { return path_ + "/counts"; }
  std::string letter_folder() const { return path_ + "/letters"; }
  std::string socket_folder() const { return path_ + "/sockets"; }
  std::string watch_folder() const { return path_ + "/watch"; }

 private:
  std::string path_;
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

/// Throws Error: RouteMissing, NotARoute, RouteTooNew, RouteDamaged.
RouteMark read_mark(const RouteFolder& folder);

/// Makes the route in a folder that is missing or empty, private to its owner; false: there is one already.
/// Throws what read_mark() throws, and leaves what is not a route as it is. `patience`: for others who make it.
bool create_route_folder(const RouteFolder& folder, const RouteMark& mark, std::chrono::milliseconds patience);

/// Removes a route, and its folder unless there are files of somebody else. A missing one is not an error; throws
/// Error(NotARoute) for anything else.
void remove_route_folder(const RouteFolder& folder, std::chrono::milliseconds patience);

}  // namespace ipcm::transport
