// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "core/findings.hpp"
#include "platform/file_facts.hpp"

namespace ipcm {

/// What lies below a route: whether its locks can be trusted, whether it outlives the machine, how much space is left.
void examine_file_system(const std::string& path, Findings& findings);

/// The same of facts that are known.
void judge_file_system(const platform::FileSystemFacts& facts, const std::string& path, Findings& findings);

}  // namespace ipcm
