// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <utility>

#include "notify/local_notifier.hpp"

namespace ipcm::notify {

/// For a route whose clients all live in one process: the store tells, from its update and commit hooks, what each
/// commit has changed, and the hub passes it on. Only who works on a queue has to be told from here.
class HookNotifier : public LocalNotifier {
 public:
  using LocalNotifier::LocalNotifier;

  void announce() noexcept override {}
  std::string describe() const override { return "hook: SQLite's hooks, within this process only"; }
};

}  // namespace ipcm::notify
