// SPDX-License-Identifier: MIT
// How commands stand on a route: always as a peer that is suspended again when the command ends, so that mail keeps
// coming; on every way out, too. Where nothing is kept for who is away, the peer says goodbye instead.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include <ipcm/connect.hpp>
#include <ipcm/route.hpp>

namespace ipcm::cli {

/// Connects the name; makes the peer if there was none.
std::shared_ptr<Client> act_as(const std::string& name, const ConnectionInfo& info);

/// Throws Failure where the route keeps nothing for who is away, so that `command` has no sense there.
void require_kept_mail(const ConnectionInfo& info, const std::string& command);

/// The same, but the peer must exist: a mistyped name must not become a peer. Throws Failure where peers keep nothing.
std::shared_ptr<Client> act_as_known(const std::string& name, const ConnectionInfo& info);

/// Sends as the name, or without one as a passing sender that leaves no row.
std::shared_ptr<Client> act_as_sender(const std::optional<std::string>& name, const ConnectionInfo& info);

/// Suspends the name, or says goodbye and complains of mail that is lost. The client's destructor does so too, but
/// swallows what goes wrong.
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
