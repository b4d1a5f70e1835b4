// SPDX-License-Identifier: MIT
// What is found about a route of UnixSocket.
#include <chrono>
#include <map>
#include <string>

#include "client/examine_file_system.hpp"
#include "client/examine_modes.hpp"
#include "client/unix_socket_protocol.hpp"
#include "core/findings.hpp"
#include "core/names.hpp"
#include "core/utc_text.hpp"
#include "platform/file.hpp"
#include "platform/process_facts.hpp"
#include "transport/peer_table.hpp"
#include "transport/route_folder.hpp"

namespace ipcm {
namespace {

using transport::Peer;
using transport::PeerTable;
using transport::Presence;
using transport::RouteFolder;

constexpr std::chrono::milliseconds kPatienceToLook{2'000};

void examine_peer(const PeerTable& table, const Peer& peer, Findings& findings) {
  const Presence presence = table.presence_of(peer);
  if (presence == Presence::crashed) {
    findings.note("peers",
                  in_quotes(peer.name) + " died (process " + std::to_string(peer.pid) +
                      "); what waited for it is lost, and mail to it is refused.",
                  "Start it again.");
  }
  if (presence == Presence::active && platform::facts_of_process(peer.pid).stopped) {
    findings.warning("peers",
                     in_quotes(peer.name) + " (process " + std::to_string(peer.pid) +
                         ") is connected, but stopped: its senders will be refused as Busy.",
                     "`kill -CONT " + std::to_string(peer.pid) + "` lets it go on.");
  }
  if (const std::uint64_t dead = table.counts_of(peer.id).dead; dead > 0) {
    findings.warning("dead letters",
                     std::to_string(dead) + " messages to " + in_quotes(peer.name) + " could not be decoded.",
                     "Its senders and it do not agree on a serializer.");
  }
}

void examine_peers(const PeerTable& table, Findings& findings) {
  std::map<Presence, int> states;
  for (const Peer& peer : table.peers()) {
    ++states[table.presence_of(peer)];
    examine_peer(table, peer, findings);
  }
  findings.ok("peers", "there are " + std::to_string(states[Presence::active]) + " active, " +
                           std::to_string(states[Presence::crashed]) + " crashed, " +
                           std::to_string(states[Presence::disconnected]) + " disconnected.");
}

void examine_leftovers(const RouteFolder& folder, const PeerTable& table, Findings& findings) {
  std::size_t stale = 0;
  for (const std::string& name : platform::names_in(folder.socket_folder())) {
    const std::int64_t id = std::strtoll(name.c_str(), nullptr, 10);
    if (!table.is_present(id)) ++stale;
  }
  if (stale > 0) {
    findings.note("sockets", std::to_string(stale) + " sockets are left of clients that were killed.",
                  "Nothing: whoever connects under their names makes new ones.");
  }
}

}  // namespace

std::vector<Finding> UnixSocketProtocol::examine(const std::string& route) const {
  Findings findings;
  const RouteFolder folder(route);
  try {
    const transport::RouteMark mark = read_mark(folder);
    findings.ok("route", route + " is a route of the protocol UnixSocket, made at " + utc_text(mark.created_at) +
                             ". It keeps no messages: what was not read goes with its recipient.");
    const PeerTable table(folder, kPatienceToLook);
    examine_peers(table, findings);
    examine_leftovers(folder, table, findings);
    for (const std::string& problem : check(route).problems) {
      findings.problem("contents", problem, "Stop its client and start it again.");
    }
  } catch (const Error& error) {
    findings.problem("route", error.what(),
                     "A route of this protocol keeps nothing: `ipcm unspawn` and `ipcm spawn` "
                     "make it anew, once its clients have stopped.");
  }
  examine_modes({folder.path(), folder.mark(), folder.lock_file(), folder.table(), folder.socket_folder(),
                 folder.letter_folder(), folder.counts_folder(), folder.watch_folder()},
                findings);
  examine_file_system(route, findings);
  return findings.take();
}

}  // namespace ipcm
