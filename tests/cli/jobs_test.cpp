// SPDX-License-Identifier: MIT
#include <signal.h>

#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "shell.hpp"
#include "terminal.hpp"

using test::check_fails;
using test::ipcm_json;
using test::ipcm_ok;
using test::ipcm_run;

BOOST_AUTO_TEST_SUITE(jobs)

BOOST_AUTO_TEST_CASE(they_are_shown_with_their_state) {
  const test::Route route;
  ipcm_ok({"queue", "create", route.path(), "mail"});
  ipcm_ok({"send", route.path(), "mail", "{\"n\":1}", "--priority", "7", "--max-attempts", "9"});
  ipcm_ok({"send", route.path(), "mail", "{\"n\":2}"});
  ipcm_ok({"send", route.path(), "mail", "{\"n\":3}", "--delay", "1h"});
  ipcm_ok({"send", route.path(), "mail", "{\"n\":4}", "--group-key", "g", "--delay", "2h"});
  ipcm_ok({"send", route.path(), "mail", "{\"n\":5}", "--group-key", "g"});
  test::Process worker(
      test::ipcm_command({"work", route.path(), "mail", "--once", "--", "sh", "-c", "echo begun; exec sleep 1000"}));
  worker.wait_for_line("begun");
  auto seen = ipcm_json({"jobs", route.path(), "mail"});
  BOOST_CHECK(test::numbers_of(seen) == test::numbers(1, 5));
  BOOST_TEST(seen[0]["state"] == "in flight");
  BOOST_TEST(seen[0]["worker"] == "mail-worker-1");
  BOOST_TEST(seen[0]["worker_lives"] == true);
  BOOST_TEST(seen[0]["attempts"] == 1);
  BOOST_TEST(seen[0]["priority"] == 7);
  BOOST_TEST(seen[0]["lease_left"].get<double>() > 0);
  BOOST_TEST(seen[1]["state"] == "ready");
  BOOST_TEST(seen[2]["state"] == "scheduled");
  BOOST_TEST(seen[2]["due"].is_number());
  BOOST_TEST(seen[4]["due"].is_null());

  const auto lines = test::lines_of(ipcm_ok({"jobs", route.path(), "mail"}));
  BOOST_REQUIRE(lines.size() == 7U);
  BOOST_TEST(lines[1].find("mail-worker-1 for ") != std::string::npos);
  BOOST_TEST(lines[1].find(", lease ") != std::string::npos);
  BOOST_TEST(lines[1].find("1/9") != std::string::npos);
  BOOST_TEST(lines[5].find("after its group") != std::string::npos);
  BOOST_TEST(lines[6] == "mail: 1 in flight, 1 ready, 3 scheduled, 0 dead");

  worker.signal(SIGKILL);
  worker.finish();
  BOOST_TEST(ipcm_json({"jobs", route.path()}).at(0)["worker_lives"] == false);
  BOOST_TEST(ipcm_ok({"jobs", route.path()}).find(", worker died") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_limit_is_kept_and_told) {
  const test::Route route;
  route.fill(1, 3);
  BOOST_TEST(ipcm_json({"jobs", route.path(), "worker", "--limit", "2"}).size() == 2U);
  BOOST_TEST(ipcm_ok({"jobs", route.path(), "--limit", "2"}).find("and more: --limit N") != std::string::npos);
  BOOST_TEST(ipcm_ok({"jobs", route.path(), "--limit", "3"}).find("and more") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(what_has_expired_is_told_until_it_is_removed) {
  const test::Route route;
  ipcm_ok({"queue", "create", route.path(), "mail"});
  ipcm_ok({"send", route.path(), "mail", "1", "--ttl", "1ms"});
  BOOST_TEST(test::lines_of(ipcm_ok({"jobs", route.path(), "mail"})).at(1).find("expired") != std::string::npos);
  BOOST_TEST(ipcm_run({"work", route.path(), "mail", "--once", "--", "true"}).exit_code == 3);
  BOOST_TEST(ipcm_json({"jobs", route.path(), "mail"}).empty());
}

BOOST_AUTO_TEST_CASE(no_line_is_wider_than_what_shows_it) {
  const test::Route route;
  ipcm_ok({"send", route.path(), "worker", "--text", std::string(100'000, 'x') + "\xE6\xBC\xA2"});
  for (const std::string& line : test::lines_of(ipcm_ok({"jobs", route.path()}))) BOOST_TEST(line.size() <= 162U);
  BOOST_TEST(ipcm_json({"jobs", route.path()}).at(0)["content"].get<std::string>().size() == 100'003U);
}

BOOST_AUTO_TEST_CASE(nothing_is_an_answer_and_a_name_that_is_not_there_an_error) {
  const test::Route route;
  ipcm_ok({"queue", "create", route.path(), "mail"});
  BOOST_TEST(ipcm_ok({"jobs", route.path(), "mail"}) ==
             "no jobs in mail\nmail: 0 in flight, 0 ready, 0 scheduled, 0 dead\n");
  BOOST_TEST(ipcm_json({"jobs", route.path()}).empty());
  check_fails(ipcm_run({"jobs", route.path(), "none"}), 1, "none");
}

BOOST_AUTO_TEST_SUITE_END()
