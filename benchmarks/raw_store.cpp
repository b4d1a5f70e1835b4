// SPDX-License-Identifier: MIT
#include "raw_store.hpp"

#include <cstring>
#include <stdexcept>

namespace bench {

RawStore::RawStore(const std::filesystem::path& file, Sync sync, const std::string& table) {
  sqlite3* database = nullptr;
  const int opened = sqlite3_open_v2(file.c_str(), &database,
                                     SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
  database_.reset(database);
  if (opened != SQLITE_OK) throw std::runtime_error("cannot open " + file.string());
  sqlite3_busy_timeout(database, 120'000);
  execute(
      "PRAGMA page_size = 4096; PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL;"
      "PRAGMA journal_size_limit = 16777216; PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0;"
      "PRAGMA secure_delete = OFF");
  execute(sync == Sync::full ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
  execute("CREATE TABLE IF NOT EXISTS " + table +
          "(place INTEGER PRIMARY KEY, id ANY NOT NULL, sender TEXT NOT NULL, stamp REAL NOT NULL,"
          " broadcast INTEGER NOT NULL, serializer TEXT, content ANY NOT NULL) STRICT");
  begin_ = prepare("BEGIN IMMEDIATE");
  commit_ = prepare("COMMIT");
  insert_ = prepare("INSERT INTO " + table + " VALUES (?, ?, 'sender', 1.0, 0, NULL, ?)");
  select_ = prepare("SELECT place, id, sender, stamp, broadcast, serializer, content FROM " + table +
                    " ORDER BY place LIMIT ?");
  remove_ = prepare("DELETE FROM " + table + " WHERE place BETWEEN ? AND ?");
  first_ = prepare("SELECT 1 FROM " + table + " LIMIT 1");
}

void RawStore::insert(std::string_view content) {
  insert_at(++place_, content);
}

void RawStore::insert_shared(std::string_view content) {
  sqlite3_bind_null(insert_.get(), 1);
  insert_bound(content);
}

void RawStore::insert_at(std::int64_t place, std::string_view content) {
  sqlite3_bind_int64(insert_.get(), 1, place);
  insert_bound(content);
}

void RawStore::insert_bound(std::string_view content) {
  char id[16] = {1};
  ++id_;
  std::memcpy(id + 8, &id_, sizeof id_);
  sqlite3_bind_blob(insert_.get(), 2, id, sizeof id, SQLITE_STATIC);
  sqlite3_bind_text(insert_.get(), 3, content.data(), static_cast<int>(content.size()), SQLITE_STATIC);
  run(insert_.get());
}

std::size_t RawStore::take(std::size_t limit) {
  begin();
  std::size_t count = 0;
  std::int64_t first = 0;
  std::int64_t last = 0;
  sqlite3_stmt* const row = select_.get();
  sqlite3_bind_int64(row, 1, static_cast<std::int64_t>(limit));
  while (step(row)) {
    last = sqlite3_column_int64(row, 0);
    if (count++ == 0) first = last;
    const auto* text = static_cast<const char*>(sqlite3_column_blob(row, 6));
    last_content_.assign(text, static_cast<std::size_t>(sqlite3_column_bytes(row, 6)));
  }
  sqlite3_reset(row);
  if (count > 0) {
    sqlite3_bind_int64(remove_.get(), 1, first);
    sqlite3_bind_int64(remove_.get(), 2, last);
    run(remove_.get());
  }
  commit();
  return count;
}

bool RawStore::empty() {
  const bool found = step(first_.get());
  sqlite3_reset(first_.get());
  return !found;
}

void RawStore::execute(const std::string& sql) {
  if (sqlite3_exec(database_.get(), sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK) return;
  throw std::runtime_error(sql + ": " + sqlite3_errmsg(database_.get()));
}

RawStore::Statement RawStore::prepare(const std::string& sql) {
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v3(database_.get(), sql.c_str(), -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr) !=
      SQLITE_OK) {
    throw std::runtime_error(sql + ": " + sqlite3_errmsg(database_.get()));
  }
  return Statement(statement);
}

void RawStore::run(sqlite3_stmt* statement) {
  while (step(statement)) {}
  sqlite3_reset(statement);
}

bool RawStore::step(sqlite3_stmt* statement) {
  const int result = sqlite3_step(statement);
  if (result == SQLITE_ROW) return true;
  if (result == SQLITE_DONE) return false;
  throw std::runtime_error(std::string(sqlite3_sql(statement)) + ": " + sqlite3_errmsg(database_.get()));
}

}  // namespace bench
