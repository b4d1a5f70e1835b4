// SPDX-License-Identifier: MIT
#include "storage/sqlite/peer_table.hpp"

#include <algorithm>
#include <string>

#include <ipcm/error.hpp>

#include "core/names.hpp"
#include "storage/sqlite/statement.hpp"
#include "storage/words.hpp"

namespace ipcm::storage::sqlite {
namespace {

constexpr std::size_t kMostSeen = 16'384;  // some 3 MB

constexpr std::int64_t kHighestEpoch = std::int64_t{1} << 53;

RecordedState state_for(std::string_view word) {
  if (const auto state = state_of(word)) return *state;
  throw Error(ErrorCode::RouteDamaged, "the route is damaged: a peer has the state " + in_quotes(word) + ".");
}

#define IPCM_PEER_COLUMNS "peer_id, name, state, pid, pid_started, host, suspend_expires, epoch, kind, stale_until"

PeerRow read_row(const Use& row) {
  PeerRow peer;
  peer.id = row.integer(0);
  if (peer.id < 1 || peer.id > kHighestPeer) {
    throw Error(ErrorCode::RouteDamaged, "the route is damaged: a peer has the id " + std::to_string(peer.id) + ".");
  }
  peer.name = row.bytes(1);
  peer.state = state_for(row.bytes(2));
  if (!row.is_null(3)) peer.pid = static_cast<int>(row.integer(3));
  if (!row.is_null(4)) peer.pid_started = row.integer(4);
  peer.host = row.bytes(5);
  if (!row.is_null(6)) peer.suspend_expires = row.real(6);
  peer.epoch = std::clamp<std::int64_t>(row.integer(7), 0, kHighestEpoch);
  peer.is_queue = row.bytes(8) == kind_word(true);
  if (!row.is_null(9)) peer.stale_until = row.integer(9);
  return peer;
}

}  // namespace

// Hardly ever asked for, so it is not kept prepared.
std::string name_of_peer(SQLite::Database& database, PeerId peer, int pid) {
  SQLite::Statement select(database, "SELECT name FROM peers WHERE peer_id = ? AND pid = ?");
  Use row(select);
  return row.number(1, peer).number(2, pid).step() ? std::string(row.bytes(0)) : "";
}

PeerTable::PeerTable(SQLite::Database& database)
    : find_(database, "SELECT " IPCM_PEER_COLUMNS " FROM peers WHERE name = CAST(? AS TEXT)"),
      confirm_(database,
               "SELECT 1 FROM peers WHERE peer_id = ?1 AND name = CAST(?2 AS TEXT) AND state = CAST(?3 AS TEXT)"
               " AND epoch = ?4 AND pid IS ?5 AND suspend_expires IS ?6"),
      all_(database, "SELECT " IPCM_PEER_COLUMNS " FROM peers ORDER BY name"),
      insert_(database,
              "INSERT INTO peers(peer_id, name, state, epoch, kind)"
              " VALUES (?1, CAST(?2 AS TEXT), 'suspended', 0, CASE ?3 WHEN 1 THEN 'queue' ELSE 'peer' END)"),
      update_(database,
              "UPDATE peers SET state = CAST(?2 AS TEXT), pid = ?3, pid_started = ?4, host = CAST(?5 AS TEXT),"
              " suspend_expires = ?6, epoch = ?7, stale_until = ?8 WHERE peer_id = ?1"),
      remove_(database, "DELETE FROM peers WHERE peer_id = ?"),
      // One above the highest, or the lowest gap once that is used up.
      free_id_(database,
               "SELECT CASE WHEN coalesce(max(peer_id), 0) < ?1 THEN coalesce(max(peer_id), 0) + 1 ELSE"
               " (SELECT min(p.peer_id + 1) FROM (SELECT 0 AS peer_id UNION ALL SELECT peer_id FROM peers) AS p"
               "   WHERE p.peer_id < ?1 AND NOT EXISTS (SELECT 1 FROM peers AS q WHERE q.peer_id = p.peer_id + 1))"
               " END FROM peers") {}

std::optional<PeerRow> PeerTable::find(std::string_view name) {
  const auto seen = seen_.find(name);
  if (seen != seen_.end() && is_still_true(seen->second)) return seen->second;
  Use select(find_);
  if (!select.bytes(1, name).step()) return std::nullopt;
  const PeerRow peer = read_row(select);
  if (seen_.size() >= kMostSeen) seen_.clear();
  seen_.insert_or_assign(peer.name, peer);
  return peer;
}

// Half the work of looking a name up: one search by number instead of one by name and one by number, and no column to
// read. Whatever connecting, leaving or forgetting changes, in whatever process, shows here.
bool PeerTable::is_still_true(const PeerRow& peer) {
  Use confirm(confirm_);
  confirm.number(1, peer.id).bytes(2, peer.name).bytes(3, word_of(peer.state)).number(4, peer.epoch);
  peer.pid ? confirm.number(5, *peer.pid) : confirm.null(5);
  peer.suspend_expires ? confirm.number(6, *peer.suspend_expires) : confirm.null(6);
  return confirm.step();
}

std::vector<PeerRow> PeerTable::all() {
  std::vector<PeerRow> peers;
  Use select(all_);
  while (select.step()) peers.push_back(read_row(select));
  return peers;
}

PeerId PeerTable::free_id() {
  Use select(free_id_);
  select.number(1, kHighestPeer).step();
  if (select.is_null(0)) {
    throw Error(ErrorCode::RouteFull, "the route has " + std::to_string(kHighestPeer) +
                                          " peers and takes no more: `ipcm forget` those that are not needed.");
  }
  return select.integer(0);
}

PeerRow PeerTable::insert(std::string_view name, bool is_queue) {
  PeerRow peer;
  peer.id = free_id();
  peer.name = name;
  peer.is_queue = is_queue;
  Use(insert_).number(1, peer.id).bytes(2, name).number(3, is_queue ? 1 : 0).run();
  return peer;
}

void PeerTable::update(const PeerRow& peer) {
  Use update(update_);
  update.number(1, peer.id).bytes(2, word_of(peer.state)).number(7, peer.epoch);
  peer.pid ? update.number(3, *peer.pid) : update.null(3);
  peer.pid_started ? update.number(4, *peer.pid_started) : update.null(4);
  peer.host.empty() ? update.null(5) : update.bytes(5, peer.host);
  peer.suspend_expires ? update.number(6, *peer.suspend_expires) : update.null(6);
  peer.stale_until ? update.number(8, *peer.stale_until) : update.null(8);
  update.run();
}

void PeerTable::remove(PeerId peer) {
  Use(remove_).number(1, peer).run();
}

}  // namespace ipcm::storage::sqlite
