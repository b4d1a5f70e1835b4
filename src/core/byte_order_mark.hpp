// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

namespace ipcm {

/// U+FEFF in UTF-8. Programs of Windows write it before a text. No JSON begins with it (RFC 8259, section 8.1).
inline constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

/// Returns the text without the byte order mark at its beginning, if it has one.
inline std::string_view without_byte_order_mark(std::string_view text) noexcept {
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  return text;
}

}  // namespace ipcm
