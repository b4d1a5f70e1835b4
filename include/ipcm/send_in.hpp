// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

#include <ipcm/client.hpp>

struct sqlite3;

namespace ipcm {

/// Sends a message inside a transaction of the application's own, on its own connection to the route's file: it is
/// delivered if that commits, and whoever waits for it is woken then; it never was if that is rolled back. Outside a
/// transaction it is committed at once, as any statement is. Returns the id, or with a dedup_key that is known the id
/// of the message that has it.
///
/// The connection must be by the same SQLite library as ipcm's (one process, one SQLite) and have views and triggers of
/// the schema switched on, as is SQLite's default. It should have a busy time-out: it meets other writers at SQLite's
/// own lock. Its sqlite3_wal_hook() is used for the wake-up, and replaced; with it go SQLite's automatic checkpoints of
/// this connection, which a route must not have (docs/decisions/0003). `client` says who sends, and may end before the
/// connection; then nobody is woken, and waiting readers find the mail at their next look.
///
/// One difference to a client's send: a message that goes before all others of its group_key, by its priority, waits
/// for one of them that is for later until that is due; of a client's it is ready at once.
///
/// Throws what Client::send_message() throws, NotSupported for a client of another protocol than SQLite,
/// InvalidArgument for a connection to another file, Busy where SQLite says so. A content that is not JSON yet is
/// encoded as JSON.
std::string send_in(sqlite3* connection, Client& client, std::string_view peer, const Content& content,
                    const MessageFields& fields = {});
std::string send_in(sqlite3* connection, Client& client, const MessageFields& fields);

}  // namespace ipcm
