// SPDX-License-Identifier: MIT
#include <ipcm/durability.hpp>

#include <string>

#include <ipcm/error.hpp>

#include "core/names.hpp"

namespace ipcm {

std::string_view to_string(Durability durability) noexcept {
  switch (durability) {
    case Durability::full: return "full";
    case Durability::relaxed: return "relaxed";
    case Durability::volatile_mode: break;
  }
  return "volatile";
}

Durability parse_durability(std::string_view text) {
  for (const Durability durability : {Durability::full, Durability::relaxed, Durability::volatile_mode}) {
    if (text == to_string(durability)) return durability;
  }
  throw Error(ErrorCode::InvalidArgument,
              "there is no durability " + in_quotes(text) + "; there are full, relaxed and volatile.");
}

}  // namespace ipcm
