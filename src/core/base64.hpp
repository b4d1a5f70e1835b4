// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace ipcm {

/// RFC 4648, section 4: with padding, on one line.
std::string base64_of(std::string_view bytes);

/// The reverse; nothing where the text is not what base64_of() writes.
std::optional<std::string> from_base64(std::string_view text);

}  // namespace ipcm
