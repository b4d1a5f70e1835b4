// SPDX-License-Identifier: MIT
#include <ipcm/copy.hpp>

#include <ipcm/salvage.hpp>

#include "client/protocol.hpp"

namespace ipcm {

Backup backup_route(const ConnectionInfo& info, std::string_view target, const BackupOptions& options) {
  const Target route(info);
  return route.protocol.backup(route.route, target, options);
}

DumpCounts dump_route(const ConnectionInfo& info, const LineSink& sink) {
  const Target route(info);
  return route.protocol.dump(route.route, sink);
}

DumpCounts load_route(const ConnectionInfo& info, const LineSource& next_line) {
  const Target route(info);
  return route.protocol.load(route.route, next_line);
}

SalvageReport salvage_route(const ConnectionInfo& info, std::string_view target, const CopyProgress& progress) {
  const Target route(info);
  return route.protocol.salvage(route.route, target, progress);
}

}  // namespace ipcm
