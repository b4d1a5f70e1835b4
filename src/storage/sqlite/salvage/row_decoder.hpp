// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "storage/route_rows.hpp"
#include "storage/sqlite/salvage/record.hpp"

namespace ipcm::storage::sqlite {

/// The tables of a route; `other` is an index, or a table that is not ours.
enum class TableKind : std::uint8_t {
  other,
  route,
  peers,
  messages,
  later,
  claims,
  workers,
  queue_settings,
  dedup_keys,
  schedules,
  stats,
  dead
};

std::string_view name_of(TableKind table) noexcept;
/// `other` for a name that is not ours.
TableKind table_of(std::string_view name) noexcept;
/// Whether it is a b-tree of rowids; the others are trees of an index.
bool has_rowids(TableKind table) noexcept;

// Each gives the row where the values are of the types that its columns have; of a route of an older version those that
// were added since are missing at the end. The views are those of the record.
std::optional<RouteSettings> settings_of(const Record& record);
std::optional<PeerRow> peer_of(std::int64_t row, const Record& record);
std::optional<KeptMessage> message_of(std::int64_t row, const Record& record);
std::optional<KeptLater> later_of(std::int64_t row, const Record& record);

struct DecodedClaim {
  KeptClaim claim;
  WorkerId worker = 0;
};
std::optional<DecodedClaim> claim_of(std::int64_t row, const Record& record);

std::optional<PeerId> peer_of_worker(const Record& record);
std::optional<QueueRow> queue_of(std::int64_t row, const Record& record);
std::optional<KeptDedup> dedup_of(const Record& record);
std::optional<KeptSchedule> schedule_of(const Record& record);
std::optional<KeptDead> dead_of(const Record& record);

struct DecodedStats {
  KeptCount count;                          ///< with an empty sender: only the next one counts
  std::optional<std::int64_t> last_number;  ///< as in InboxRow
};
std::optional<DecodedStats> stats_of(const Record& record);

/// Which table such a row is of, by its looks.
TableKind table_by_looks(bool with_rowid, std::int64_t row, const Record& record);

}  // namespace ipcm::storage::sqlite
