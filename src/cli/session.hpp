// SPDX-License-Identifier: MIT
// How commands stand on a route: always as a peer that is suspended again when the command ends, so that mail keeps
// coming; on every way out, too.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include <ipcm/connect.hpp>

namespace ipcm::cli {

/// Connects the name; makes the peer if there was none.
std::shared_ptr<Client> act_as(const std::string& name, const ConnectionInfo& info);

/// The same, but the peer must exist: a name with a typing error must not become a peer.
std::shared_ptr<Client> act_as_known(const std::string& name, const ConnectionInfo& info);

/// Sends as the name, or without one as a passing sender that leaves no row.
std::shared_ptr<Client> act_as_sender(const std::optional<std::string>& name, const ConnectionInfo& info);

/// Suspends the name and reports what goes wrong with it, which the client's destructor would swallow.
void leave(Client& client);

}  // namespace ipcm::cli
