// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include <ipcm/serializer.hpp>

namespace ipcm {

/// The same text as nlohmann's dump(), which would look once more whether every character is UTF-8. The value must have
/// passed check_encodable(): valid UTF-8, finite numbers, nothing binary, no deeper than kMaxContentDepth.
std::string json_text_of(const Json& value);

}  // namespace ipcm
