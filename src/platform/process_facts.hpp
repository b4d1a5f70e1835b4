// SPDX-License-Identifier: MIT
#pragma once

#include <string>

namespace ipcm::platform {

/// What /proc tells of a process, for people.
struct ProcessFacts {
  std::string name;      ///< of its program, as ps shows it; empty: not known
  bool stopped = false;  ///< by a signal or a debugger
};

/// The text of /proc/PROCESS/stat (proc(5)); "" where there is none, or where it ended meanwhile.
std::string stat_of_process(const std::string& process);

ProcessFacts facts_of_process(int pid);

/// "process 4711 (worker)"
std::string process_text(int pid);

}  // namespace ipcm::platform
