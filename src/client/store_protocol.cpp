// SPDX-License-Identifier: MIT
#include "client/store_protocol.hpp"

#include "client/peer_state.hpp"
#include "core/seconds.hpp"

namespace ipcm {

std::unique_ptr<Endpoint> StoreProtocol::connect(ConnectRequest request) const {
  StoreParts parts = open(request.route, request.options);
  return std::make_unique<StoreEndpoint>(std::move(parts), std::move(request));
}

std::unique_ptr<storage::Store> StoreProtocol::open_to_look(const std::string& route) const {
  return open(route, {}).store;
}

std::vector<PeerInfo> StoreProtocol::peers(const std::string& route) const {
  const std::unique_ptr<storage::Store> store = open_to_look(route);
  const double now = seconds_since_1970(system_clock()->now());
  std::vector<PeerInfo> peers;
  store->read([&](storage::Snapshot& view) {
    for (const storage::PeerRow& row : view.peers()) {
      if (row.is_queue) continue;
      const PeerState state = state_of(row, *store, now);
      PeerInfo peer;
      peer.name = row.name;
      peer.state = to_string(state);
      if (state == PeerState::active) peer.pid = row.pid;
      if (state == PeerState::active) peer.host = row.host;
      peer.suspend_expires = row.suspend_expires;
      peer.queued = view.depth(row.id);
      peers.push_back(std::move(peer));
    }
  });
  return peers;
}

}  // namespace ipcm
