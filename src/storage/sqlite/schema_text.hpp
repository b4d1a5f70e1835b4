// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

namespace ipcm::storage::sqlite {

/// Returns true for what the names of columns and SQL's words are made of.
bool is_of_word(char c) noexcept;

/// The SQL of a table or view without its comments, and without space that makes no difference: what ALTER TABLE has
/// changed reads like what schema.sql would have made.
std::string without_comments(std::string_view sql);

}  // namespace ipcm::storage::sqlite
