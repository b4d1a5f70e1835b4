// SPDX-License-Identifier: MIT
// The rules for text that people choose and stores keep, and how such text is shown in an error.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace ipcm {

inline constexpr std::size_t kMaxNameBytes = 255;

/// The sender of a message whose client has no name. No peer can have it.
inline constexpr std::string_view kAnonymousName = "_anonymous";

/// A peer's name: 1-255 bytes of UTF-8 without control characters (C0, DEL, C1), not starting with '_'.
/// Throws Error(InvalidName) that says which rule it breaks.
void check_name(std::string_view name);

/// A message's id: the same rules, but it may start with '_'. Throws Error(InvalidMessage).
void check_message_id(std::string_view id);

/// Another field with the rules of an id, such as a dedup_key. Throws Error(InvalidMessage) that names the field.
void check_message_field(std::string_view field, std::string_view value);

/// The rule that `text` breaks, as the end of a sentence about it, e.g. "is empty"; empty when it breaks none.
std::string broken_rule(std::string_view text);

/// Strict: no overlong forms, no surrogates, nothing above U+10FFFF.
bool is_valid_utf8(std::string_view text) noexcept;

/// The offset of the first byte that is not part of valid UTF-8; text.size() when all are.
std::size_t first_invalid_utf8(std::string_view text) noexcept;

/// Untrusted text for an error message: in double quotes, control characters and invalid UTF-8 escaped, cut after about
/// 60 bytes. (Not "quoted": argument-dependent lookup would find std::quoted for a std::string.)
std::string in_quotes(std::string_view text);

}  // namespace ipcm
