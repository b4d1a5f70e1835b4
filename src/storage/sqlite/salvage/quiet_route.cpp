// SPDX-License-Identifier: MIT
#include "storage/sqlite/salvage/quiet_route.hpp"

#include "storage/sqlite/route_access.hpp"

namespace ipcm::storage::sqlite {

QuietRoute::QuietRoute(const RoutePath& path, std::chrono::milliseconds patience) {
  const auto lock_file = path.status_of(path.lock_file());
  if (!lock_file || !lock_file->is_file()) return;
  locks_.emplace(path, access_of(path));
  turn_.emplace(*locks_, patience);
}

}  // namespace ipcm::storage::sqlite
