// SPDX-License-Identifier: MIT
// What a message says is for its reader: no error, no progress and no note on standard error has any of it, and no
// other output can steer a terminal.
#include <sqlite3.h>

#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "shell.hpp"

using test::ipcm_ok;
using test::ipcm_run;

namespace {

const std::string kSecret = "xyzzy-4711";

void run_sql(const std::string& path, const std::string& sql) {
  sqlite3* database = nullptr;
  BOOST_REQUIRE(sqlite3_open(path.c_str(), &database) == SQLITE_OK);
  BOOST_TEST(sqlite3_exec(database, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK, sqlite3_errmsg(database));
  sqlite3_close(database);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(secrecy)

BOOST_AUTO_TEST_CASE(no_error_has_any_of_a_messages_content) {
  const test::Route route;
  ipcm_ok({"queue", "create", route.path(), "jobs", "--max-attempts", "1"});
  ipcm_ok({"send", route.path(), "worker", "\"" + kSecret + "\"", "--id", "taken"});
  const std::string json = "{\"text\":\"" + kSecret + "\"}";
  const std::string message = ipcm_ok({"peek", route.path(), "--as", "worker", "--json"});
  struct Attempt {
    std::vector<std::string> arguments;
    std::string input;
  };
  const std::vector<Attempt> attempts = {
      {{"send", route.path(), "nobody", json}, ""},
      {{"send", route.path(), "worker", json, "--id", "taken"}, ""},
      {{"send", route.path(), "worker", kSecret}, ""},
      {{"send", route.path(), "worker", "{\"a\":" + kSecret}, ""},
      {{"send", route.path(), "worker", "-"}, "[\"" + kSecret + "\", " + kSecret + "]"},
      {{"send", route.path(), "worker", "-"}, "\"" + kSecret + "\xff\""},
      {{"send", route.path(), "worker", "-", "--text"}, kSecret + "\xff"},
      {{"send", route.path(), "worker", "--lines"}, json + "\n" + kSecret + "\n" + json + "\n"},
      {{"send", route.path(), "nobody", "--lines"}, json + "\n" + json + "\n"},
      {{"broadcast", route.path(), "[" + kSecret}, ""},
      {{"request", route.path(), "--as", "boss", "nobody", json}, ""},
      {{"reply", route.path(), json}, message},
      {{"reply", route.path(), json}, "{\"content\":" + kSecret},
      {{"requeue", route.path(), "--as", "worker"}, message + "\"" + kSecret + "\n"},
      {{"requeue", route.path(), "--as", "worker"}, "{\"content\":\"" + kSecret + "\",,}\n"},
      {{"requeue", route.path(), "--as", "worker"}, "[\"" + kSecret + "\"]\n"},
      {{"schedule", "add", route.path(), "x", "never", "worker", json}, ""},
      {{"work", route.path(), "none", "--once", "--", "true"}, ""},
      {{"dead", "show", route.path(), "77"}, ""},
      {{"spawn", "/nonexistent/" + std::string("x"), "--max-content", "1"}, ""},
  };
  for (const Attempt& attempt : attempts) {
    const test::RunResult result = ipcm_run(attempt.arguments, attempt.input);
    std::string words;
    for (const std::string& word : attempt.arguments) words += word + " ";
    BOOST_TEST_CONTEXT(words << "< " << attempt.input) {
      BOOST_TEST(result.exit_code != 0);
      BOOST_TEST(result.err.find(kSecret) == std::string::npos, result.err);
      BOOST_TEST(result.err.find("xyzzy") == std::string::npos, result.err);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_worker_that_fails_tells_the_reason_and_not_the_content) {
  const test::Route route;
  ipcm_ok({"queue", "create", route.path(), "jobs", "--max-attempts", "1"});
  ipcm_ok({"send", route.path(), "jobs", "-"}, "{\"text\":\"" + kSecret + "\"}");
  const auto result = ipcm_run({"work", route.path(), "jobs", "--once", "--", "sh", "-c", "cat >/dev/null; exit 3"});
  BOOST_TEST((result.out + result.err).find(kSecret) == std::string::npos, result.err);
  BOOST_TEST(ipcm_ok({"dead", "list", route.path()}).find("exit") != std::string::npos);
}

// An argument is seen by everybody who lists processes: so the content can come from the input or from a file.
BOOST_AUTO_TEST_CASE(a_content_need_not_be_an_argument) {
  const test::Route route;
  ipcm_ok({"send", route.path(), "worker", "-"}, "\"" + kSecret + "\"");
  test::write_file(route.file("content"), "\"" + kSecret + "\"");
  ipcm_ok({"send", route.path(), "worker", "@" + route.file("content")});
  BOOST_TEST(test::ipcm_json({"get", route.path(), "--as", "worker"}).size() == 2);
}

BOOST_AUTO_TEST_CASE(nothing_that_a_stranger_wrote_into_a_route_can_steer_a_terminal) {
  const test::Route route;
  route.fill(1, 2);
  ipcm_ok({"queue", "create", route.path(), "jobs"});
  ipcm_ok({"send", route.path(), "jobs", "1"});
  ipcm_ok({"schedule", "add", route.path(), "nightly", "@daily", "jobs"});
  const std::string evil = "CAST(x'1b5d303b6576696c071b5b324a0a0d9b313b' AS TEXT)";  // a title, clear screen, C1
  run_sql(route.path(),
          "PRAGMA ignore_check_constraints = ON;"
          "UPDATE messages SET sender = " +
              evil + ", error = " + evil + ", reply_to = " + evil + ", group_key = " + evil + ", serializer = " + evil +
              " WHERE place % 2 = 0;"
              "UPDATE messages SET sender = " +
              evil + ", id = " + evil +
              " WHERE place % 2 = 1;"
              "UPDATE peers SET host = " +
              evil + "; UPDATE route SET time_zone = " + evil +
              ";"
              "INSERT INTO peers(peer_id, name, state, epoch) VALUES (99, " +
              evil +
              ", 'suspended', 1);"
              "INSERT INTO peers(peer_id, name, state, epoch, kind) VALUES (98, 'q' || " +
              evil +
              ", 'suspended', 1, 'queue');"
              "INSERT INTO dead(recipient, place, id, sender, stamp, broadcast, content, reason, died_at)"
              " VALUES (1, 5, x'00', " +
              evil + ", 1, 0, " + evil + ", " + evil +
              ", 1);"
              "INSERT INTO stats(recipient, sender, sent, read) VALUES (1, " +
              evil +
              ", 1, 0);"
              "CREATE TRIGGER \"" +
              std::string("\x1b[2J") + "\" AFTER INSERT ON dead BEGIN SELECT 1; END;");
  const std::vector<std::vector<std::string>> commands = {
      {"peers", route.path()},
      {"info", route.path()},
      {"stats", route.path()},
      {"check", route.path()},
      {"jobs", route.path()},
      {"queue", "list", route.path()},
      {"dead", "list", route.path()},
      {"dead", "show", route.path(), "1"},
      {"schedule", "list", route.path()},
      {"schedule", "add", route.path(), "hourly", "@hourly", "jobs"},
      {"schedule", "time-zone", route.path()},
      {"broadcast", route.path(), "1"},
      {"forget", route.path(), "\x1b[2J"},
      {"send", route.path(), "\x1b[2J", "1"},
      {"peek", route.path(), "--as", "worker"},
      {"get", route.path(), "--as", "worker"},
      {"work", route.path(), "jobs", "--drain", "--", "true"},
      {"doctor", route.path()},
      {"backup", route.path(), route.file("copy"), "--force"},
      {"salvage", route.path(), route.file("saved")},
      {"dump", route.path(), "-o", route.file("lines"), "--force"},
      {"load", route.file("loaded"), route.file("lines")},
  };
  for (const auto& command : commands) {
    for (const bool json : {false, true}) {
      std::vector<std::string> arguments = command;
      if (json) arguments.insert(arguments.begin() + (command[0] == "work" ? 3 : 1), "--json");
      const test::RunResult result = ipcm_run(arguments);
      BOOST_TEST_CONTEXT(command.front() << (json ? " --json" : "")) {
        BOOST_TEST(result.exit_code < 128);
        const std::string all = result.out + result.err;
        BOOST_TEST(all.find_first_of("\x1b\x07\r") == std::string::npos, all);
        BOOST_TEST(all.find("\x9b") == std::string::npos, all);
        BOOST_TEST(all.find("type_error") == std::string::npos, all);
        BOOST_TEST(all.find("[json.exception") == std::string::npos, all);
      }
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
