// SPDX-License-Identifier: MIT
#include "storage/sqlite/route_record.hpp"

#include <string_view>

#include <SQLiteCpp/Statement.h>

#include <ipcm/content.hpp>
#include <ipcm/durability.hpp>
#include <ipcm/error.hpp>
#include <ipcm/notifier_kind.hpp>

#include "core/names.hpp"
#include "storage/sqlite/expected_schema.hpp"
#include "storage/sqlite/schema.hpp"

namespace ipcm::storage::sqlite {
namespace {

// The words in the columns of the record: stored in every route, where a CHECK of the table lists them.
template <typename Parse>
void require_word(Parse parse, const std::string& word, std::string_view column, const RoutePath& path) {
  try {
    parse(word);
  } catch (const Error&) {
    throw_damaged(path, "its " + std::string(column) + " is " + in_quotes(word));
  }
}

void require_sane(const NewRoute& record, std::int64_t max_content, const RoutePath& path) {
  if (record.id.empty() || record.id.size() > kMaxNameBytes) throw_damaged(path, "it has no id");
  require_word(parse_durability, record.durability, "durability", path);
  require_word(parse_notifier_kind, record.notifier, "notifier", path);
  if (max_content < 1 || max_content > static_cast<std::int64_t>(kHighestMaxContent)) {
    throw_damaged(path, "its max_content is " + std::to_string(max_content));
  }
}

}  // namespace

int current_schema_version() noexcept {
  return kMigrations.back().version;
}

void throw_too_new(const RoutePath& path, int version) {
  throw Error(ErrorCode::RouteTooNew, "the route " + path.database() + " has schema version " +
                                          std::to_string(version) + "; this library knows versions up to " +
                                          std::to_string(current_schema_version()) +
                                          ". Use a newer ipcm; the file was left as it is.");
}

void throw_damaged(const RoutePath& path, const std::string& why) {
  throw Error(ErrorCode::RouteDamaged,
              "the route " + path.database() + " is damaged, or somebody changed what is not theirs: " + why + ".");
}

void require_own_tables(SQLite::Database& database, const RoutePath& path, int version) {
  if (const auto difference = difference_in_tables(database, version)) throw_damaged(path, *difference);
}

void insert_route_record(SQLite::Database& database, const NewRoute& route) {
  SQLite::Statement insert(database,
                           "INSERT INTO route(only_row, route_id, created_at, durability, max_content, notifier,"
                           " time_zone, secure_delete) VALUES (1, ?, ?, ?, ?, ?, ?, ?)");
  insert.bind(1, route.id);
  insert.bind(2, route.created_at);
  insert.bind(3, route.durability);
  insert.bind(4, static_cast<std::int64_t>(route.max_content));
  insert.bind(5, route.notifier);
  insert.bind(6, route.time_zone);
  insert.bind(7, route.secure_delete ? 1 : 0);
  insert.exec();
}

NewRoute read_route_record(SQLite::Database& database, const RoutePath& path) {
  SQLite::Statement select(database,
                           "SELECT route_id, created_at, durability, max_content, notifier, time_zone, secure_delete"
                           " FROM route");
  if (!select.executeStep()) throw_damaged(path, "its record of itself is missing");
  const std::int64_t max_content = select.getColumn(3).getInt64();
  NewRoute record{select.getColumn(0).getString(),  select.getColumn(1).getDouble(),
                  select.getColumn(2).getString(),  static_cast<std::uint64_t>(max_content),
                  select.getColumn(4).getString(),  select.getColumn(5).getString(),
                  select.getColumn(6).getInt() != 0};
  require_sane(record, max_content, path);
  return record;
}

void update_durability(SQLite::Database& database, const std::string& durability) {
  SQLite::Statement update(database, "UPDATE route SET durability = ?");
  update.bind(1, durability);
  update.exec();
}

}  // namespace ipcm::storage::sqlite
