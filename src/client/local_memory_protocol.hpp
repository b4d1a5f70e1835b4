// SPDX-License-Identifier: MIT
#pragma once

#include "client/store_protocol.hpp"

namespace ipcm {

/// Routes in the memory of this process, known by any name that is not empty.
class LocalMemoryProtocol : public StoreProtocol {
 public:
  std::string_view name() const override { return "LocalMemory"; }
  std::string normalized(std::string_view route) const override;
  Spawned spawn(const SpawnOptions& options) const override;
  void unspawn(const std::string& route, const std::string& stash) const override;
  bool claims(std::string_view, std::string_view stash) const override { return stash == name(); }
  RouteInfo info(const std::string& route) const override;
  CheckReport check(const std::string& route) const override;
  std::vector<Finding> examine(const std::string& route) const override;
  Migration migrate(const std::string& route) const override;
  void set_durability(const std::string& route, Durability durability) const override;

 protected:
  StoreParts open(const std::string& route, const ConnectOptions& options) const override;
};

}  // namespace ipcm
