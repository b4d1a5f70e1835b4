// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <ipcm/connection_info.hpp>
#include <ipcm/finding.hpp>
#include <ipcm/spawn.hpp>

namespace ipcm {

/// Returns the end of a path that makes it that of a file beside a route, such as "-wal" or "-lock"; empty if it has no
/// such end. A route or another file of such a name is in the way of the route whose name it begins with.
std::string_view side_file_ending(std::string_view path) noexcept;

/// What a person wants to know about a peer.
struct PeerInfo {
  std::string name;
  std::string state;  ///< "active", "suspended", "expired", "crashed", "disconnected"
  std::optional<int> pid;
  std::string host;
  std::optional<double> suspend_expires;  ///< seconds since 1970
  std::uint64_t queued = 0;
};

/// What a person wants to know about a route.
struct RouteInfo {
  std::string id;  ///< a UUID given at birth
  std::string protocol;
  std::string route;
  std::string durability;
  int schema_version = 0;
  std::uint64_t max_content = 0;
  double created_at = 0;  ///< seconds since 1970
  std::uint64_t peers = 0;
  std::uint64_t queued = 0;
  std::uint64_t dead = 0;
  std::uint64_t file_bytes = 0;
  std::uint64_t wal_bytes = 0;
  /// What of the log cannot be moved into the file, because somebody has been reading for a while: until that read
  /// ends, the log grows. 0: nothing keeps it.
  std::uint64_t wal_pinned_bytes = 0;
  std::vector<int> wal_pinned_by;  ///< the processes that read, where the system tells
  std::string engine;              ///< e.g. "SQLite 3.40.1"
  std::string notifier;            ///< how waiting clients are woken, and why
  bool secure_delete = false;      ///< whether what leaves the file is overwritten
};

/// Throws what connect() throws for the route.
RouteInfo route_info(const ConnectionInfo& info);

/// All peers, sorted by name.
std::vector<PeerInfo> list_peers(const ConnectionInfo& info);

/// What `ipcm check` found.
struct CheckReport {
  std::vector<std::string> problems;  ///< one sentence each; empty when all is well
  std::uint64_t messages_checked = 0;
  std::uint64_t pairs_checked = 0;
  std::uint64_t inboxes_checked = 0;
};

/// Verifies the file's integrity, that its schema is the library's, and that the books balance: for every pair
/// sent = read + dead + expired + held, and for every inbox that each number it ever gave out is accounted for.
/// Damage that can be read past is a problem in the report; what cannot be opened at all throws.
CheckReport check_route(const ConnectionInfo& info);

/// Looks at everything about a route that may be wrong, and says what to do about it: its files and who may read them,
/// its file system, locks and their holders, SQLite, the peers, what waits and what is dead. Changes not a byte of the
/// route, and works as well where it cannot be opened. The first finding says what the route is. Throws only what is
/// wrong with `info` itself.
///
/// Of a path that is a route of UnixSocket that one is examined, whatever `info` says.
std::vector<Finding> examine_route(const ConnectionInfo& info);

/// For a route that is refused because commits have vanished from it: from now on it is used as it is. Returns what was
/// accepted, one sentence each; empty where nothing is missed. Throws what connect() throws, but for that.
std::vector<std::string> accept_loss(const ConnectionInfo& info);

struct Migration {
  int from_version = 0;
  int to_version = 0;
};

/// Brings a route's schema up to date. from == to: there was nothing to do.
Migration migrate_route(const ConnectionInfo& info);

/// Changes how durable the route is: at once for whoever connects from then on. A client that is connected follows at
/// one of its next checkpoints, which come as it goes on writing.
void set_durability(const ConnectionInfo& info, Durability durability);

}  // namespace ipcm
