// SPDX-License-Identifier: MIT
#include "client/unix_socket_protocol.hpp"

#include <chrono>
#include <set>

#include "client/peer_state.hpp"
#include "client/unix_socket_endpoint.hpp"
#include "core/message_id.hpp"
#include "core/names.hpp"
#include "core/route_name.hpp"
#include "notify/poll_notifier.hpp"
#include "notify/socket_notifier.hpp"
#include "platform/file.hpp"
#include "transport/peer_table.hpp"
#include "transport/route_folder.hpp"

namespace ipcm {
namespace {

using transport::Peer;
using transport::PeerTable;
using transport::Presence;
using transport::RouteFolder;

constexpr std::chrono::milliseconds kPatienceOfAdmin{10'000};

// Only peers are watched by it: that of mail has a socket of its own, and no bytes that tell who sleeps.
constexpr off_t kNoSleepBytes = off_t{1} << 62U;

std::unique_ptr<notify::Notifier> make_watcher(const RouteFolder& folder, notify::Inbox inbox) {
  try {
    return std::make_unique<notify::SocketNotifier>(
        notify::SocketNotifier::Place{folder.open(), transport::kWatchName, transport::kLockName, kNoSleepBytes, 0,
                                      transport::kWatchFolderByte},
        inbox);
  } catch (const Error& refused) {
    if (refused.code() == ErrorCode::RouteGone) throw;
    return std::make_unique<notify::PollNotifier>(refused.what(),
                                                  [looks = std::uint64_t{0}]() mutable { return ++looks; });
  }
}

transport::RouteMark new_mark(const SpawnOptions& options) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
  return {MessageId::generate(milliseconds).text(), std::chrono::duration<double>(now).count(), options.max_content};
}

PeerState state_of(Presence presence) {
  switch (presence) {
    case Presence::active: return PeerState::active;
    case Presence::crashed: return PeerState::crashed;
    case Presence::disconnected: break;
  }
  return PeerState::disconnected;
}

}  // namespace

Protocol::Spawned UnixSocketProtocol::spawn(const SpawnOptions& options) const {
  Spawned spawned;
  spawned.route = options.route.empty() ? platform::make_private_folder() : normalized(options.route);
  if (platform::kind_of(spawned.route) == platform::FileKind::missing) require_route_name(spawned.route);
  spawned.created = create_route_folder(RouteFolder(spawned.route), new_mark(options), kPatienceOfAdmin);
  spawned.stash = name();  // tells unspawn() what the route is, also once it is gone
  return spawned;
}

void UnixSocketProtocol::unspawn(const std::string& route, const std::string&) const {
  remove_route_folder(RouteFolder(route), kPatienceOfAdmin);
}

bool UnixSocketProtocol::claims(std::string_view route, std::string_view stash) const {
  return stash == name() || (stash.empty() && transport::is_route_folder(std::string(route)));
}

std::unique_ptr<Endpoint> UnixSocketProtocol::connect(ConnectRequest request) const {
  const RouteFolder folder = RouteFolder(request.route).opened();
  return std::make_unique<UnixSocketEndpoint>(std::move(request),
                                              [&](notify::Inbox inbox) { return make_watcher(folder, inbox); });
}

RouteInfo UnixSocketProtocol::info(const std::string& route) const {
  const RouteFolder folder(route);
  const transport::RouteMark mark = read_mark(folder);
  const PeerTable table(folder, kPatienceOfAdmin);
  RouteInfo info;
  info.id = mark.id;
  info.protocol = name();
  info.route = route;
  info.durability = "none";  // a message lives as long as the processes at both ends
  info.schema_version = transport::kRouteVersion;
  info.max_content = mark.max_content;
  info.created_at = mark.created_at;
  for (const Peer& peer : table.peers()) {
    ++info.peers;
    info.dead += table.counts_of(peer.id).dead;
  }
  info.engine = "Unix datagrams";
  info.notifier = "socket: Unix datagrams in " + folder.socket_folder();
  return info;
}

std::vector<PeerInfo> UnixSocketProtocol::peers(const std::string& route) const {
  const PeerTable table(RouteFolder(route), kPatienceOfAdmin);
  std::vector<PeerInfo> peers;
  for (const Peer& known : table.peers()) {
    const PeerState state = state_of(table.presence_of(known));
    PeerInfo& peer = peers.emplace_back();
    peer.name = known.name;
    peer.state = to_string(state);
    if (state == PeerState::active) peer.pid = known.pid;
    if (state == PeerState::active) peer.host = known.host;
  }
  return peers;
}

CheckReport UnixSocketProtocol::check(const std::string& route) const {
  const RouteFolder folder(route);
  const PeerTable table(folder, kPatienceOfAdmin);
  CheckReport report;
  std::set<std::string> names;
  std::set<std::int64_t> ids;
  for (const Peer& peer : table.peers()) {
    ++report.inboxes_checked;
    if (!names.insert(peer.name).second) report.problems.push_back(in_quotes(peer.name) + " is listed twice.");
    if (!ids.insert(peer.id).second) report.problems.push_back("two peers have the number of " + in_quotes(peer.name));
    const std::string socket = folder.socket_folder() + "/" + peer.mail_socket();
    if (table.presence_of(peer) != Presence::active || platform::FileIdentity::at(socket)) continue;
    const std::optional<Peer> now = table.find(peer.name);  // it may just have left
    if (now && now->epoch == peer.epoch && table.presence_of(*now) == Presence::active) {
      report.problems.push_back(in_quotes(peer.name) + " is connected, but its socket " + socket + " is gone.");
    }
  }
  return report;
}

Migration UnixSocketProtocol::migrate(const std::string& route) const {
  read_mark(RouteFolder(route));
  return {transport::kRouteVersion, transport::kRouteVersion};
}

void UnixSocketProtocol::set_durability(const std::string& route, Durability) const {
  read_mark(RouteFolder(route));
  throw Error(ErrorCode::NotSupported,
              route + " is a route of the protocol UnixSocket, which keeps no messages: it has no durability.");
}

}  // namespace ipcm
