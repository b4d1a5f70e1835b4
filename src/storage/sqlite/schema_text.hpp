// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

namespace ipcm::storage::sqlite {

/// The SQL of a table or view without its comments, and without space that makes no difference: what ALTER TABLE has
/// changed reads like what schema.sql would have made.
std::string without_comments(std::string_view sql);

}  // namespace ipcm::storage::sqlite
