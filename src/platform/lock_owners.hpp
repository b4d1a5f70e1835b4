// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

#include <iosfwd>
#include <string>
#include <vector>

#include "platform/access.hpp"

namespace ipcm::platform {

/// The processes that hold a POSIX lock, fcntl(2), on any of these bytes of the file: from /proc/locks, as opening the
/// file to ask would drop this process's own locks on it. Sorted; empty where the system does not tell.
std::vector<pid_t> lock_owners(const FileIdentity& file, off_t first, off_t last);

/// The same in a text of the form of /proc/locks, for the file "major:minor:inode" with the numbers as they stand
/// there.
std::vector<pid_t> lock_owners_in(std::istream& locks, const std::string& file, off_t first, off_t last);

}  // namespace ipcm::platform
