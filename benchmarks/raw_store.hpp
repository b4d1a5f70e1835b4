// SPDX-License-Identifier: MIT
// The baseline: the same table by the plain C interface of SQLite, prepared statements and nothing else. It knows no
// peers, no states, no books, no order beyond the key's, no wake-ups, and does not look at what it carries.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace bench {

enum class Sync { relaxed, full };

class RawStore {
 public:
  /// Opens the file, and makes it if there is none, with the settings of a route. A table is an inbox.
  RawStore(const std::filesystem::path& file, Sync sync, const std::string& table = "messages");

  void begin() { run(begin_.get()); }
  void commit() { run(commit_.get()); }

  /// Inserts at the end, inside a transaction. One process only: the place comes from a counter in memory.
  void insert(std::string_view content);
  /// The same where others insert, too: SQLite finds the place.
  void insert_shared(std::string_view content);
  /// The same at a place of the caller's.
  void insert_at(std::int64_t place, std::string_view content);

  /// Reads and deletes the oldest, in a transaction of its own; returns how many. The contents are copied out, and the
  /// last of them can be looked at.
  std::size_t take(std::size_t limit);
  const std::string& last_content() const { return last_content_; }

  bool empty();

 private:
  struct CloseDatabase {
    void operator()(sqlite3* database) const { sqlite3_close_v2(database); }
  };
  struct FinalizeStatement {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  using Statement = std::unique_ptr<sqlite3_stmt, FinalizeStatement>;

  void execute(const std::string& sql);
  Statement prepare(const std::string& sql);
  void run(sqlite3_stmt* statement);
  bool step(sqlite3_stmt* statement);
  void insert_bound(std::string_view content);

  std::unique_ptr<sqlite3, CloseDatabase> database_;
  Statement begin_, commit_, insert_, select_, remove_, first_;
  std::int64_t place_ = 0;
  std::uint64_t id_ = 0;
  std::string last_content_;
};

}  // namespace bench
