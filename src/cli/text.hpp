// SPDX-License-Identifier: MIT
// Text for people: safe to print on a terminal, readable times and numbers.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace ipcm::cli {

/// The text with everything that could steer a terminal or break a line written as \n, \x1b, \u202e and the like:
/// control characters, direction overrides, and bytes that are not UTF-8.
std::string printable(std::string_view text);

/// The bytes at the front of `text` that form one character which printable() writes differently; 0 when it does not.
std::size_t unsafe_length(std::string_view text) noexcept;

/// The length of the character at the front of `text`; 0 when that is not UTF-8.
std::size_t character_bytes(std::string_view text) noexcept;

/// How many columns of a terminal it takes.
std::size_t display_width(std::string_view text);

/// The text if it takes at most so many columns; else its beginning, and "…" as the last of them.
std::string cut_to_width(std::string_view text, std::size_t columns);

/// 2026-01-31T09:30:00.125Z for seconds since 1970; the plain number where no calendar reaches.
std::string iso_time(double seconds);

/// 1234567 -> 1,234,567
std::string with_thousands(std::uint64_t number);

/// 1 message, 2 messages
std::string counted(std::uint64_t number, const std::string& noun);

/// 64 MiB
std::string readable_size(std::uint64_t bytes);

/// The word as a POSIX shell takes it literally; unchanged where it needs no quotes.
std::string shell_quoted(const std::string& word);

}  // namespace ipcm::cli
