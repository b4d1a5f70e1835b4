// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "platform/folder.hpp"

namespace ipcm::platform {

/// Returns the first bytes of a file, at most `size`, without harm to the locks that this process has on it: POSIX
/// locks, such as SQLite's, go when a process closes any descriptor of the file, so a child does the reading, which
/// shares no descriptors with this process. Costs about as much as starting a thread. Symbolic links are not followed.
/// Returns nullopt if the file cannot be opened or read.
std::optional<std::string> read_apart(const Folder& folder, const std::string& name, std::size_t size);

/// A part of a file: the bytes from `begin` to before `end`.
struct Extent {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

/// Returns where a file has data, in order; holes lie between, which read as zeros. Of a file with thousands of
/// holes, or if the system does not tell, holes count as data. As harmless to locks as read_apart().
std::vector<Extent> data_extents_apart(const Folder& folder, const std::string& name);

}  // namespace ipcm::platform
