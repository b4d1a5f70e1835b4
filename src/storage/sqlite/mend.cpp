// SPDX-License-Identifier: MIT
#include "storage/sqlite/mend.hpp"

#include <algorithm>

#include <SQLiteCpp/Statement.h>

#include "core/names.hpp"
#include "storage/sqlite/message_row.hpp"
#include "storage/sqlite/place.hpp"
#include "storage/sqlite/statement.hpp"
#include "storage/sqlite/whole_step.hpp"

namespace ipcm::storage::sqlite {
namespace {

#define IPCM_KEYS_IN(table) "SELECT place >> 43, dedup_key FROM " table " WHERE dedup_key IS NOT NULL"
#define IPCM_MAIL_OF_PEER(table) " FROM " table " WHERE place BETWEEN p.peer_id << 43 AND ((p.peer_id + 1) << 43) - 1"
#define IPCM_HIGHEST_IN(table) "coalesce((SELECT max(place & ?2)" IPCM_MAIL_OF_PEER(table) "), 0)"

class Mender {
 public:
  explicit Mender(SQLite::Database& route) : route_(route) {}

  Mended run() {
    keep_one_of_each_place();
    keep_one_of_each_group();
    wake_groups();
    drop_schedules();
    release_dedup_keys();
    count_dead();
    balance();
    return std::move(mended_);
  }

 private:
  void note(int count, const std::string& what) {
    if (count > 0) mended_.problems.push_back(what + ": " + std::to_string(count) + ".");
  }

  // A claim is the latest of what may have become of a message.
  void keep_one_of_each_place() {
    note(
        route_.exec("DELETE FROM messages WHERE place IN (SELECT place FROM claims)") +
            route_.exec("DELETE FROM later WHERE place IN (SELECT place FROM claims UNION SELECT place FROM messages)"),
        "Messages that were there twice");
  }

  void keep_one_of_each_group() {
    constexpr const char* kSurplus =
        " FROM messages WHERE group_key IS NOT NULL AND ("
        "EXISTS (SELECT 1 FROM messages AS o WHERE o.place >> 43 = messages.place >> 43"
        " AND o.group_key = messages.group_key AND o.place < messages.place)"
        " OR EXISTS (SELECT 1 FROM claims AS o WHERE o.place >> 43 = messages.place >> 43"
        " AND o.group_key = messages.group_key))";
    route_.exec(std::string("CREATE TEMP TABLE surplus AS SELECT place") + kSurplus);
    // An id that is there twice goes the way of what is lost.
    route_.exec("INSERT OR IGNORE INTO later(place, " IPCM_MESSAGE_COLUMNS ") SELECT place, " IPCM_MESSAGE_COLUMNS
                " FROM messages WHERE place IN (SELECT place FROM temp.surplus)");
    note(route_.exec("DELETE FROM messages WHERE place IN (SELECT place FROM temp.surplus)"),
         "Messages that were ready before the one of their group before them was done");
    route_.exec("DROP TABLE temp.surplus");
  }

  // The first of a group that nobody is before waits for nobody.
  void wake_groups() {
    note(route_.exec("UPDATE later SET due = 0 WHERE due IS NULL AND (group_key IS NULL OR NOT ("
                     "EXISTS (SELECT 1 FROM messages AS o WHERE o.place >> 43 = later.place >> 43"
                     " AND o.group_key = later.group_key)"
                     " OR EXISTS (SELECT 1 FROM claims AS o WHERE o.place >> 43 = later.place >> 43"
                     " AND o.group_key = later.group_key)"
                     " OR EXISTS (SELECT 1 FROM later AS o WHERE o.place >> 43 = later.place >> 43"
                     " AND o.group_key = later.group_key AND o.place < later.place)))"),
         "Messages that waited for one of their group that is not there");
  }

  void drop_schedules() {
    SQLite::Statement select(route_, "SELECT name FROM schedules WHERE place NOT IN (SELECT place FROM later)");
    while (select.executeStep()) {
      mended_.problems.push_back("The schedule " + in_quotes(select.getColumn(0).getString()) +
                                 " has lost its message, and with it everything that it would have sent.");
    }
    select.reset();
    route_.exec("DELETE FROM schedules WHERE place NOT IN (SELECT place FROM later)");
  }

  void release_dedup_keys() {
    note(route_.exec("UPDATE dedup_keys SET held = 0 WHERE held = 1 AND (inbox, dedup_key) NOT IN"
                     " (" IPCM_KEYS_IN("messages") " UNION ALL " IPCM_KEYS_IN("later") " UNION ALL " IPCM_KEYS_IN(
                         "claims") ")"),
         "Keys of messages that are not there");
  }

