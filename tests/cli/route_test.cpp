// SPDX-License-Identifier: MIT
// The commands that look at a route as a whole.
#include <sqlite3.h>

#include <string>

#include <boost/test/unit_test.hpp>

#include "shell.hpp"

using test::check_fails;
using test::ipcm_json;
using test::ipcm_ok;
using test::ipcm_run;

namespace {

void run_sql(const std::string& path, const char* sql) {
  sqlite3* database = nullptr;
  BOOST_REQUIRE(sqlite3_open(path.c_str(), &database) == SQLITE_OK);
  BOOST_REQUIRE(sqlite3_exec(database, sql, nullptr, nullptr, nullptr) == SQLITE_OK);
  sqlite3_close(database);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(route)

BOOST_AUTO_TEST_CASE(info_describes_the_route) {
  const test::Route route;
  route.fill(1, 3);
  const auto info = ipcm_json({"info", route.path()}).at(0);
  BOOST_TEST(info["route"] == route.path());
  BOOST_TEST(info["protocol"] == "SQLite");
  BOOST_TEST(info["durability"] == "full");
  BOOST_TEST(info["peers"] == 2);
  BOOST_TEST(info["queued"] == 3);
  BOOST_TEST(info["dead"] == 0);
  BOOST_TEST(info["max_content"] == 64 << 20);
  BOOST_TEST(info["file_bytes"].get<int>() > 0);
  BOOST_TEST(info["engine"].get<std::string>().starts_with("SQLite "));
  for (const char* member :
       {"id", "schema_version", "created_at", "wal_bytes", "wal_pinned_bytes", "wal_pinned_by", "notifier"}) {
    BOOST_TEST(info.contains(member), member);
  }
  const std::string text = ipcm_ok({"info", route.path()});
  BOOST_TEST(text.starts_with("route        " + route.path() + "\n"));
  BOOST_TEST(text.find("\nqueued       3\n") != std::string::npos);
  BOOST_TEST(text.find("\nmax content  64 MiB\n") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(connect_info_is_all_that_another_process_needs) {
  const test::Route route;
  const std::string info = ipcm_ok({"connect-info", route.path()});
  BOOST_TEST(info == test::Json({"SQLite", "JSON", route.path()}).dump() + "\n");
  BOOST_TEST(ipcm_ok({"connect-info", route.path(), "--json"}) == info);
  ipcm_ok({"send", info, "worker", R"({"n":1})"});
  BOOST_TEST(ipcm_ok({"get", info, "--as", "worker", "--json"}).find(R"({"n":1})") != std::string::npos);
  check_fails(ipcm_run({"connect-info", route.path(), "--serializer", "YAML"}), 1, "JSON");
  check_fails(ipcm_run({"connect-info", route.file("none")}), 1, "ipcm spawn");
}

BOOST_AUTO_TEST_CASE(stats_are_true_for_every_pair) {
  const test::Route route;
  route.fill(1, 5);
  ipcm_ok({"send", route.path(), "worker", R"({"n":6})"});
  ipcm_ok({"get", route.path(), "--as", "worker", "--limit", "2"});
  BOOST_TEST(ipcm_ok({"stats", route.path()}) ==
             "FROM        TO      SENT  READ  UNREAD\n"
             "_anonymous  worker     1     0       1\n"
             "boss        worker     5     2       3\n");
  const auto peers = ipcm_json({"stats", route.path()});
  BOOST_TEST(test::Json(peers) == test::Json::parse(R"([{"peer":"_anonymous","sent":{"worker":1},"read":{}},
                                                        {"peer":"boss","sent":{"worker":5},"read":{}},
                                                        {"peer":"worker","sent":{},"read":{"boss":2}}])"));
  BOOST_TEST(ipcm_json({"stats", route.path(), "--as", "worker"}).at(0) == peers.at(2));
  BOOST_TEST(ipcm_ok({"stats", route.path(), "--as", "boss"}) ==
             "FROM  TO      SENT  READ  UNREAD\n"
             "boss  worker     5     2       3\n");
  check_fails(ipcm_run({"stats", route.path(), "--as", "nobody"}), 1, "nobody");
}

BOOST_AUTO_TEST_CASE(stats_of_a_name_that_is_active_elsewhere_are_shown_too) {
  const test::Route route;
  test::Process follower(test::ipcm_command({"get", route.path(), "--as", "worker", "--follow"}));
  BOOST_TEST(test::eventually([&] { return route.peer("worker")["state"] == "active"; }));
  BOOST_TEST(ipcm_ok({"stats", route.path(), "--as", "worker"}) == "nothing was sent yet\n");
}

BOOST_AUTO_TEST_CASE(check_says_what_was_verified) {
  const test::Route route;
  route.fill(1, 3);
  const std::string text = ipcm_ok({"check", route.path()});
  BOOST_TEST(text.starts_with("ok: the file is whole"));
  BOOST_TEST(text.find("3 messages held, 1 pair, 2 inboxes") != std::string::npos);
  BOOST_TEST(
      ipcm_json({"check", route.path()}).at(0) ==
      test::Json::parse(R"({"ok":true,"problems":[],"messages_checked":3,"pairs_checked":1,"inboxes_checked":2})"));
}

BOOST_AUTO_TEST_CASE(check_reports_each_problem_and_fails) {
  const test::Route route;
  route.fill(1, 3);
  run_sql(route.path(), "DELETE FROM messages WHERE place = (SELECT min(place) FROM messages)");
  const auto text = ipcm_run({"check", route.path()});
  BOOST_TEST(text.exit_code == 1);
  BOOST_TEST(text.out.starts_with("problem: "));
  BOOST_TEST(text.err.starts_with("ipcm: 1 problem in " + route.path()));
  const auto json = ipcm_run({"check", route.path(), "--json"});
  BOOST_TEST(json.exit_code == 1);
  BOOST_TEST(json.err == "");
  const auto report = test::objects_of(json.out).at(0);
  BOOST_TEST(report["ok"] == false);
  BOOST_TEST(report["problems"].size() == 1U);
}

BOOST_AUTO_TEST_CASE(durability_is_shown_and_changed) {
  const test::Route route;
  BOOST_TEST(ipcm_ok({"durability", route.path()}) == "full\n");
  BOOST_TEST(ipcm_ok({"durability", route.path(), "relaxed"}) == "relaxed\n");
  BOOST_TEST(ipcm_json({"durability", route.path(), "volatile"}).at(0) ==
             test::Json({{"route", route.path()}, {"durability", "volatile"}}));
  BOOST_TEST(ipcm_json({"info", route.path()}).at(0)["durability"] == "volatile");
  route.fill(1, 2);
  BOOST_CHECK(route.waiting() == test::numbers(1, 2));
}

BOOST_AUTO_TEST_CASE(migrate_says_that_a_new_route_is_up_to_date) {
  const test::Route route;
  BOOST_TEST(ipcm_ok({"migrate", route.path()}).starts_with(route.path() + " is up to date: schema version "));
  const auto migration = ipcm_json({"migrate", route.path()}).at(0);
  BOOST_TEST(migration["route"] == route.path());
  BOOST_TEST(migration["from_version"] == migration["to_version"]);
}

BOOST_AUTO_TEST_SUITE_END()
