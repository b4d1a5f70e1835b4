// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

#include <ipcm/spawn.hpp>

namespace ipcm::cli {

/// 500ms, 0.5s, 10s, 1m30s, 2h, 3d, to the millisecond. Throws UsageError.
std::chrono::milliseconds parse_duration(std::string_view text);

/// 4096, 64K, 16M, 1G, in powers of 1024. Throws UsageError.
std::size_t parse_size(std::string_view text);

/// full, relaxed, volatile. Throws UsageError.
Durability parse_durability_word(std::string_view text);

/// auto, socket, hook, poll. Throws UsageError.
NotifierKind parse_notifier_word(std::string_view text);

/// A whole number, at least 1. Throws UsageError.
std::size_t parse_count(std::string_view text);

/// A whole number from `lowest` to `highest`. Throws UsageError.
int parse_number(std::string_view text, int lowest, int highest);

/// 2026-01-31T09:30:00Z or 2026-01-31T10:30:00+01:00, with a fraction or without, or seconds since 1970. Throws
/// UsageError.
std::chrono::system_clock::time_point parse_time(std::string_view text);

/// What parse_duration() takes, in the largest unit that leaves nothing out: 1500ms, 90s, 5m.
std::string duration_text(std::chrono::milliseconds duration);

/// For people: 0.4s, 12s, 3m 20s, 2h 5m, 4d 3h.
std::string rough_duration(std::chrono::milliseconds duration);

}  // namespace ipcm::cli
