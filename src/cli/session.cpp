// SPDX-License-Identifier: MIT
#include "session.hpp"

#include <algorithm>
#include <chrono>

#include <ipcm/error.hpp>

#include "errors.hpp"
#include "text.hpp"

namespace ipcm::cli {
namespace {

ConnectOptions options() {
  ConnectOptions options;
  options.at_end = ConnectOptions::AtEnd::suspend;
  return options;
}

constexpr const char* kKeepsNothing = "UnixSocket";

}  // namespace

void require_kept_mail(const ConnectionInfo& info, const std::string& command) {
  if (info.protocol != kKeepsNothing) return;
  throw Failure(info.route + " is a route of the protocol " + info.protocol +
                ", which keeps nothing for who is away: " + command +
                " has no sense there; ipcm get --follow reads what comes while it runs");
}

std::shared_ptr<Client> act_as(const std::string& name, const ConnectionInfo& info) {
  return connect(name, info, options());
}

std::shared_ptr<Client> act_as_known(const std::string& name, const ConnectionInfo& info) {
  require_kept_mail(info, "to come back");
  try {
    return reconnect(name, info, options());
  } catch (const Error& error) {
    if (error.code() != ErrorCode::UnknownPeer) throw;
    throw UnknownName("there is no peer " + name + " on " + info.route + "; ipcm connect " + shell_quoted(info.route) +
                      " --as " + shell_quoted(name) + " registers it");
  }
}

std::shared_ptr<Client> act_as_sender(const std::optional<std::string>& name, const ConnectionInfo& info) {
  return name ? act_as(*name, info) : connect_anonymous(info);
}

void leave(Client& client) {
  if (client.id().starts_with('_')) {
    client.disconnect();
    return;
  }
  try {
    client.suspend();
  } catch (const Error& error) {
    if (error.code() != ErrorCode::NotSupported) throw;
    if (const Outcome left = client.disconnect(); !left) complain(left.error().what());
  }
}

Visit::Visit(const std::string& name, const ConnectionInfo& info) {
  const std::vector<PeerInfo> peers = list_peers(info);
  const auto found = std::ranges::find(peers, name, &PeerInfo::name);
  if (found != peers.end()) before_ = *found;
  client_ = act_as_known(name, info);
}

void Visit::end() {
  if (before_.state == "disconnected") {
    client_->disconnect();
  } else if (before_.suspend_expires) {
    const std::chrono::duration<double> since_1970(*before_.suspend_expires);
    using WallTime = std::chrono::system_clock::time_point;
    client_->suspend(WallTime(std::chrono::round<WallTime::duration>(since_1970)));
  } else {
    client_->suspend();
  }
}

}  // namespace ipcm::cli
