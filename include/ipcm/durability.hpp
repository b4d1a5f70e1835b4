// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

namespace ipcm {

/// What a sent message survives. Kept in the route, the same for every process.
enum class Durability {
  full,          ///< power loss
  relaxed,       ///< any crash of processes; power loss may take the last moments
  volatile_mode  ///< a crash of processes; after power loss the route may be unusable
};

/// "full", "relaxed", "volatile".
std::string_view to_string(Durability durability) noexcept;
/// The reverse; throws Error(InvalidArgument) that lists the words.
Durability parse_durability(std::string_view text);

}  // namespace ipcm
