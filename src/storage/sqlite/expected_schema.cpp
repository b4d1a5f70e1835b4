// SPDX-License-Identifier: MIT
#include "storage/sqlite/expected_schema.hpp"

#include <algorithm>
#include <span>
#include <string_view>
#include <utility>

#include <SQLiteCpp/Statement.h>

#include "core/names.hpp"
#include "storage/sqlite/schema.hpp"
#include "storage/sqlite/schema_text.hpp"
#include "storage/sqlite/statement.hpp"

namespace ipcm::storage::sqlite {
namespace {

using Objects = std::span<const SchemaObject>;

constexpr std::string_view kTable = "table";
constexpr std::string_view kIndex = "index";

// A version beyond those that the library knows is as its last one.
Objects expected_objects(int version) {
  const auto after = std::ranges::upper_bound(kSchemaVersions, version, {}, &SchemaVersion::version);
  return after == kSchemaVersions.begin() ? Objects() : std::prev(after)->objects;
}

Objects::iterator find(Objects objects, std::string_view type, std::string_view name) {
  const auto key = [](const SchemaObject& object) {
    return std::pair(std::string_view(object.type), std::string_view(object.name));
  };
  const auto found = std::ranges::lower_bound(objects, std::pair(type, name), {}, key);
  return found != objects.end() && key(*found) == std::pair(type, name) ? found : objects.end();
}

// The text to the letter is compared first: it is what nearly every route has, and taking comments out costs more than
// all else that is done to open a route. SQLite takes no notice of a text that begins otherwise.
bool is_same_sql(std::string_view found, std::string_view expected) {
  if (found == expected) return true;
  return found.starts_with("CREATE ") && without_comments(found) == without_comments(expected);
}

std::string name_of(std::string_view type, std::string_view name) {
  return std::string(type).append(" ").append(name);
}

bool is_of_table(std::string_view object) {
  return object.starts_with(name_of(kTable, "")) || object.starts_with(name_of(kIndex, ""));
}

// As SQLite has read the schema: what the rows of sqlite_schema say of themselves may be a lie. Those of the tables'
// own constraints are as the text of the table says.
std::optional<std::string> foreign_index(SQLite::Database& database, Objects expected) {
  for (const SchemaObject& table : expected) {
    if (table.type != kTable) continue;
    SQLite::Statement select(database, "SELECT name FROM pragma_index_list(?) WHERE origin = 'c'");
    select.bind(1, table.name);
    while (select.executeStep()) {
      const std::string index = select.getColumn(0).getString();
      const auto own = find(expected, kIndex, index);
      if (own != expected.end() && std::string_view(own->table) == table.name) continue;
      return "the table " + std::string(table.name) + " has a foreign index, " + in_quotes(index) +
             "; DROP INDEX removes it";
    }
  }
  return std::nullopt;
}

}  // namespace

SchemaDifference difference_in_schema(SQLite::Database& database, int version) {
  const Objects expected = expected_objects(version);
  std::vector<bool> seen(expected.size());
  SchemaDifference difference;
  SQLite::Statement rows(database, "SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL");
  while (rows.executeStep()) {
    const std::string_view type = bytes_of(rows.getColumn(0));
    const std::string_view name = bytes_of(rows.getColumn(1));
    const auto own = find(expected, type, name);
    if (own == expected.end()) {
      difference.foreign.push_back(name_of(type, name));
      continue;
    }
    const auto at = static_cast<std::size_t>(own - expected.begin());
    if (seen[at] || !is_same_sql(bytes_of(rows.getColumn(2)), own->sql)) {
      difference.changed.push_back(name_of(type, name));
    }
    seen[at] = true;
  }
  for (std::size_t at = 0; at < expected.size(); ++at) {
    if (!seen[at]) difference.missing.push_back(name_of(expected[at].type, expected[at].name));
  }
  return difference;
}

std::optional<std::string> difference_in_tables(SQLite::Database& database, int version) {
  const SchemaDifference difference = difference_in_schema(database, version);
  for (const std::string& object : difference.missing) {
    if (is_of_table(object)) return "the " + object + " is missing";
  }
  for (const std::string& object : difference.changed) {
    if (is_of_table(object)) return "the " + object + " is not that of a route";
  }
  // Where each row is the library's own, there is no index but the library's.
  if (difference.foreign.empty() && difference.changed.empty()) return std::nullopt;
  return foreign_index(database, expected_objects(version));
}

}  // namespace ipcm::storage::sqlite
