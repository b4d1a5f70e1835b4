// SPDX-License-Identifier: MIT
// Writes a C++ source with every object of a route's schema, for each version of it: what SQLite makes of the
// migrations, and for the newest one of schema.sql, which is to the letter what new routes have.
// Run while the library is built: ipcm_schema_objects OUTPUT SCHEMA.sql MIGRATION.sql...
#include <sqlite3.h>

#include <fstream>
#include <iostream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

class Database {
 public:
  Database() { require(sqlite3_open(":memory:", &handle_)); }
  ~Database() { sqlite3_close(handle_); }
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  void run(const std::string& sql) { require(sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr)); }

  /// One line of the source for each object, sorted by type and name.
  std::string objects() {
    std::string lines;
    const auto add_line = [](void* into, int, char** values, char**) {
      auto& text = *static_cast<std::string*>(into);
      text.append("    {\"").append(values[0]).append("\", \"").append(values[1]).append("\", \"").append(values[2]);
      text.append("\", R\"~sql~(").append(values[3]).append(")~sql~\"},\n");
      return 0;
    };
    const char* const select =
        "SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY type, name";
    require(sqlite3_exec(handle_, select, add_line, &lines, nullptr));
    return lines;
  }

 private:
  void require(int result) {
    if (result != SQLITE_OK) throw std::runtime_error(sqlite3_errmsg(handle_));
  }

  sqlite3* handle_ = nullptr;
};

std::string read(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  if (!text) throw std::runtime_error("cannot read " + path);
  return text.str();
}

void write_source(std::ostream& out, const std::string& schema, const std::vector<std::string>& migrations) {
  Database migrated;
  Database current;
  current.run(read(schema));
  std::string versions;
  out << "// Generated from the migrations and schema.sql.\n#include \"storage/sqlite/schema.hpp\"\n\n"
      << "namespace ipcm::storage::sqlite {\nnamespace {\n\n";
  for (std::size_t version = 1; version <= migrations.size(); ++version) {
    migrated.run(read(migrations[version - 1]));
    const std::string number = std::to_string(version);
    out << "const SchemaObject kObjects" << number << "[] = {\n"
        << (version < migrations.size() ? migrated : current).objects() << "};\n\n";
    versions += "    {" + number + ", kObjects" + number + "},\n";
  }
  out << "const SchemaVersion kVersions[] = {\n"
      << versions << "};\n\n}  // namespace\n\n"
      << "const std::span<const SchemaVersion> kSchemaVersions{kVersions};\n\n}  // namespace ipcm::storage::sqlite\n";
}

}  // namespace

int main(int count, char** arguments) {
  try {
    if (count < 4) throw std::runtime_error("usage: ipcm_schema_objects OUTPUT SCHEMA.sql MIGRATION.sql...");
    std::ofstream out(arguments[1]);
    write_source(out, arguments[2], {arguments + 3, arguments + count});
    out.close();
    if (!out) throw std::runtime_error("cannot write " + std::string(arguments[1]));
    return 0;
  } catch (const std::exception& failure) {
    std::cerr << arguments[0] << ": " << failure.what() << '\n';
    return 1;
  }
}
