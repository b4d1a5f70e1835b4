// SPDX-License-Identifier: MIT
#include "platform/lock_owners.hpp"

#include <sys/sysmacros.h>

#include <array>
#include <cstdio>
#include <fstream>
#include <limits>
#include <set>
#include <sstream>

namespace ipcm::platform {

// A line: "1: POSIX  ADVISORY  READ 1234 fe:00:5678 124 124", the last word a number or "EOF"; with "->" after the
// colon for one who waits. See proc_locks(5).
std::vector<pid_t> lock_owners_in(std::istream& locks, const std::string& file, off_t first, off_t last) {
  std::set<pid_t> owners;
  for (std::string line; std::getline(locks, line);) {
    std::istringstream words(line);
    std::string number, kind, advisory, access, where, end;
    pid_t pid = 0;
    off_t begin = 0;
    if (!(words >> number >> kind >> advisory >> access >> pid >> where >> begin >> end)) continue;
    if (kind != "POSIX" || where != file || pid <= 0) continue;
    off_t upto = std::numeric_limits<off_t>::max();
    if (end != "EOF" && !(std::istringstream(end) >> upto)) continue;
    if (begin <= last && upto >= first) owners.insert(pid);
  }
  return {owners.begin(), owners.end()};
}

std::vector<pid_t> lock_owners(const FileIdentity& file, off_t first, off_t last) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%02x:%02x:%llu", major(file.device), minor(file.device),
                static_cast<unsigned long long>(file.inode));
  std::ifstream locks("/proc/locks");
  return lock_owners_in(locks, text.data(), first, last);
}

}  // namespace ipcm::platform