  // Those that are there were counted.
  void count_dead() {
    SQLite::Statement select(route_,
                             "SELECT d.recipient, d.sender, d.n - coalesce(s.dead, 0) FROM"
                             " (SELECT recipient, sender, count(*) AS n FROM dead GROUP BY recipient, sender) AS d"
                             " LEFT JOIN stats AS s ON s.recipient = d.recipient AND s.sender = d.sender"
                             " WHERE d.n > coalesce(s.dead, 0) AND (SELECT count(*) FROM dead"
                             " WHERE recipient = d.recipient) > coalesce((SELECT sum(dead) FROM stats"
                             " WHERE recipient = d.recipient), 0)");
    int corrected = 0;
    while (select.executeStep()) {
      add_dead(select.getColumn(0).getInt64(), select.getColumn(1).getString(), select.getColumn(2).getInt64());
      ++corrected;
    }
    note(corrected, "Senders with fewer dead messages in the books than there are");
  }

  void add_dead(PeerId inbox, const std::string& sender, std::int64_t count) {
    SQLite::Statement add(route_,
                          "INSERT INTO stats(recipient, sender, sent, dead) VALUES (?1, CAST(?2 AS TEXT), ?3, ?3)"
                          " ON CONFLICT(recipient, sender) DO UPDATE SET sent = sent + ?3, dead = dead + ?3");
    Use(add).number(1, inbox).bytes(2, sender).number(3, count).run();
  }

  // For each inbox: numbers given out = what left it + what is in it.
  void balance() {
    SQLite::Statement select(
        route_,
        "SELECT p.peer_id,"
        " coalesce((SELECT last_number FROM stats WHERE recipient = p.peer_id AND sender = ''), ?1),"
        " coalesce((SELECT max(place & ?2) FROM messages"
        "  WHERE place BETWEEN (p.peer_id << 43) + (3 << 40) AND (p.peer_id << 43) + (4 << 40) - 1), 0),"
        " max(" IPCM_HIGHEST_IN("messages") ", " IPCM_HIGHEST_IN("later") ", " IPCM_HIGHEST_IN("claims") "),"
        " (SELECT count(*)" IPCM_MAIL_OF_PEER("messages") ") + (SELECT count(*)" IPCM_MAIL_OF_PEER("later")
        ") + (SELECT count(*)" IPCM_MAIL_OF_PEER("claims") "),"
        " coalesce((SELECT sum(sent) FROM stats WHERE recipient = p.peer_id AND sender <> ''), 0)"
        " FROM peers AS p");
    select.bind(1, kFirstNumber);
    select.bind(2, kHighestNumber);
    while (select.executeStep()) {
      const std::int64_t shown = std::max(select.getColumn(1).getInt64(), select.getColumn(2).getInt64());
      const std::int64_t known = std::max(shown, select.getColumn(3).getInt64());
      const std::int64_t accounted = select.getColumn(4).getInt64() + select.getColumn(5).getInt64();
      balance(select.getColumn(0).getInt64(), shown, known - kFirstNumber, accounted);
    }
  }

  void balance(PeerId inbox, std::int64_t shown, std::int64_t given_out, std::int64_t accounted) {
    if (accounted < given_out) {
      add_dead(inbox, kLostSender, given_out - accounted);
      mended_.lost[inbox] = static_cast<std::uint64_t>(given_out - accounted);
    }
    const std::int64_t last_number = kFirstNumber + std::max(given_out, accounted);
    if (last_number == shown) return;
    if (accounted > given_out)
      note(1, "Inboxes that gave out fewer numbers by the books than left them and are in them");
    SQLite::Statement set(route_,
                          "INSERT INTO stats(recipient, sender, last_number) VALUES (?1, '', ?2)"
                          " ON CONFLICT(recipient, sender) DO UPDATE SET last_number = ?2");
    Use(set).number(1, inbox).number(2, last_number).run();
  }

  SQLite::Database& route_;
  Mended mended_;
};

}  // namespace

Mended mend(SQLite::Database& route) {
  WholeStep transaction(route);
  Mended mended = Mender(route).run();
  transaction.commit();
  return mended;
}

void hold_dedup_keys(SQLite::Database& route) {
  for (const std::string table : {"messages", "later", "claims"}) {
    route.exec(
        "INSERT OR IGNORE INTO dedup_keys(inbox, dedup_key, id, until, held)"
        " SELECT place >> 43, dedup_key, id, 0, 1 FROM " +
        table + " WHERE dedup_key IS NOT NULL");
  }
}

}  // namespace ipcm::storage::sqlite
