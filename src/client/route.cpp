// SPDX-License-Identifier: MIT
#include <ipcm/route.hpp>

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
  return target.protocol.peers(target.route);
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
