// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "platform/access.hpp"

namespace ipcm::platform {

/// What /proc tells of a process, for people.
struct ProcessFacts {
  std::string name;      ///< of its program, as ps shows it; empty: not known
  bool stopped = false;  ///< by a signal or a debugger
};

/// The text of /proc/PROCESS/stat (proc(5)); "" where there is none, or where it ended meanwhile.
std::string stat_of_process(const std::string& process);

ProcessFacts facts_of_process(int pid);

/// A descriptor of a process, as /proc shows it.
struct OpenFile {
  int pid = 0;
  int descriptor = 0;
};

/// The descriptors by which processes have a file open that was deleted and had that path, one a process, sorted.
/// Without those of processes that this one may not look at.
std::vector<OpenFile> holders_of_deleted(const std::string& path);

/// Whether this process has a descriptor of the file. True as well if the system does not tell.
bool has_open(const FileIdentity& file) noexcept;

/// "process 4711 (worker)"
std::string process_text(int pid);

}  // namespace ipcm::platform
