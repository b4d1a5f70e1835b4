// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace ipcm {

/// The offset of the first item inside a string of indefinite length that is not a chunk as RFC 8949, 3.2.3 allows it:
/// a string of definite length. nlohmann accepts such strings inside each other and recurses for each without telling
/// its receiver, so a megabyte of 0x7F would overflow the stack.
/// Nothing for bytes that break another rule first: the parser finds that itself.
std::optional<std::size_t> find_nested_cbor_chunk(std::string_view bytes) noexcept;

}  // namespace ipcm
