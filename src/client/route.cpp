// SPDX-License-Identifier: MIT
#include <ipcm/route.hpp>

#include "client/protocol.hpp"
#include "platform/file_facts.hpp"

namespace ipcm {

RouteInfo route_info(const ConnectionInfo& info) {
  const Target target(info);
  return target.protocol.info(target.route);
}

std::vector<PeerInfo> list_peers(const ConnectionInfo& info) {
  const Target target(info);
  return target.protocol.peers(target.route);
}

CheckReport check_route(const ConnectionInfo& info) {
  const Target target(info);
  return target.protocol.check(target.route);
}

std::vector<Finding> examine_route(const ConnectionInfo& info) {
  const ProtocolCall call;
  const Protocol& named = find_protocol(info.protocol);
  const Protocol& protocol = named.name() == "SQLite" ? protocol_to_unspawn(info.route, {}) : named;
  const std::string route = protocol.normalized(info.route);
  std::vector<Finding> findings = protocol.examine(route);
  if (const auto facts = platform::facts_of(info.route); facts && facts->is_link) {
    findings.push_back({Severity::note, "links", info.route + " is a symbolic link to " + route + ".",
                        "Look for the files of the route there."});
  }
  return findings;
}

std::vector<std::string> accept_loss(const ConnectionInfo& info) {
  const Target target(info);
  return target.protocol.accept_loss(target.route);
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
