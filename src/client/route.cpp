// SPDX-License-Identifier: MIT
#include <ipcm/route.hpp>

#include <chrono>
#include <map>

#include "client/peer_state.hpp"
#include "client/protocol.hpp"

namespace ipcm {
namespace {

struct Target {
  explicit Target(const ConnectionInfo& info)
      : protocol(find_protocol(info.protocol)), route(protocol.normalized(info.route)) {}
  const Protocol& protocol;
  std::string route;
};

}  // namespace

RouteInfo route_info(const ConnectionInfo& info) {
  const Target target(info);
  return target.protocol.info(target.route);
}

std::vector<PeerInfo> list_peers(const ConnectionInfo& info) {
  const Target target(info);
  const StoreParts parts = target.protocol.open(target.route, {});
  const double now = std::chrono::duration<double>(system_clock()->now().time_since_epoch()).count();
  std::vector<PeerInfo> peers;
  parts.store->read([&](storage::Snapshot& view) {
    std::map<std::string, std::uint64_t> queued;
    for (const storage::PairCount& pair : view.counts()) queued[pair.recipient] += pair.queued;
    for (const storage::PeerRow& row : view.peers()) {
      const PeerState state = state_of(row, *parts.store, now);
      PeerInfo peer;
      peer.name = row.name;
      peer.state = to_string(state);
      if (state == PeerState::active) peer.pid = row.pid;
      if (state == PeerState::active) peer.host = row.host;
      peer.suspend_expires = row.suspend_expires;
      peer.queued = queued[row.name];
      peers.push_back(std::move(peer));
    }
  });
  return peers;
}

CheckReport check_route(const ConnectionInfo& info) {
  const Target target(info);
  return target.protocol.check(target.route);
}

Migration migrate_route(const ConnectionInfo& info) {
  const Target target(info);
  return target.protocol.migrate(target.route);
}

void set_durability(const ConnectionInfo& info, Durability durability) {
  const Target target(info);
  target.protocol.set_durability(target.route, durability);
}

}  // namespace ipcm
