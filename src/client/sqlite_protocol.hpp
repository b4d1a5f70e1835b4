// SPDX-License-Identifier: MIT
#pragma once

#include "client/store_protocol.hpp"

namespace ipcm {

/// Routes in SQLite files; clients are woken through Unix datagrams.
class SqliteProtocol : public StoreProtocol {
 public:
  std::string_view name() const override { return "SQLite"; }
  /// An absolute path, the symbolic links of its folder resolved.
  std::string normalized(std::string_view route) const override;
  Spawned spawn(const SpawnOptions& options) const override;
  /// `stash`: the private folder that was made for the route, or nothing.
  void unspawn(const std::string& route, const std::string& stash) const override;
  RouteInfo info(const std::string& route) const override;
  CheckReport check(const std::string& route) const override;
  std::vector<Finding> examine(const std::string& route) const override;
  std::vector<std::string> accept_loss(const std::string& route) const override;
  Migration migrate(const std::string& route) const override;
  void set_durability(const std::string& route, Durability durability) const override;
  // These are in sqlite_copies_protocol.cpp.
  Backup backup(const std::string& route, std::string_view target, const BackupOptions& options) const override;
  DumpCounts dump(const std::string& route, const LineSink& sink) const override;
  DumpCounts load(const std::string& route, const LineSource& next_line) const override;
  SalvageReport salvage(const std::string& route, std::string_view target, const CopyProgress& progress) const override;

 protected:
  StoreParts open(const std::string& route, const ConnectOptions& options) const override;
  std::unique_ptr<storage::Store> open_to_look(const std::string& route) const override;
};

}  // namespace ipcm
