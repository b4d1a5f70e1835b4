// SPDX-License-Identifier: MIT
#pragma once

#include <SQLiteCpp/Database.h>

#include <ipcm/salvage.hpp>

#include "core/function_ref.hpp"
#include "storage/sqlite/salvage/page_file.hpp"
#include "storage/sqlite/tail_notes.hpp"

namespace ipcm::storage::sqlite {

/// Told how many steps of how many are done. What it throws ends the salvaging.
using SalvageProgress = FunctionRef<void(std::uint64_t done, std::uint64_t total)>;

/// Writes all rows of a damaged route that can be read into a new one, which is being made and empty, and makes it add
/// up. `notes` lie beside the damaged one. The report says nothing of the new route's place and id. False: nothing
/// could be read. Throws Error, SQLite::Exception.
bool salvage(const PageFile& damaged, const TailNotes& notes, SQLite::Database& draft, SalvageReport& report,
             SalvageProgress progress);

}  // namespace ipcm::storage::sqlite
