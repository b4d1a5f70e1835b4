// SPDX-License-Identifier: MIT
#include <stdexcept>
#include <string>
#include <thread>

#include <boost/test/unit_test.hpp>

#include <ipcm/ipcm.hpp>

#include "shell.hpp"
#include "support/process.hpp"

using test::check_fails;
using test::ipcm_json;
using test::ipcm_ok;
using test::ipcm_run;

BOOST_AUTO_TEST_SUITE(request_command)

BOOST_AUTO_TEST_CASE(a_request_prints_the_reply_and_leaves_other_mail) {
  const test::Route route;
  ipcm_ok({"connect", route.path(), "--as", "boss"});
  ipcm_ok({"send", route.path(), "boss", "1"});
  ipcm_ok({"connect", route.path(), "--as", "clerk"});
  const auto clerk = ipcm::connect("clerk", route.path());
  ipcm::Service service(clerk);
  service.on_request([](const ipcm::Message& asked) { return ipcm::Content(asked.content().get<int>() + 1); });
  std::thread serving([&] { service.run(); });
  BOOST_TEST(ipcm_ok({"request", route.path(), "--as", "boss", "clerk", "41"}) == "42\n");
  const auto reply = ipcm_json({"request", route.path(), "--as", "boss", "clerk", "1"}).at(0);
  BOOST_TEST(reply.at("content") == 2);
  BOOST_TEST(reply.at("from") == "clerk");
  BOOST_TEST(reply.contains("correlation_id"));
  service.stop();
  serving.join();
  BOOST_TEST(ipcm_json({"get", route.path(), "--as", "boss"}).at(0).at("content") == 1);
}

BOOST_AUTO_TEST_CASE(what_goes_wrong_is_said) {
  const test::Route route;
  ipcm_ok({"connect", route.path(), "--as", "clerk"});
  check_fails(ipcm_run({"request", route.path(), "--as", "boss", "nobody", "1"}), 1, "no peer or queue of that name");
  check_fails(ipcm_run({"request", route.path(), "--as", "boss", "clerk", "1", "--timeout", "10ms"}), 1,
              "did not answer in time");
  const auto clerk = ipcm::connect("clerk", route.path());
  ipcm::Service service(clerk);
  service.on_request([](const ipcm::Message&) -> ipcm::Content { throw std::runtime_error("no such order"); });
  std::thread serving([&] { service.run(); });
  check_fails(ipcm_run({"request", route.path(), "--as", "boss", "clerk", "2"}), 1, "no such order");
  service.stop();
  serving.join();
}

BOOST_AUTO_TEST_CASE(a_reply_goes_to_whoever_asked) {
  const test::Route route;
  for (const char* name : {"boss", "clerk"}) ipcm_ok({"connect", route.path(), "--as", name});
  for (int n = 0; n < 3; ++n) {
    ipcm_ok({"send", route.path(), "clerk", "1", "--as", "boss", "--reply-to", "boss", "--correlation-id", "x"});
  }
  const auto take = [&] { return ipcm_ok({"get", route.path(), "--as", "clerk", "--limit", "1", "--json"}); };
  const auto sent = ipcm_run({"reply", route.path(), "--as", "clerk", "2"}, take());
  BOOST_TEST(sent.exit_code == 0);
  BOOST_TEST(ipcm_run({"reply", route.path(), "--as", "clerk", "--error", "no"}, take()).exit_code == 0);
  const auto nameless = ipcm_run({"reply", route.path(), "3"}, take());
  BOOST_TEST(nameless.exit_code == 0);
  const auto replies = ipcm_json({"get", route.path(), "--as", "boss"});
  BOOST_TEST_REQUIRE(replies.size() == 3U);
  BOOST_TEST(replies[0].at("content") == 2);
  BOOST_TEST(replies[0].at("correlation_id") == "x");
  BOOST_TEST(replies[1].at("error") == "no");
  BOOST_TEST(replies[2].at("from") == "_anonymous");
}

BOOST_AUTO_TEST_CASE(a_reply_without_a_request_is_refused) {
  const test::Route route;
  for (const char* name : {"boss", "clerk"}) ipcm_ok({"connect", route.path(), "--as", name});
  ipcm_ok({"send", route.path(), "clerk", "1"});
  const std::string plain = ipcm_ok({"get", route.path(), "--as", "clerk", "--json"});
  check_fails(ipcm_run({"reply", route.path(), "--as", "clerk", "2"}, plain), 1, "does not ask for a reply");
  check_fails(ipcm_run({"reply", route.path(), "--as", "clerk", "2"}, "{}\n"), 1, "ipcm get --json");
  check_fails(ipcm_run({"reply", route.path(), "--as", "clerk", "2"}, ""), 1, "empty");
  check_fails(ipcm_run({"reply", route.path(), "--as", "clerk"}, plain), 2, "--error");
  check_fails(ipcm_run({"reply", route.path(), "--as", "clerk", "2", "--error", "no"}, plain), 2, "either");
}

BOOST_AUTO_TEST_CASE(a_route_is_spawned_with_the_notifier_that_was_asked_for) {
  const test::TemporaryFolder folder;
  for (const char* kind : {"poll", "hook", "socket"}) {
    const std::string path = folder.file(kind);
    ipcm_ok({"spawn", path, "--notifier", kind});
    BOOST_TEST(ipcm_json({"info", path}).at(0).at("notifier").get<std::string>().find(kind) == 0U);
  }
  check_fails(ipcm_run({"spawn", folder.file("x"), "--notifier", "bell"}), 2, "there are auto");
}

BOOST_AUTO_TEST_SUITE_END()
