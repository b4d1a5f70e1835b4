// SPDX-License-Identifier: MIT
#pragma once

namespace ipcm::cli {

/// What the command's exit status says. Part of its interface: docs/cli.md.
enum ExitCode : int {
  kDone = 0,
  kError = 1,
  kUsage = 2,    // the command line itself was wrong
  kNothing = 3,  // there was no message, no job, nothing that could be read
  kLosses = 4,   // salvaged, but not everything
};

}  // namespace ipcm::cli
