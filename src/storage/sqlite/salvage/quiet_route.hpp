// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <optional>

#include "storage/sqlite/locks.hpp"
#include "storage/sqlite/route_path.hpp"

namespace ipcm::storage::sqlite {

/// Keeps whoever knows the turn to write from changing a route's files, for a scope. Where there is no lock file nobody
/// is connected, and none is made. Throws Error(Busy).
class QuietRoute {
 public:
  QuietRoute(const RoutePath& path, std::chrono::milliseconds patience);

  /// What was given out last; must not outlive this.
  TailNotes tail_notes() const noexcept { return locks_ ? locks_->tail_notes() : TailNotes(nullptr); }

 private:
  std::optional<RouteLocks> locks_;
  std::optional<WriteTurn> turn_;
};

}  // namespace ipcm::storage::sqlite
