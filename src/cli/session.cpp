// SPDX-License-Identifier: MIT
#include "session.hpp"

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

}  // namespace

std::shared_ptr<Client> act_as(const std::string& name, const ConnectionInfo& info) {
  return connect(name, info, options());
}

std::shared_ptr<Client> act_as_known(const std::string& name, const ConnectionInfo& info) {
  return reconnect(name, info, options());
}

std::shared_ptr<Client> act_as_sender(const std::optional<std::string>& name, const ConnectionInfo& info) {
  return name ? act_as(*name, info) : connect_anonymous(info);
}

void leave(Client& client) {
  if (!client.disconnected()) client.suspend();
}

}  // namespace ipcm::cli
