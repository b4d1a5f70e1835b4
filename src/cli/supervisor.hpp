// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

namespace ipcm::cli {

/// A process beside this one that kills the process groups of the commands that run once this process has ended, in
/// whatever way. A signal for the death of the parent, prctl(PR_SET_PDEATHSIG), reaches the command alone, and not what
/// that has started.
class Supervisor {
 public:
  /// Forks. Throws Failure if that fails. To be made before anything is open that is not to be kept open.
  Supervisor();
  /// Ends the process; nothing is killed unless a group is still there.
  ~Supervisor();
  Supervisor(const Supervisor&) = delete;
  Supervisor& operator=(const Supervisor&) = delete;

  /// In a child that leads its process group, before it executes the command.
  void add_self() const noexcept;
  /// The command has ended and was not reaped yet: so its number cannot be another group's.
  void remove(pid_t group) const noexcept;

 private:
  int write_end_ = -1;
  pid_t pid_ = -1;
};

}  // namespace ipcm::cli
