// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace bench {

/// What a reader must know about the machine to judge the figures, as name and value.
using Conditions = std::vector<std::pair<std::string, std::string>>;

/// `folder` is where the stores lie.
Conditions conditions_here(const std::filesystem::path& folder);

}  // namespace bench
