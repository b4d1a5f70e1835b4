// SPDX-License-Identifier: MIT
// Places at which a build for tests can die or be wrong: the target ipcm_faulty, which defines IPCM_FAULT_POINTS. What
// happens there is up to the test, which defines both functions. In every other build they are nothing.
#pragma once

namespace ipcm::faults {

#ifdef IPCM_FAULT_POINTS

/// Stands between two steps of an operation. The test may end the process here.
void reach(const char* step) noexcept;

/// Whether the code around is to be wrong now, in the way that `bug` says.
bool has_bug(const char* bug) noexcept;

#else

inline void reach(const char*) noexcept {}

constexpr bool has_bug(const char*) noexcept {
  return false;
}

#endif

}  // namespace ipcm::faults
