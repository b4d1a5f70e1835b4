// SPDX-License-Identifier: MIT
#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "shell.hpp"

using test::check_fails;
using test::ipcm_json;
using test::ipcm_ok;
using test::ipcm_run;

BOOST_AUTO_TEST_SUITE(queue)

BOOST_AUTO_TEST_CASE(a_queue_is_made_once_and_keeps_its_settings) {
  const test::Route route;
  const auto made = ipcm_json({"queue", "create", route.path(), "mail", "--max-attempts", "3", "--backoff", "fixed",
                               "--retry-delay", "1500ms", "--max-retry-delay", "1h", "--dedup-window", "1d"})
                        .at(0);
  BOOST_TEST(made == test::Json::parse(R"({"queue":"mail","paused":false,"max_attempts":3,"backoff":"fixed",
    "retry_delay_ms":1500,"max_retry_delay_ms":3600000,"dedup_window_ms":86400000,"created":true})"));
  BOOST_TEST(ipcm_ok({"queue", "create", route.path(), "mail"}) ==
             "the queue mail was there already and keeps its settings\n");
  const std::string again = ipcm_ok({"queue", "create", route.path(), "mail", "--max-attempts", "7"});
  BOOST_TEST(again.find("ipcm queue settings " + route.path() + " mail") != std::string::npos);
  BOOST_TEST(ipcm_ok({"queue", "create", route.path(), "other"}) == "made the queue other\n");
  BOOST_TEST(ipcm_ok({"queue", "settings", route.path(), "mail"}) ==
             "SETTING          VALUE\n"
             "paused           no\n"
             "max-attempts     3\n"
             "backoff          fixed\n"
             "retry-delay      1500ms\n"
             "max-retry-delay  1h\n"
             "dedup-window     1d\n");
}

BOOST_AUTO_TEST_CASE(what_an_option_names_is_changed_and_nothing_else) {
  const test::Route route;
  ipcm_ok({"queue", "create", route.path(), "mail", "--retry-delay", "9s"});
  ipcm_ok({"queue", "pause", route.path(), "mail"});
  const auto before = ipcm_json({"queue", "settings", route.path(), "mail"}).at(0);
  auto after = ipcm_json({"queue", "settings", route.path(), "mail", "--max-attempts", "0"}).at(0);
  BOOST_TEST(after["max_attempts"] == 0);
  BOOST_TEST(ipcm_json({"queue", "settings", route.path(), "mail"}).at(0) == after);
  after["max_attempts"] = before["max_attempts"];
  BOOST_TEST(after == before);
}

BOOST_AUTO_TEST_CASE(a_list_counts_what_is_in_each) {
  const test::Route route;
  BOOST_TEST(ipcm_ok({"queue", "list", route.path()}).find("ipcm queue create") != std::string::npos);
  ipcm_ok({"queue", "create", route.path(), "mail"});
  ipcm_ok({"queue", "create", route.path(), "empty"});
  ipcm_ok({"send", route.path(), "mail", "1"});
  ipcm_ok({"send", route.path(), "mail", "2", "--delay", "1h"});
  ipcm_ok({"queue", "pause", route.path(), "mail"});
  const auto queues = ipcm_json({"queue", "list", route.path()});
  BOOST_REQUIRE(queues.size() == 2U);
  BOOST_TEST(queues[0]["queue"] == "empty");
  BOOST_TEST(queues[1]["ready"] == 1);
  BOOST_TEST(queues[1]["scheduled"] == 1);
  BOOST_TEST(queues[1]["in_flight"] == 0);
  BOOST_TEST(ipcm_ok({"queue", "list", route.path()}) ==
             "QUEUE  STATE   READY  SCHEDULED  IN FLIGHT  DEAD  WORKERS\n"
             "empty  open        0          0          0     0        0\n"
             "mail   paused      1          1          0     0        0\n");
}

BOOST_AUTO_TEST_CASE(a_paused_queue_gives_nothing_until_it_is_resumed) {
  const test::Route route;
  ipcm_ok({"queue", "create", route.path(), "mail"});
  ipcm_ok({"send", route.path(), "mail", "1"});
  BOOST_TEST(ipcm_json({"queue", "pause", route.path(), "mail"}).at(0)["paused"] == true);
  BOOST_TEST(ipcm_run({"work", route.path(), "mail", "--once", "--", "true"}).exit_code == 3);
  BOOST_TEST(ipcm_ok({"queue", "resume", route.path(), "mail"}) == "mail is open\n");
  BOOST_TEST(ipcm_run({"work", route.path(), "mail", "--once", "--", "true"}).exit_code == 0);
}

BOOST_AUTO_TEST_CASE(what_is_wrong_is_said) {
  const test::Route route;
  check_fails(ipcm_run({"queue"}), 2, "create, list, pause, resume, promote or settings; see ipcm queue --help");
  check_fails(ipcm_run({"queue", "crate", route.path()}), 2, "there is no command 'queue crate', but create, list");
  check_fails(ipcm_run({"queue", "create"}), 2, "ROUTE is required; see ipcm queue create --help");
  check_fails(ipcm_run({"queue", "create", route.path(), "q", "--backoff", "slow"}), 2, "exponential");
  check_fails(ipcm_run({"queue", "create", route.path(), "q", "--max-attempts", "-1"}), 2, "from 0 on");
  check_fails(ipcm_run({"queue", "create", route.path(), "worker"}), 1, "a peer has that name");
  check_fails(ipcm_run({"queue", "create", route.path(), "_q"}), 1, "'_'");
  check_fails(ipcm_run({"queue", "settings", route.path(), "none"}), 1, "none");
  check_fails(ipcm_run({"queue", "pause", route.path(), "worker"}), 1, "not a queue");
}

BOOST_AUTO_TEST_CASE(delayed_jobs_can_be_made_ready) {
  const test::Route route;
  ipcm_ok({"queue", "create", route.path(), "mail"});
  for (const char* id : {"a", "b", "c"}) ipcm_ok({"send", route.path(), "mail", "1", "--id", id, "--delay", "1h"});
  BOOST_TEST(ipcm_ok({"queue", "promote", route.path(), "mail", "b"}) == "1 job of mail made ready\n");
  BOOST_TEST(ipcm_json({"queue", "promote", route.path(), "mail", "--all"}).at(0) ==
             test::Json({{"queue", "mail"}, {"promoted", 2}}));
  BOOST_TEST(ipcm_ok({"queue", "promote", route.path(), "mail", "--all"}) == "0 jobs of mail made ready\n");
  BOOST_TEST(ipcm_json({"queue", "list", route.path()}).at(0)["ready"] == 3);
  check_fails(ipcm_run({"queue", "promote", route.path(), "mail"}), 2, "--all");
  check_fails(ipcm_run({"queue", "promote", route.path(), "mail", "a", "--all"}), 2, "--all");
  check_fails(ipcm_run({"queue", "promote", route.path(), "nobody", "a"}), 1, "nobody");
}

BOOST_AUTO_TEST_SUITE_END()
