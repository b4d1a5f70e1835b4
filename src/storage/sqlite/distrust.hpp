// SPDX-License-Identifier: MIT
#pragma once

struct sqlite3;

namespace ipcm::storage::sqlite {

/// A route is data that somebody else may have written: no trigger, view or function in its schema runs on our behalf.
/// Checks and generated columns still would; require_own_tables() finds those.
void distrust_schema(sqlite3* database) noexcept;

}  // namespace ipcm::storage::sqlite
