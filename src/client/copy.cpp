// SPDX-License-Identifier: MIT
#include <ipcm/copy.hpp>

#include <ipcm/salvage.hpp>

#include "client/protocol.hpp"

namespace ipcm {
namespace {

struct WholeRoute {
  explicit WholeRoute(const ConnectionInfo& info)
      : protocol(find_protocol(info.protocol)), route(protocol.normalized(info.route)) {}
  const Protocol& protocol;
  std::string route;
};

}  // namespace

Backup backup_route(const ConnectionInfo& info, std::string_view target, const BackupOptions& options) {
  const WholeRoute whole(info);
  return whole.protocol.backup(whole.route, target, options);
}

DumpCounts dump_route(const ConnectionInfo& info, const LineSink& sink) {
  const WholeRoute whole(info);
  return whole.protocol.dump(whole.route, sink);
}

DumpCounts load_route(const ConnectionInfo& info, const LineSource& next_line) {
  const WholeRoute whole(info);
  return whole.protocol.load(whole.route, next_line);
}

SalvageReport salvage_route(const ConnectionInfo& info, std::string_view target, const CopyProgress& progress) {
  const WholeRoute whole(info);
  return whole.protocol.salvage(whole.route, target, progress);
}

}  // namespace ipcm
