// SPDX-License-Identifier: MIT
// A route as files: recognising, making and removing one.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "platform/access.hpp"
#include "storage/sqlite/route_path.hpp"

namespace ipcm::storage::sqlite {

/// PRAGMA application_id of every route: "ipcm" in ASCII. Never changes.
inline constexpr std::int32_t kApplicationId = 0x6970636d;

/// What is decided when a route is made.
struct NewRoute {
  std::string id;
  double created_at = 0;
  std::string durability;
  std::uint64_t max_content = 0;
  std::string notifier = "auto";
  std::string time_zone = "UTC";
  platform::Access access{};
};

/// Looks at the file's header without changing a byte of it. Throws Error: RouteMissing, NotARoute, RouteTooNew,
/// RouteDamaged, StorageFailure.
void verify_route_file(const RoutePath& path);

/// Makes a route, complete before it appears under its name. False: there is a file of that name already.
/// Throws Error: ReadOnly, RouteFull, RouteMissing (the folder), Busy, StorageFailure.
bool create_route(const RoutePath& path, const NewRoute& route, std::chrono::milliseconds patience);

/// Removes a route with its side files. False: there was none. Throws what verify_route_file() throws, but for
/// RouteTooNew and RouteMissing.
bool remove_route(const RoutePath& path, std::chrono::milliseconds patience);

}  // namespace ipcm::storage::sqlite
