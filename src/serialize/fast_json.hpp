// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string_view>

#include <nlohmann/json.hpp>

#include <ipcm/serializer.hpp>

namespace ipcm {

/// The same as is_valid_utf8(), by simdjson where the text is long.
bool is_utf8(std::string_view text) noexcept;

// simdjson in front of nlohmann's parser (docs/decisions/0009). What it takes nlohmann's takes too, with the same
// value; a test holds the two together. What it does not take may still be JSON, as nlohmann reads more: then that
// decides, and says what is wrong.

/// True: the text is JSON, nested no deeper than kMaxContentDepth. False: ask the other one.
bool is_surely_json(std::string_view text);

/// The value of a text that is surely JSON; nothing: ask the other one.
std::optional<Json> decode_surely_json(std::string_view text);

}  // namespace ipcm
