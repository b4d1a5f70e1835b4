// SPDX-License-Identifier: MIT
// Instance method `try_message` in its 5 forms. That it throws in the wrong process: wrong_process_test.cpp.
#include <map>

#include "conformance.hpp"

using ipcm::MessageFields;

CONFORMANCE_TEST(trying_sends_in_five_forms_and_tests_true) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  const auto message = boss->build_message("worker", 1);
  BOOST_TEST(test::code_of(boss->try_message(message)) == "ok");
  BOOST_TEST(test::code_of(boss->try_message(message, {.content = 2, .id = "second"})) == "ok");
  BOOST_TEST(test::code_of(boss->try_message("worker", 3)) == "ok");
  BOOST_TEST(test::code_of(boss->try_message("worker", 4, {.id = "fourth"})) == "ok");
  BOOST_TEST(test::code_of(boss->try_message(MessageFields{.to = "worker", .content = 5})) == "ok");
  BOOST_TEST(test::contents(worker->get_messages()) == "[1,2,3,4,5]");
}

CONFORMANCE_TEST_WHERE(protocol.has_store, every_refusal_is_a_return_value_with_code_and_text) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  make_disconnected("left");
  connect("late")->suspend(std::chrono::hours(1));
  clock()->advance(std::chrono::hours(2));
  boss->send_message("worker", 1, {.id = "held"});
  const auto built = boss->build_message("nobody", 1);
  const std::vector<std::pair<std::string, ipcm::Outcome>> refused = {
      {"UnknownPeer", boss->try_message("nobody", 1)},
      {"UnknownPeer", boss->try_message(built)},
      {"UnknownPeer", boss->try_message(built, {.content = 2})},
      {"UnknownPeer", boss->try_message(MessageFields{.to = "nobody"})},
      {"PeerDisconnected", boss->try_message("left", 1)},
      {"PeerGone", boss->try_message("late", 1)},
      {"InvalidName", boss->try_message("_x", 1)},
      {"InvalidMessage", boss->try_message(MessageFields{.content = 1})},
      {"InvalidMessage", boss->try_message("worker", "\xff")},
      {"InvalidMessage", boss->try_message("worker", 1, {.id = ""})},
      {"DuplicateMessage", boss->try_message("worker", 1, {.id = "held"})},
  };
  for (const auto& [expected, outcome] : refused) {
    BOOST_TEST(test::code_of(outcome) == expected);
    if (!outcome) BOOST_TEST(std::string(outcome.error().what()) != "");
  }
  BOOST_TEST(worker->get_messages().size() == 1);
}

CONFORMANCE_TEST(a_refusal_is_a_return_value_with_code_and_text) {
  const auto boss = connect("boss");
  make_disconnected("left");
  for (const auto& [peer, expected] : std::map<std::string, std::string>{
           {"nobody", "UnknownPeer"}, {"left", "PeerDisconnected"}, {"_x", "InvalidName"}}) {
    const ipcm::Outcome outcome = boss->try_message(peer, 1);
    BOOST_TEST(test::code_of(outcome) == expected);
    BOOST_TEST(std::string(outcome.error().what()) != "");
  }
}

CONFORMANCE_TEST(a_client_that_left_cannot_send_and_says_so_without_throwing) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  boss->disconnect();
  BOOST_TEST(test::code_of(boss->try_message("worker", 1)) == "Disconnected");
  const auto back = come_back("boss");
  rest(*back);
  BOOST_TEST(test::code_of(back->try_message("worker", 1)) == "Disconnected");
  BOOST_TEST(!worker->have_ready_messages());
}

CONFORMANCE_TEST(a_route_that_is_gone_is_a_return_value_too) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  store().unspawn();
  BOOST_TEST(test::code_of(boss->try_message("worker", 1)) == "RouteGone");
}
