// SPDX-License-Identifier: MIT
// A route as files: recognising, making and removing one.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "core/function_ref.hpp"
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
  bool secure_delete = false;
  platform::Access access{};
};

/// Looks at the file's header without changing a byte of it. Throws Error: RouteMissing, NotARoute, RouteTooNew,
/// RouteDamaged, StorageFailure.
void verify_route_file(const RoutePath& path);

/// Whether somebody has ever used a route under that name: what is being made has none of its own yet.
bool is_used_as_route(const RoutePath& path);

/// What becomes of a route that is at the path already.
enum class Existing {
  keep,    ///< it stays, and nothing is made
  replace  ///< it makes room in one step, if nobody has it open
};

/// Writes the database file of a route that is being made: it is there and empty, with its access, and nobody else
/// knows it. May throw SQLite::Exception.
using WriteRoute = FunctionRef<void(const RoutePath& draft)>;

/// Makes a route that appears under its name when it is complete and on the disk; a crash leaves only what the next one
/// clears away. Whatever `write` throws leaves nothing. False: there is something of that name already.
/// Throws Error: ReadOnly, RouteFull, RouteMissing (the folder), Busy, StorageFailure; InvalidArgument where another
/// route has the name of its draft; to replace one, what verify_route_file() throws, and InvalidArgument where it is in
/// use.
bool make_route(const RoutePath& path, const platform::Access& access, std::chrono::milliseconds patience,
                Existing existing, WriteRoute write);

/// Writes an empty route into such a file, and onto the disk. Throws Error(StorageFailure), RouteFull.
void write_new_database(const RoutePath& draft, const NewRoute& route);

/// make_route() for an empty one. False: there is a file of that name already.
/// Throws Error: ReadOnly, RouteFull, RouteMissing (the folder), Busy, StorageFailure.
bool create_route(const RoutePath& path, const NewRoute& route, std::chrono::milliseconds patience);

/// Removes a route with its side files. False: there was none. Throws what verify_route_file() throws, but for
/// RouteTooNew and RouteMissing.
bool remove_route(const RoutePath& path, std::chrono::milliseconds patience);

}  // namespace ipcm::storage::sqlite
