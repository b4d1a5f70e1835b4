// SPDX-License-Identifier: MIT
#include "integration/sqlite_shell.hpp"

#include <unistd.h>

#include <cstdlib>
#include <sstream>
#include <stdexcept>

namespace test {
namespace {

const std::string kEndOfAnswer = "-- end of answer";

}  // namespace

boost::test_tools::assertion_result has_sqlite_shell(boost::unit_test::test_unit_id) {
  std::istringstream folders(std::getenv("PATH"));
  for (std::string folder; std::getline(folders, folder, ':');) {
    if (access((folder + "/sqlite3").c_str(), X_OK) == 0) return true;
  }
  boost::test_tools::assertion_result none(false);
  none.message() << "there is no sqlite3 shell on this machine";
  return none;
}

SqliteShell::SqliteShell(const std::string& path)
    : process_({"sqlite3", "-batch", "-bail", "-cmd", ".timeout 30000", path}) {}

std::vector<std::string> SqliteShell::ask(const std::string& sql) {
  begin(sql);
  return finish();
}

void SqliteShell::begin(const std::string& sql) {
  process_.write(sql + ";\nSELECT '" + kEndOfAnswer + "';\n");
}

std::vector<std::string> SqliteShell::finish() {
  std::vector<std::string> lines;
  while (auto line = process_.read_line()) {
    if (*line == kEndOfAnswer) return lines;
    lines.push_back(*line);
  }
  throw std::runtime_error("the sqlite3 shell ended: " + process_.finish().err);
}

}  // namespace test
