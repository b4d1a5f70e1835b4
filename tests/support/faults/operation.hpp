// SPDX-License-Identifier: MIT
// What a client can do, one by one, so that each can be made to go wrong at every point of it.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <ipcm/ipcm.hpp>

#include "support/manual_clock.hpp"

namespace test {

/// Where an operation happens: a copy of a prepared route, and what its set-up leaves for it.
struct Stage {
  std::string route;
  std::shared_ptr<ipcm::Client> client{};
  std::shared_ptr<ipcm::Client> bystander{};
  std::shared_ptr<ManualClock> clock{};
  std::vector<ipcm::Message> messages{};
  std::vector<ipcm::Claim> claims{};
  std::vector<std::int64_t> letters{};
  std::optional<ipcm::Request> request{};

  ipcm::ConnectionInfo info() const { return ipcm::ConnectionInfo::parse(route); }
  void connect(const std::string& name);
};

using Act = std::function<void(Stage&)>;

struct Operation {
  std::string name;
  /// Happens without faults.
  Act set_up;
  Act act;
  /// What else it may have done when it was cut short, besides nothing and everything.
  std::vector<Act> parts{};
  /// Makes the route; by default prepare_route().
  std::function<void(const std::string& route)> prepare{};
  /// It moves megabytes.
  bool is_large = false;
  /// It says nothing when it fails: a destructor.
  bool is_silent = false;
};

/// All that a client of a route of SQLite can do which changes something; or only the one that IPCM_TEST_OPERATION
/// names.
const std::vector<Operation>& operations();
const Operation& operation(const std::string& name);

/// A route with mail, jobs, a dead letter, a schedule, and peers in several states:
///  - `worker` is suspended and has five messages, one for later and one of 20 KB among them; `other` and `idle` are
///    suspended, `gone` said goodbye; `witness` and `bystander` are for those who judge;
///  - the queue `jobs` holds four, `last` one job whose next attempt is its last.
void prepare_route(const std::string& route);

}  // namespace test
