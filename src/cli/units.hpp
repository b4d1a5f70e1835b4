// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstddef>
#include <string_view>

#include <ipcm/spawn.hpp>

namespace ipcm::cli {

/// 500ms, 10s, 5m, 2h, 3d. Throws UsageError.
std::chrono::milliseconds parse_duration(std::string_view text);

/// 4096, 64K, 16M, 1G, in powers of 1024. Throws UsageError.
std::size_t parse_size(std::string_view text);

/// full, relaxed, volatile. Throws UsageError.
Durability parse_durability_word(std::string_view text);

/// auto, socket, hook, poll. Throws UsageError.
NotifierKind parse_notifier_word(std::string_view text);

/// A whole number, at least 1. Throws UsageError.
std::size_t parse_count(std::string_view text);

}  // namespace ipcm::cli
