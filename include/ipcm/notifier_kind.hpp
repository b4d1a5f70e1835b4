// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

namespace ipcm {

/// How clients that wait are woken on a route of SQLite. Whichever it is, a client also looks by itself now and then:
/// ConnectOptions::fallback_interval.
enum class NotifierKind {
  automatic,  ///< socket where it works, else poll
  socket,     ///< Unix datagrams, between any processes of this machine
  hook,       ///< SQLite's hooks, among the clients of one process only; nobody else is told anything
  poll        ///< nobody is told anything: who waits looks every 1 to 20 ms whether the store has changed
};

/// "auto", "socket", "hook", "poll".
std::string_view to_string(NotifierKind kind) noexcept;
/// The reverse; throws Error(InvalidArgument) that lists the words.
NotifierKind parse_notifier_kind(std::string_view text);

}  // namespace ipcm
