// SPDX-License-Identifier: MIT
#include "storage/sqlite/salvage/quiet_route.hpp"

#include "platform/file.hpp"
#include "storage/sqlite/route_access.hpp"

namespace ipcm::storage::sqlite {

QuietRoute::QuietRoute(const RoutePath& path, std::chrono::milliseconds patience) {
  if (platform::kind_of(path.lock_file()) != platform::FileKind::regular) return;
  locks_.emplace(path.lock_file(), access_of(path));
  turn_.emplace(*locks_, patience);
}

}  // namespace ipcm::storage::sqlite
