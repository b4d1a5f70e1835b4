// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>

#include "support/faults/operation.hpp"

namespace test {

struct PowerLosses {
  std::size_t disks = 0;  ///< that were looked at
  std::size_t bad = 0;    ///< of them: the operation was half done, or acknowledged and lost, or the route is damaged
  std::string first{};    ///< of the bad ones, in words
};

/// Performs the operation once, and lets the power go at many moments of it, and right after it was acknowledged.
PowerLosses lose_power_during(const Operation& operation, unsigned seed);

}  // namespace test
