// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <string>
#include <vector>

/// The SHA-256 sums of files by path, as `sha256sum` itself computes them. A file that it cannot read is left out.
/// Throws std::system_error when sha256sum cannot be run.
std::map<std::string, std::string> sha256sum(const std::vector<std::string>& paths);
