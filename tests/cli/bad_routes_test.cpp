// SPDX-License-Identifier: MIT
// Every command on a route that cannot be used: an error that says why, and nothing is changed.
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "shell.hpp"

using test::check_fails;
using test::ipcm_ok;
using test::ipcm_run;

namespace {

/// Every command that wants a route that exists.
std::vector<std::vector<std::string>> commands_on(const std::string& route) {
  return {{"info", route},
          {"connect-info", route},
          {"durability", route},
          {"durability", route, "relaxed"},
          {"connect", route, "--as", "worker"},
          {"suspend", route, "--as", "worker"},
          {"forget", route, "worker"},
          {"peers", route},
          {"send", route, "worker", "1"},
          {"send", route, "--as", "boss", "worker", "1"},
          {"send", route, "worker", "--lines"},
          {"broadcast", route, "1"},
          {"get", route, "--as", "worker"},
          {"get", route, "--as", "worker", "--follow"},
          {"peek", route, "--as", "worker"},
          {"requeue", route, "--as", "worker"},
          {"stats", route},
          {"check", route},
          {"doctor", route, "--accept-loss"},
          {"migrate", route}};
}

void check_all_fail(const std::string& route, const std::string& words) {
  for (const auto& command : commands_on(route)) {
    BOOST_TEST_CONTEXT(command.front() << " on " << route) {
      check_fails(ipcm_run(command), 1, words);
    }
  }
}

void set_version(const std::string& path, int version) {
  sqlite3* database = nullptr;
  BOOST_REQUIRE(sqlite3_open(path.c_str(), &database) == SQLITE_OK);
  const std::string sql = "PRAGMA user_version = " + std::to_string(version);
  BOOST_REQUIRE(sqlite3_exec(database, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK);
  sqlite3_close(database);
}

/// Runs the command as a user who owns nothing; root may write everything.
test::RunResult ipcm_as_somebody_else(const std::vector<std::string>& arguments, const std::string& command) {
  // What counts its coverage complains where it may not write its counts.
  const test::TemporaryFolder counts;
  BOOST_REQUIRE(::chmod(counts.path().c_str(), 0777) == 0);
  std::vector<std::string> words = {"env", "GCOV_PREFIX=" + counts.path().string()};
  if (::geteuid() == 0) words.insert(words.end(), {"setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"});
  words.push_back(command);
  words.insert(words.end(), arguments.begin(), arguments.end());
  return test::run(words);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(bad_routes)

BOOST_AUTO_TEST_CASE(a_route_that_is_missing_is_an_error_and_no_file_is_made) {
  const test::TemporaryFolder folder;
  check_all_fail(folder.file("none"), "`ipcm spawn " + folder.file("none") + "` makes one");
  BOOST_TEST(std::filesystem::is_empty(folder.path()));
}

BOOST_AUTO_TEST_CASE(a_directory_is_not_a_route) {
  const test::TemporaryFolder folder;
  check_all_fail(folder.path().string(), "folder");
  BOOST_TEST(std::filesystem::is_empty(folder.path()));
}

BOOST_AUTO_TEST_CASE(a_foreign_file_is_not_a_route_and_stays_as_it_is) {
  const test::TemporaryFolder folder;
  for (const std::string& bytes : {std::string("hello\n"), std::string(), std::string(5000, '\0')}) {
    const std::string path = folder.file("foreign");
    test::write_file(path, bytes);
    check_all_fail(path, path);
    BOOST_CHECK(test::read_file(path) == bytes);
  }
}

BOOST_AUTO_TEST_CASE(a_route_of_a_newer_version_is_refused_and_stays_as_it_is) {
  const test::Route route;
  set_version(route.path(), 9999);
  const std::string bytes = test::read_file(route.path());
  check_all_fail(route.path(), "9999");
  check_fails(ipcm_run({"spawn", route.path()}), 1, "9999");
  BOOST_CHECK(test::read_file(route.path()) == bytes);
}

BOOST_AUTO_TEST_CASE(a_connection_info_that_is_wrong_is_an_error) {
  for (const char* info : {"[", "[]", R"(["SQLite","JSON"])", R"(["SQLite","JSON",1])", R"(["SQLite","JSON",""])"}) {
    check_all_fail(info, "connection info");
  }
  check_fails(ipcm_run({"peers", R"(["Telepathy","JSON","/x"])"}), 1, "Telepathy");
  check_fails(ipcm_run({"peers", ""}), 1, "empty");
  const test::Route route;
  check_fails(ipcm_run({"send", R"(["SQLite","YAML",")" + route.path() + "\"]", "worker", "1"}), 1, "YAML");
}

BOOST_AUTO_TEST_CASE(a_route_that_may_not_be_written_is_an_error) {
  const test::Route route;
  route.fill(1, 2);
  namespace fs = std::filesystem;
  const std::string command = route.file("ipcm-copy");
  fs::copy_file(IPCM_TEST_COMMAND, command);
  BOOST_REQUIRE(::chmod(command.c_str(), 0755) == 0);
  BOOST_REQUIRE(::chmod(route.path().c_str(), 0444) == 0);
  BOOST_REQUIRE(::chmod(route.folder().path().c_str(), 0555) == 0);
  for (const auto& arguments : {std::vector<std::string>{"send", route.path(), "worker", R"({"n":3})"},
                                {"get", route.path(), "--as", "worker"},
                                {"connect", route.path(), "--as", "new"},
                                {"spawn", route.path()},
                                {"unspawn", route.path()}}) {
    BOOST_TEST_CONTEXT(arguments.front()) {
      check_fails(ipcm_as_somebody_else(arguments, command), 1, route.path());
    }
  }
  const std::string elsewhere = route.file("new.ipcm");
  check_fails(ipcm_as_somebody_else({"spawn", elsewhere}, command), 1, elsewhere);
  BOOST_REQUIRE(::chmod(route.folder().path().c_str(), 0755) == 0);
  BOOST_REQUIRE(::chmod(route.path().c_str(), 0644) == 0);
  BOOST_CHECK(route.waiting() == test::numbers(1, 2));
}

BOOST_AUTO_TEST_SUITE_END()
