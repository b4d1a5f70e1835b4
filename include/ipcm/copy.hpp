// SPDX-License-Identifier: MIT
// A route as a whole, somewhere else: backups, and dumps as text.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include <ipcm/connection_info.hpp>

namespace ipcm {

/// Told how far a long call is, again and again. What it throws ends the call, which then leaves nothing behind.
using CopyProgress = std::function<void(std::uint64_t done, std::uint64_t total)>;

struct BackupOptions {
  /// Whether a route that is at `target` and that nobody has open makes room for the copy. There is one of the two at
  /// every moment.
  bool replace = false;
  CopyProgress progress{};  ///< in bytes
};

struct Backup {
  std::string route;  ///< where it is: an absolute path
  std::string id;     ///< its own: a copy is another route
  std::uint64_t bytes = 0;
};

/// Makes a copy of a route while others send and read, as it is at one moment. They are not kept waiting; what they
/// write meanwhile stays in the log until the copy is complete. The copy is a route at rest, private to its owner, and
/// is as a power loss at that moment would have left the original, but for its id: whoever was connected there has
/// crashed here, and what was claimed comes back at the first look. A route of an older version is copied as it is.
///
/// It appears at `target` when it is complete and on the disk. Throws what connect() throws for the route;
/// InvalidArgument where there is something at `target`, RouteFull, ReadOnly, StorageFailure, NotSupported.
Backup backup_route(const ConnectionInfo& info, std::string_view target, const BackupOptions& options = {});

/// What a dump holds.
struct DumpCounts {
  std::uint64_t lines = 0;
  std::uint64_t peers = 0;
  std::uint64_t messages = 0;  ///< ready, for later, and claimed
  std::uint64_t dead = 0;

  friend bool operator==(const DumpCounts&, const DumpCounts&) = default;
};

/// Gets one line, without its newline; the view ends with the call. What it throws ends the dump.
using LineSink = std::function<void(std::string_view line)>;

/// Writes a route as lines of JSON, as it is at one moment: docs/dump-format.md. Memory does not grow with the route.
/// While it runs, what others write stays in the log.
/// Throws what connect() throws for the route; RouteDamaged where it holds what belongs to no inbox; NotSupported.
DumpCounts dump_route(const ConnectionInfo& info, const LineSink& sink);

/// Puts the next line into `line`; false at the end. What it throws ends the loading.
using LineSource = std::function<bool(std::string& line)>;

/// Makes a new route of what dump_route() wrote. It appears when it is complete and its books balance, or not at all.
/// Throws InvalidArgument: something is there already; a line, whose number is told, is not what it must be; the whole
/// does not add up. RouteFull, ReadOnly, StorageFailure, NotSupported.
DumpCounts load_route(const ConnectionInfo& info, const LineSource& next_line);

}  // namespace ipcm
