// SPDX-License-Identifier: MIT
#include <ipcm/copy.hpp>

#include <ipcm/salvage.hpp>

#include "client/protocol.hpp"

namespace ipcm {
namespace {

using Suspended = platform::ForkHold::Suspended;

CopyProgress outside_of_holds(const CopyProgress& progress) {
  if (!progress) return {};
  return [&progress](std::uint64_t done, std::uint64_t total) {
    const Suspended for_users_code;
    progress(done, total);
  };
}

}  // namespace

Backup backup_route(const ConnectionInfo& info, std::string_view target, const BackupOptions& options) {
  const Target route(info);
  BackupOptions within = options;
  within.progress = outside_of_holds(options.progress);
  return route.protocol.backup(route.route, target, within);
}

DumpCounts dump_route(const ConnectionInfo& info, const LineSink& sink) {
  const Target route(info);
  return route.protocol.dump(route.route, [&](std::string_view line) {
    const Suspended for_users_code;
    sink(line);
  });
}

DumpCounts load_route(const ConnectionInfo& info, const LineSource& next_line) {
  const Target route(info);
  return route.protocol.load(route.route, [&](std::string& line) {
    const Suspended for_users_code;
    return next_line(line);
  });
}

SalvageReport salvage_route(const ConnectionInfo& info, std::string_view target, const CopyProgress& progress) {
  const Target route(info);
  return route.protocol.salvage(route.route, target, outside_of_holds(progress));
}

}  // namespace ipcm
