// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ipcm::cli {

/// The one of `names` that `name` is most likely a misspelling of: at most every third character is wrong, where a
/// missing, an added, a replaced one and two that are swapped count as one, and upper and lower case are the same.
/// Empty: none is that near.
std::string nearest_name(std::string_view name, const std::vector<std::string>& names);

/// "; did you mean NAME?"; empty if the name is.
std::string did_you_mean(const std::string& name);

/// did_you_mean() for the first of `given` that is no peer or queue of the route and near to one; else empty,
/// also if the route cannot be read.
std::string suggestion(const std::string& route, const std::vector<std::string>& given);

}  // namespace ipcm::cli
