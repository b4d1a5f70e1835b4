// SPDX-License-Identifier: MIT
#include "storage/sqlite/stats_table.hpp"

#include <algorithm>

#include "storage/sqlite/place.hpp"
#include "storage/sqlite/statement.hpp"

namespace ipcm::storage::sqlite {
namespace {

// The highest number that an inbox gave out (SqliteTransaction::last_issued()) less 2^32, where numbers begin, and less
// what has left it. total() and the bounds: whatever another user wrote there is no error, and never more than an inbox
// has numbers.
#define IPCM_DEPTH_OF(inbox)                                                                                  \
  "max(0, min(1 << 40, max(coalesce((SELECT last_number FROM stats WHERE recipient = " inbox                  \
  " AND sender = ''), 0), coalesce((SELECT place & ((1 << 40) - 1) FROM messages WHERE place BETWEEN (" inbox \
  " << 43) + (3 << 40) AND (" inbox                                                                           \
  " << 43) + (4 << 40) - 1 ORDER BY place DESC LIMIT 1), 0)) - (1 << 32)"                                     \
  " - (SELECT CAST(total(sent) AS INTEGER) FROM stats WHERE recipient = " inbox " AND sender <> '')))"

}  // namespace

// An UPDATE and, where it found no row, an INSERT: an upsert costs more where there is a row, which is nearly always.
StatsTable::StatsTable(SQLite::Database& database)
    : last_number_(database, "SELECT last_number FROM stats WHERE recipient = ? AND sender = ''"),
      update_last_number_(database, "UPDATE stats SET last_number = ?2 WHERE recipient = ?1 AND sender = ''"),
      insert_last_number_(database, "INSERT INTO stats(recipient, sender, last_number) VALUES (?1, '', ?2)"),
      update_(database,
              "UPDATE stats SET sent = sent + ?3 + ?4 + ?5, read = read + ?3, dead = dead + ?4, expired = expired + ?5"
              " WHERE recipient = ?1 AND sender = CAST(?2 AS TEXT)"),
      insert_(database,
              "INSERT INTO stats(recipient, sender, sent, read, dead, expired)"
              " VALUES (?1, CAST(?2 AS TEXT), ?3 + ?4 + ?5, ?3, ?4, ?5)"),
      unsettle_(database,
                "UPDATE stats SET sent = sent - 1, read = read - 1"
                " WHERE recipient = ?1 AND sender = CAST(?2 AS TEXT) AND read > 0"),
      depth_(database, "SELECT " IPCM_DEPTH_OF("?1")),
      depth_of_all_(database, "SELECT CAST(total(" IPCM_DEPTH_OF("peer_id") ") AS INTEGER) FROM peers"),
      has_read_(database, "SELECT 1 FROM stats WHERE recipient = ?1 AND sender = CAST(?2 AS TEXT) AND read > 0"),
      counts_(database,
              "SELECT t.sender, p.name, sum(t.sent), sum(t.read), sum(t.dead), sum(t.expired), sum(t.queued) FROM"
              " (SELECT recipient, sender, sent, read, dead, expired, 0 AS queued FROM stats WHERE sender <> ''"
              "  UNION ALL"
              "  SELECT place >> 43, sender, count(*), 0, 0, 0, count(*) FROM"
              "   (SELECT place, sender FROM messages UNION ALL SELECT place, sender FROM later"
              "    UNION ALL SELECT place, sender FROM claims) GROUP BY place >> 43, sender) AS t"
              " JOIN peers AS p ON p.peer_id = t.recipient"
              " GROUP BY t.recipient, t.sender HAVING sum(t.sent) > 0 ORDER BY p.name, t.sender"),
      remove_(database, "DELETE FROM stats WHERE recipient = ?") {}

std::int64_t StatsTable::last_number(PeerId inbox) {
  Use select(last_number_);
  if (!select.number(1, inbox).step()) return kFirstNumber;
  return std::clamp<std::int64_t>(select.integer(0), 0, kHighestNumber);  // a stranger may have written anything
}

void StatsTable::set_last_number(PeerId inbox, std::int64_t number) {
  if (Use(update_last_number_).number(1, inbox).number(2, number).run() > 0) return;
  Use(insert_last_number_).number(1, inbox).number(2, number).run();
}

void StatsTable::settle(PeerId inbox, std::string_view sender, std::int64_t read, std::int64_t dead,
                        std::int64_t expired) {
  for (LazyStatement* statement : {&update_, &insert_}) {
    Use write(*statement);
    write.number(1, inbox).bytes(2, sender).number(3, read).number(4, dead).number(5, expired);
    if (write.run() > 0) return;
  }
}

bool StatsTable::has_read_from(PeerId inbox, std::string_view sender) {
  return Use(has_read_).number(1, inbox).bytes(2, sender).step();
}

bool StatsTable::unsettle(PeerId inbox, std::string_view sender) {
  return Use(unsettle_).number(1, inbox).bytes(2, sender).run() > 0;
}

std::uint64_t StatsTable::depth(PeerId inbox) {
  Use select(depth_);
  select.number(1, inbox).step();
  return static_cast<std::uint64_t>(select.integer(0));
}

std::uint64_t StatsTable::depth_of_all() {
  Use select(depth_of_all_);
  select.step();
  return static_cast<std::uint64_t>(select.integer(0));
}

std::vector<PairCount> StatsTable::counts() {
  std::vector<PairCount> counts;
  Use select(counts_);
  while (select.step()) {
    PairCount pair;
    pair.sender = select.bytes(0);
    pair.recipient = select.bytes(1);
    pair.sent = static_cast<std::uint64_t>(select.integer(2));
    pair.read = static_cast<std::uint64_t>(select.integer(3));
    pair.dead = static_cast<std::uint64_t>(select.integer(4));
    pair.expired = static_cast<std::uint64_t>(select.integer(5));
    pair.queued = static_cast<std::uint64_t>(select.integer(6));
    counts.push_back(std::move(pair));
  }
  return counts;
}

void StatsTable::remove_inbox(PeerId inbox) {
  Use(remove_).number(1, inbox).run();
}

}  // namespace ipcm::storage::sqlite
