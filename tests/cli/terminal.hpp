// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "support/process.hpp"

namespace test {

/// Which of the command's standard streams are a terminal.
enum class On { out, err };

/// False on a machine without /dev/pts, such as a bare chroot.
bool has_terminals();

/// Runs a command with one of its streams on a pseudo-terminal, the other on /dev/null; returns what came there.
/// `environment` holds VAR=value.
RunResult run_on_terminal(On stream, const std::vector<std::string>& command,
                          const std::vector<std::string>& environment);

}  // namespace test
