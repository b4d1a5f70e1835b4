// SPDX-License-Identifier: MIT
#include <boost/test/unit_test.hpp>

#include "shell.hpp"

using test::check_fails;
using test::ipcm_json;
using test::ipcm_ok;
using test::ipcm_run;

BOOST_AUTO_TEST_SUITE(schedule)

BOOST_AUTO_TEST_CASE(a_schedule_is_added_listed_and_removed) {
  const test::Route route;
  ipcm_ok({"queue", "create", route.path(), "backups"});
  ipcm_ok({"schedule", "time-zone", route.path(), "Europe/Berlin"});
  const auto added = ipcm_json({"schedule", "add", route.path(), "nightly", "30 2 * * *", "backups", R"({"full":true})",
                                "--missed", "skip", "--priority", "6"});
  BOOST_TEST(added.at(0).at("time_zone") == "Europe/Berlin");
  const auto listed = ipcm_json({"schedule", "list", route.path()});
  BOOST_REQUIRE(listed.size() == 1U);
  BOOST_TEST(listed[0].at("name") == "nightly");
  BOOST_TEST(listed[0].at("recurrence") == "30 2 * * *");
  BOOST_TEST(listed[0].at("to") == "backups");
  BOOST_TEST(listed[0].at("missed") == "skip");
  BOOST_TEST(listed[0].at("content") == (test::Json{{"full", true}}));
  BOOST_TEST(listed[0].at("next_due") == added[0].at("next_due"));
  BOOST_TEST(ipcm_ok({"schedule", "list", route.path()}).find("by the clock of Europe/Berlin") != std::string::npos);
  BOOST_TEST(ipcm_json({"jobs", route.path(), "backups"}).size() == 1U);
  ipcm_ok({"schedule", "remove", route.path(), "nightly"});
  BOOST_TEST(ipcm_json({"schedule", "list", route.path()}).empty());
  check_fails(ipcm_run({"schedule", "remove", route.path(), "nightly"}), 1, "no schedule nightly");
}

BOOST_AUTO_TEST_CASE(what_is_due_reaches_a_worker) {
  const test::Route route;
  ipcm_ok({"queue", "create", route.path(), "checks"});
  ipcm_ok({"schedule", "add", route.path(), "beat", "every 1s", "checks", "--text", "now"});
  ipcm_ok({"queue", "create", route.path(), "seen"});
  // --once would not wait for it.
  while (ipcm_json({"jobs", route.path(), "seen"}).empty()) {
    ipcm_ok({"work", route.path(), "checks", "--text", "--drain", "--results", "seen", "--", "cat"});
  }
  BOOST_TEST(ipcm_json({"jobs", route.path(), "seen"})[0].at("content") == "now");
}

BOOST_AUTO_TEST_CASE(what_makes_no_sense_is_refused_with_the_reason) {
  const test::Route route;
  ipcm_ok({"queue", "create", route.path(), "checks"});
  check_fails(ipcm_run({"schedule", "add", route.path(), "s", "99 * * * *", "checks"}), 1, "minute");
  check_fails(ipcm_run({"schedule", "add", route.path(), "s", "@daily", "nobody"}), 1, "nobody");
  check_fails(ipcm_run({"schedule", "add", route.path(), "s", "@daily", "checks", "--missed", "often"}), 2, "once");
  check_fails(ipcm_run({"schedule", "time-zone", route.path(), "Europe/Atlantis"}), 1, "Atlantis");
  BOOST_TEST(ipcm_ok({"schedule", "list", route.path()}).find("no schedules") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
