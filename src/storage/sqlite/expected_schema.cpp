// SPDX-License-Identifier: MIT
#include "storage/sqlite/expected_schema.hpp"

#include <mutex>
#include <set>
#include <string_view>

#include <SQLiteCpp/Statement.h>

#include "core/names.hpp"
#include "platform/fork.hpp"
#include "storage/sqlite/schema.hpp"
#include "storage/sqlite/schema_text.hpp"

namespace ipcm::storage::sqlite {
namespace {

constexpr std::string_view kTable = "table ";
constexpr std::string_view kIndex = "index ";

// As SQLite has read the schema: what the rows of sqlite_schema say of themselves may be a lie.
std::set<std::string> indexes_of(SQLite::Database& database, const std::string& table) {
  std::set<std::string> names;
  SQLite::Statement select(database, "SELECT name FROM pragma_index_list(?)");
  select.bind(1, table);
  while (select.executeStep()) names.insert(select.getColumn(0).getString());
  return names;
}

struct Expected {
  explicit Expected(int version) {
    SQLite::Database model(":memory:", SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    for (const Migration& step : kMigrations) {
      if (step.version <= version) model.exec(step.sql);
    }
    objects = schema_of(model);
    for (const auto& [object, sql] : objects) {
      if (!object.starts_with(kTable)) continue;
      const std::string table = object.substr(kTable.size());
      indexes.emplace(table, indexes_of(model, table));
    }
  }

  SchemaObjects objects;
  std::map<std::string, std::set<std::string>> indexes;  // by table
};

// Made when it is first asked for, which takes a millisecond.
const Expected& expected(int version) {
  static auto* turn = new platform::ForkSafeMutex;  // both outlive every client
  static auto* made = new std::map<int, Expected>;
  const std::lock_guard lock(*turn);
  return made->try_emplace(version, version).first->second;
}

}  // namespace

SchemaObjects schema_of(SQLite::Database& database) {
  SchemaObjects objects;
  SQLite::Statement select(database,
                           "SELECT type || ' ' || name, sql FROM sqlite_schema"
                           " WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_stat%'");
  while (select.executeStep()) {
    const std::string sql = select.getColumn(1).getString();
    // SQLite takes no notice of a text that begins otherwise.
    std::string& kept = objects[select.getColumn(0).getString()];
    kept = kept.empty() && sql.starts_with("CREATE ") ? without_comments(sql) : "(not what SQLite takes it for)";
  }
  return objects;
}

const SchemaObjects& expected_schema(int version) {
  return expected(version).objects;
}

std::optional<std::string> difference_in_tables(SQLite::Database& database, int version) {
  const Expected& right = expected(version);
  const SchemaObjects found = schema_of(database);
  for (const auto& [object, sql] : right.objects) {
    if (!object.starts_with(kTable) && !object.starts_with(kIndex)) continue;
    const auto present = found.find(object);
    if (present == found.end()) return "the " + object + " is missing";
    if (present->second != sql) return "the " + object + " is not that of a route";
  }
  for (const auto& [table, indexes] : right.indexes) {
    for (const std::string& index : indexes_of(database, table)) {
      if (!indexes.contains(index)) {
        return "the table " + table + " has a foreign index, " + in_quotes(index) + "; DROP INDEX removes it";
      }
    }
  }
  return std::nullopt;
}

}  // namespace ipcm::storage::sqlite
