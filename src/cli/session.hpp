// SPDX-License-Identifier: MIT
// How commands stand on a route: always as a peer that is suspended again when the command ends, so that mail keeps
// coming; on every way out, too.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include <ipcm/connect.hpp>
#include <ipcm/route.hpp>

namespace ipcm::cli {

/// Connects the name; makes the peer if there was none.
std::shared_ptr<Client> act_as(const std::string& name, const ConnectionInfo& info);

/// The same, but the peer must exist: a mistyped name must not become a peer.
std::shared_ptr<Client> act_as_known(const std::string& name, const ConnectionInfo& info);

/// Sends as the name, or without one as a passing sender that leaves no row.
std::shared_ptr<Client> act_as_sender(const std::optional<std::string>& name, const ConnectionInfo& info);

/// Suspends the name. The client's destructor does so too, but swallows what goes wrong.
void leave(Client& client);

/// Acts as a known peer for one look, and leaves its state as it was.
class Visit {
 public:
  Visit(const std::string& name, const ConnectionInfo& info);

  Client& client() const { return *client_; }
  void end();

 private:
  PeerInfo before_;
  std::shared_ptr<Client> client_;
};

}  // namespace ipcm::cli
