// SPDX-License-Identifier: MIT
// Letters as the bytes of a datagram, and back. docs/file-format.md describes the bytes.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include <ipcm/message.hpp>

#include "transport/letter.hpp"

namespace ipcm::transport {

/// The longest head that there is: every name and id of 255 bytes, and an error.
inline constexpr std::size_t kMostHeadBytes = 1536 + kMaxErrorBytes;

/// The datagram of a letter but for its content, which follows it: `content_size` bytes, 0 for one with an enclosure.
/// Throws Error(InvalidArgument) for a serializer whose name has more than 255 bytes; other texts are never that long.
std::string encode_head(const Letter& letter, std::size_t content_size);

/// The letter in a datagram; nothing where the bytes are not exactly one, or break a rule for names, ids or stamps.
std::optional<Letter> decode_letter(std::string_view datagram);

}  // namespace ipcm::transport
