// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include <ipcm/notifier_kind.hpp>

#include "conformance/model/model.hpp"

namespace model {

/// What is compared with the model.
struct Comparison {
  std::string protocol;
  Promises promises{};
  std::vector<std::string> notifiers{"auto"};  ///< one of them for each list of calls
  int lists = 120;
  /// After that a thread that waits for mail counts as not woken.
  std::chrono::milliseconds patience{10'000};
  bool makes_shorter = true;  ///< the list that shows a difference, as long as it still does
  std::uint64_t seed = 0;
};

struct Difference {
  bool found = false;
  std::string text;  ///< for people: the shortest list of calls that shows it, or how many lists there were
};

/// Tries random lists of calls.
Difference find_difference(const Comparison& comparison);

}  // namespace model
