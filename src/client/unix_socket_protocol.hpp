// SPDX-License-Identifier: MIT
#pragma once

#include "client/protocol.hpp"

namespace ipcm {

/// Routes that are folders of Unix sockets: messages go from process to process, and nothing is kept for who is away.
class UnixSocketProtocol : public Protocol {
 public:
  std::string_view name() const override { return "UnixSocket"; }
  std::string normalized(std::string_view route) const override { return normalized_path(route); }
  Spawned spawn(const SpawnOptions& options) const override;
  void unspawn(const std::string& route, const std::string& stash) const override;
  bool claims(std::string_view route, std::string_view stash) const override;
  std::unique_ptr<Endpoint> connect(ConnectRequest request) const override;
  RouteInfo info(const std::string& route) const override;
  std::vector<PeerInfo> peers(const std::string& route) const override;
  CheckReport check(const std::string& route) const override;
  std::vector<Finding> examine(const std::string& route) const override;
  Migration migrate(const std::string& route) const override;
  void set_durability(const std::string& route, Durability durability) const override;
};

}  // namespace ipcm
