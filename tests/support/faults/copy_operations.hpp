// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include "support/faults/operation.hpp"

namespace test {

/// What makes another route of one, or of what was written of one. The route itself stays as it is.
std::vector<Operation> copying();

}  // namespace test
