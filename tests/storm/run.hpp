// SPDX-License-Identifier: MIT
// One storm from its seed to its verdict.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "storm/storm.hpp"

namespace storm {

struct Outcome {
  std::vector<std::string> complaints;
  std::map<std::string, std::int64_t> exercised;  ///< by rule
  std::map<std::string, int> deeds;               ///< of the driver, and of threads
  std::size_t calls = 0;
  std::size_t messages = 0;
  std::string kept_in;  ///< the evidence, if there are complaints

  int deed(const std::string& name) const;
  /// A few lines for people.
  std::string summary() const;
  void add(const Outcome& other);
  /// Rules that could never have complained: what they did not see is not shown.
  std::vector<std::string> idle_rules() const;
};

/// Keeps the evidence where there is something to complain of, unless a bug was asked for.
Outcome run(const StormOptions& options, std::chrono::milliseconds how_long);

/// IPCM_TEST_SEED, or a new one, which is told.
std::uint64_t seed();
/// A number from the environment.
std::uint64_t setting(const char* variable, std::uint64_t otherwise);

}  // namespace storm
