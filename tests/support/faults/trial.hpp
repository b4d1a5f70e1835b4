// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "support/faults/judge.hpp"
#include "support/faults/operation.hpp"

namespace test {

/// What goes wrong during an operation. Its process is the actor.
struct Faults {
  std::function<void()> begin{};  ///< in the actor, between the set-up and the operation
  std::function<void()> end{};    ///< in the actor, right after the operation
  /// In the actor after that, before anybody judges; what it returns comes before what `afterwards` returns.
  std::function<std::string(Stage&)> use{};
  /// In this process, while the actor runs; it may kill it.
  std::function<void(pid_t actor)> watch{};
  /// In the actor, after it was judged as one that lives. Without it the actor is killed once the operation is over.
  std::function<std::string(Stage&)> afterwards{};
};

struct Ending {
  std::string said{};  ///< by the actor: "done", what it threw, or nothing where it was killed before it returned
  Verdict verdict{};
  std::string afterwards{};  ///< what those two returned
  int exit_code = 0;         ///< of the actor; 128 and the signal that ended it
};

/// What the route of a trial is called, in a folder of its own.
inline constexpr const char* kRouteName = "jobs.ipcm";

/// Copies what the operation wants to find, which is made once.
void copy_prepared_route(const Operation& operation, const std::filesystem::path& folder);

/// Runs the operation on a fresh copy of its prepared route, in a process of its own, and judges what is left.
Ending perform(const Operation& operation, const Faults& faults, Judge::Kind judge);

/// What an operation may leave behind.
struct Outlook {
  std::string before{};
  std::vector<std::string> parts{};
  std::string after{};
  bool is_silent = false;  ///< see Operation
};

/// Found by performing it, and what its parts do, without any fault.
const Outlook& outlook(const Operation& operation);

/// What is wrong with that ending, in words; "": all is as promised. A failed operation may have done what it did if
/// its error says that this is unknown.
std::string problems_of(const Ending& ending, const Outlook& outlook);

}  // namespace test
