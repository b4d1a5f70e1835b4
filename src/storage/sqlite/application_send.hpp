// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>

#include "storage/sqlite/route_path.hpp"
#include "storage/store.hpp"

struct sqlite3;

namespace ipcm::storage::sqlite {

/// Called after a commit with the names of the recipients.
using ApplicationCommitted = std::function<void(const std::set<std::string>& recipients)>;

/// Sends by the view `send` on a connection of the application's own, in whatever transaction it is in. Returns the id
/// of the message, or of the one that has its dedup_key. `committed` is called by the connection's write-ahead log
/// hook, which this takes (https://www.sqlite.org/c3ref/wal_hook.html): SQLite calls it once a commit is done and its
/// lock released. Throws Error.
std::string send_by_application(sqlite3* connection, const RoutePath& route, const std::string& recipient,
                                const Parcel& parcel, std::optional<double> deliver_at, ApplicationCommitted committed);

}  // namespace ipcm::storage::sqlite
