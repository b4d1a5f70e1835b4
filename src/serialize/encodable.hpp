// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include <ipcm/serializer.hpp>

namespace ipcm {

/// What a format can say.
struct FormatLimits {
  std::string_view format;  ///< its name, for errors
  bool non_finite_numbers = true;
  bool binary = true;
  std::optional<std::uint64_t> max_subtype{};  ///< of binary values; nothing: they may have none
};

/// Throws Error(InvalidMessage) for a value that would not come back equal: it is nested too deep, has a string that is
/// not UTF-8, or something that the format cannot say.
void check_encodable(const Json& content, const FormatLimits& limits);

}  // namespace ipcm
