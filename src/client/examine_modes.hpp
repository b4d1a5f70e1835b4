// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "core/findings.hpp"

namespace ipcm {

/// Who owns the files of a route, who else may read and write them, and whether this process may. The first of `paths`
/// is the route, which is there; those that are not there are left out.
void examine_modes(const std::vector<std::string>& paths, Findings& findings);

}  // namespace ipcm
