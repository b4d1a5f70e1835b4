// SPDX-License-Identifier: MIT
#include "support/faults/old_route.hpp"

#include <sqlite3.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <stdexcept>
#include <vector>

#include "support/temporary_folder.hpp"

namespace test {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> migrations_up_to(int version) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(fs::path(IPCM_TEST_SOURCE_DIR) / "migrations")) {
    if (entry.path().extension() == ".sql") files.push_back(entry.path());
  }
  std::ranges::sort(files);
  std::vector<std::string> texts;
  for (int n = 0; n < version; ++n) texts.push_back(read_file(files.at(static_cast<std::size_t>(n)).string()));
  return texts;
}

}  // namespace

void make_old_route(const std::string& path, int version) {
  std::string sql =
      "PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL; PRAGMA application_id = 1768973165; BEGIN;";
  for (const std::string& migration : migrations_up_to(version)) sql += migration;
  sql += "INSERT INTO route VALUES (1, 'an-id', 1.5, 'full', 1000000" + std::string(version > 1 ? ", 'auto'" : "") +
         ");"
         "INSERT INTO peers(name, state, epoch) VALUES ('worker', 'suspended', 1), ('witness', 'suspended', 1),"
         " ('bystander', 'suspended', 1);"
         "INSERT INTO send(sender, recipient, content) VALUES ('boss', 'worker', '{\"n\":1}'),"
         " ('boss', 'worker', json_quote(printf('%.*c', 20000, 'x'))), ('boss', 'worker', '3');"
         "PRAGMA user_version = " +
         std::to_string(version) + "; COMMIT;";
  sqlite3* database = nullptr;
  const bool opened = sqlite3_open(path.c_str(), &database) == SQLITE_OK;
  const bool made = opened && sqlite3_exec(database, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK;
  const std::string problem = sqlite3_errmsg(database);
  sqlite3_close(database);
  if (!made) throw std::runtime_error("cannot make a route of version " + std::to_string(version) + ": " + problem);
  chmod(path.c_str(), 0600);
}

}  // namespace test
