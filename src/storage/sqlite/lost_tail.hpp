// SPDX-License-Identifier: MIT
// Whether commits that were there have vanished: what the notes beside a route say, against what it knows.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <SQLiteCpp/Database.h>

#include "core/function_ref.hpp"
#include "storage/sqlite/route_file.hpp"
#include "storage/sqlite/route_path.hpp"
#include "storage/sqlite/tail_notes.hpp"

namespace ipcm::storage::sqlite {

/// What an inbox has lost.
struct LostTail {
  std::string inbox;  ///< its name; empty: the route does not know it, either
  PeerId id = 0;
  std::uint64_t messages = 0;  ///< at least
  double noted_at = 0;         ///< when the last of them was stored, in seconds since 1970
};

/// Whether the note says what the route must still know: of this run of the kernel, or synced where the route promises
/// that this is enough. Of whichever route: a backup that is put over the route has another id, and lacks what was
/// stored since it was made. Whoever makes or replaces a route forgets the notes of the one before.
bool is_binding(const TailNote& note, const TailOrigin& origin, std::string_view durability) noexcept;

/// Empty, as a rule. Outside a transaction, so that what it reads is newer than the notes; or within one that writes,
/// which has appended `own`. Throws SQLite::Exception.
std::vector<LostTail> find_lost_tail(SQLite::Database& database, const NewRoute& record, const TailNotes& notes,
                                     const Appended& own = {});

/// Returns what `look` finds twice in a row: at the first look an inbox may be gone that was being forgotten, whose
/// notes, which were removed before it, are gone at the second.
std::vector<LostTail> lost_at_both_looks(FunctionRef<std::vector<LostTail>()> look);

/// One sentence.
std::string text_of(const LostTail& lost);

/// Throws RouteDamaged unless `lost` is empty.
void require_whole_tail(const RoutePath& path, const std::vector<LostTail>& lost);

}  // namespace ipcm::storage::sqlite
