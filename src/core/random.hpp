// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <span>

namespace ipcm {

/// Fills `bytes` with the kernel's random bytes, at most 64 of them. Thread-safe; a forked child never gets bytes that
/// its parent got or will get. Throws std::system_error if the kernel has none to give.
void fill_random(std::span<std::uint8_t> bytes);

}  // namespace ipcm
