// SPDX-License-Identifier: MIT
#include "storage/sqlite/inspect.hpp"

#include <algorithm>
#include <chrono>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <thread>

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>
#include <sqlite3.h>

#include "core/names.hpp"
#include "platform/lock_owners.hpp"
#include "storage/sqlite/expected_schema.hpp"
#include "storage/sqlite/place.hpp"
#include "storage/sqlite/route_record.hpp"
#include "storage/sqlite/schema_text.hpp"
#include "storage/sqlite/stats_table.hpp"

namespace ipcm::storage::sqlite {
namespace {

constexpr int kMostIntegrityLines = 20;

// For how long a read must keep the log to be told of.
constexpr int kLooksAtLog = 3;
constexpr std::chrono::milliseconds kBetweenLooks{50};
constexpr std::chrono::milliseconds kLookPatience{200};

// The bytes of the log's index, -shm, that readers lock: https://www.sqlite.org/walformat.html#wal_locks
constexpr off_t kFirstReadMark = 123;
constexpr off_t kLastReadMark = 127;

std::uint64_t count(SQLite::Database& database, const char* sql) {
  SQLite::Statement select(database, sql);
  select.executeStep();
  return static_cast<std::uint64_t>(select.getColumn(0).getInt64());
}

void check_integrity(SQLite::Database& database, std::vector<std::string>& problems) {
  SQLite::Statement check(database, "PRAGMA integrity_check(" + std::to_string(kMostIntegrityLines) + ")");
  while (check.executeStep()) {
    std::istringstream lines(check.getColumn(0).getString());  // a row may be several, below a title
    for (std::string line; std::getline(lines, line);) {
      if (line.empty() || line == "ok" || line.starts_with("*** ")) continue;
      problems.push_back("SQLite finds the file damaged: " + line + ".");
    }
  }
}

// Whether the first ON of the text of a trigger is followed by that name, plain or in quotes.
bool is_trigger_on(std::string_view sql, const std::string& name) {
  constexpr std::string_view kQuotes = "\"`[";
  const auto is_word = [&](std::size_t at) {
    return (at == 0 || !is_of_word(sql[at - 1])) && (sql[at] == 'O' || sql[at] == 'o') &&
           (sql[at + 1] == 'N' || sql[at + 1] == 'n') && !is_of_word(sql[at + 2]);
  };
  std::size_t at = 0;
  while (at + 2 < sql.size() && !is_word(at)) ++at;
  std::string_view rest = sql.substr(std::min(at + 2, sql.size()));
  while (!rest.empty() && (rest.front() == ' ' || kQuotes.find(rest.front()) != std::string_view::npos)) {
    rest.remove_prefix(1);
  }
  return rest.starts_with(name) && (rest.size() == name.size() || !is_of_word(rest[name.size()]));
}

void check_schema(SQLite::Database& database, std::vector<std::string>& problems) {
  const SchemaDifference difference = difference_in_schema(database, current_schema_version());
  for (const std::string& object : difference.missing) problems.push_back("The schema lacks the " + object + ".");
  for (const std::string& object : difference.changed) {
    problems.push_back("The schema's " + object + " is not that of this library.");
  }
  const std::set<std::string> foreign(difference.foreign.begin(), difference.foreign.end());
  // Another program's own tables and views beside ours do no harm, nor does a trigger on them; one on ours could.
  SQLite::Statement triggers(database, "SELECT name, tbl_name, sql FROM sqlite_schema WHERE type = 'trigger'");
  while (triggers.executeStep()) {
    const std::string name = triggers.getColumn(0).getString();
    const std::string on = triggers.getColumn(1).getString();
    if (!foreign.contains("trigger " + name)) continue;
    // The column may say what it likes; SQLite goes by the text.
    const bool is_on_foreign = (foreign.contains("table " + on) || foreign.contains("view " + on)) &&
                               is_trigger_on(without_comments(triggers.getColumn(2).getString()), on);
    if (is_on_foreign) continue;
    problems.push_back("The schema has a foreign trigger " + name + " on " + on + "; DROP TRIGGER removes it.");
  }
}

// One row an inbox: what left it and what is in it, by number.
#define IPCM_MAIL_IN(table) " FROM " table " WHERE place BETWEEN p.peer_id << 43 AND ((p.peer_id + 1) << 43) - 1"
constexpr const char* kInboxBooks =
    "SELECT p.name,"
    " coalesce((SELECT last_number FROM stats WHERE recipient = p.peer_id AND sender = ''), ?1),"
    " coalesce((SELECT max(place) & ((1 << 40) - 1) FROM messages"
    "            WHERE place BETWEEN (p.peer_id << 43) + (3 << 40) AND (p.peer_id << 43) + (4 << 40) - 1), 0),"
    " (SELECT count(*)" IPCM_MAIL_IN("messages") ") + (SELECT count(*)" IPCM_MAIL_IN("later")
    ") + (SELECT count(*)" IPCM_MAIL_IN("claims") "),"
    " coalesce((SELECT sum(sent) FROM stats WHERE recipient = p.peer_id AND sender <> ''), 0)"
    " FROM peers AS p ORDER BY p.name";

// What a stranger wrote into the books may be beyond all reason; no sum of these can be.
std::int64_t within_reason(std::int64_t number) noexcept {
  constexpr std::int64_t kMost = std::int64_t{1} << 60;
  return std::clamp(number, -kMost, kMost);
}

void check_inboxes(SQLite::Database& database, Audit& audit) {
  SQLite::Statement select(database, kInboxBooks);
  select.bind(1, kFirstNumber);
  while (select.executeStep()) {
    ++audit.inboxes;
    const std::string name = in_quotes(select.getColumn(0).getString());
    const std::int64_t noted = within_reason(select.getColumn(1).getInt64());
    const std::int64_t last_number = select.getColumn(2).getInt64();
    const std::int64_t given_out = std::max(noted, last_number) - kFirstNumber;
    const std::int64_t queued = select.getColumn(3).getInt64();
    const std::int64_t left = within_reason(select.getColumn(4).getInt64());
    audit.messages += static_cast<std::uint64_t>(queued);
    if (given_out == left + queued) continue;
    audit.problems.push_back("The inbox of " + name + " gave out " + std::to_string(given_out) + " numbers, but " +
                             std::to_string(left) + " messages left it and " + std::to_string(queued) + " lie in it.");
  }
}

void check_pairs(SQLite::Database& database, Audit& audit) {
  for (const PairCount& pair : StatsTable(database).counts()) {
    ++audit.pairs;
    if (pair.sent == pair.read + pair.dead + pair.expired + pair.queued) continue;
    audit.problems.push_back("From " + in_quotes(pair.sender) + " to " + in_quotes(pair.recipient) + ": sent " +
                             std::to_string(pair.sent) + " is not read " + std::to_string(pair.read) + " + dead " +
                             std::to_string(pair.dead) + " + expired " + std::to_string(pair.expired) + " + queued " +
                             std::to_string(pair.queued) + ".");
  }
}

void check_strays(SQLite::Database& database, std::vector<std::string>& problems) {
  const std::uint64_t mail =
      count(database,
            "SELECT count(*) FROM (SELECT place FROM messages UNION ALL SELECT place FROM later"
            " UNION ALL SELECT place FROM claims) WHERE place >> 43 NOT IN (SELECT peer_id FROM peers)");
  if (mail > 0) problems.push_back(std::to_string(mail) + " messages lie in the inbox of no peer.");
  const std::uint64_t twice =
      count(database,
            "SELECT count(*) FROM (SELECT 1 FROM (SELECT place FROM messages UNION ALL SELECT place FROM later"
            " UNION ALL SELECT place FROM claims) GROUP BY place HAVING count(*) > 1)");
  if (twice > 0) problems.push_back(std::to_string(twice) + " messages are there twice.");
  const std::uint64_t claims =
      count(database, "SELECT count(*) FROM claims WHERE worker NOT IN (SELECT worker FROM workers)");
  if (claims > 0) problems.push_back(std::to_string(claims) + " messages are claimed by no worker.");
  const std::uint64_t books =
      count(database, "SELECT count(*) FROM stats WHERE recipient NOT IN (SELECT peer_id FROM peers)");
  if (books > 0) problems.push_back(std::to_string(books) + " rows of stats belong to no peer.");
  const std::uint64_t buried =
      count(database,
            "SELECT count(*) FROM (SELECT recipient, count(*) AS n FROM dead GROUP BY recipient) AS d"
            " LEFT JOIN (SELECT recipient, sum(dead) AS n FROM stats GROUP BY recipient) AS s"
            " ON s.recipient = d.recipient WHERE d.n > coalesce(s.n, 0)");
  if (buried > 0) problems.push_back("There are more dead messages than the books say.");
}

}  // namespace

RouteTotals totals_of(Store& store, SQLite::Database& database, const RoutePath& path) {
  RouteTotals totals;
  store.read([&](Snapshot&) {
    totals.peers = count(database, "SELECT count(*) FROM peers");
    totals.queued = StatsTable(database).depth_of_all();
    totals.dead = count(database, "SELECT count(*) FROM dead");
  });
  totals.file_bytes = path.size_of(path.database());
  totals.log_bytes = path.size_of(path.write_ahead_log());
  return totals;
}

LogPin log_pin_of(SqliteStore& store) {
  LogPin pin;
  for (int look = 0; look < kLooksAtLog; ++look) {
    if (look > 0) std::this_thread::sleep_for(kBetweenLooks);
    pin.bytes = store.bytes_kept_in_log(kLookPatience);
    if (pin.bytes == 0) return {};
    const RoutePath& path = store.connection().path();
    const auto index = path.identity_of(path.shared_memory());
    std::vector<int> pids;
    if (index) pids = platform::lock_owners(*index, kFirstReadMark, kLastReadMark);
    if (look > 0) std::erase_if(pids, [&](int pid) { return !std::ranges::binary_search(pin.pids, pid); });
    pin.pids = std::move(pids);
  }
  return pin;
}

std::vector<std::string> foreign_tables_of(SQLite::Database& database) {
  std::vector<std::string> names;
  for (const std::string& object : difference_in_schema(database, current_schema_version()).foreign) {
    const bool is_data = object.starts_with("table ") || object.starts_with("view ");
    if (is_data) names.push_back(object.substr(object.find(' ') + 1));
  }
  std::ranges::sort(names);
  return names;
}

Audit audit_of(SQLite::Database& database) {
  Audit audit;
  check_integrity(database, audit.problems);
  if (!audit.problems.empty()) return audit;  // the books of a damaged file say nothing
  check_schema(database, audit.problems);
  check_inboxes(database, audit);
  check_strays(database, audit.problems);
  check_pairs(database, audit);
  return audit;
}

std::string engine_name() {
  return std::string("SQLite ") + sqlite3_libversion();
}

}  // namespace ipcm::storage::sqlite
