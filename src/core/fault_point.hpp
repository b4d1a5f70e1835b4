// SPDX-License-Identifier: MIT
// Places at which a build for tests can die or be wrong: the target ipcm_faulty, in which IPCM_FAULT_POINTS is 1. What
// happens there is up to the test, which defines both functions. In every other build they are nothing.
#pragma once

// Only sources that include this header themselves are compiled anew for ipcm_faulty.
#ifndef IPCM_FAULT_POINTS
#error "CMake does not know that this source has fault points: include core/fault_point.hpp in it and run cmake again"
#endif

namespace ipcm::faults {

#if IPCM_FAULT_POINTS

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
