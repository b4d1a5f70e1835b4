// SPDX-License-Identifier: MIT
// Client::forget(): removes a peer that is not active, with its mail.
#include "conformance.hpp"

CONFORMANCE_TEST_WHERE(protocol.has_store, a_forgotten_peer_is_unknown_and_its_mail_is_gone) {
  const auto boss = connect("boss");
  make_suspended("worker");
  boss->send_message("worker", 1);
  boss->forget("worker");
  BOOST_TEST(!boss->peer_exists("worker"));
  BOOST_TEST(test::joined(boss->peers()) == "");
  CHECK_ERROR(UnknownPeer, boss->send_message("worker", 2));
  CHECK_ERROR(UnknownPeer, reconnect("worker"));
  BOOST_TEST(test::contents(connect("worker")->get_messages()) == "[]");
}

CONFORMANCE_TEST_WHERE(protocol.has_store, a_peer_in_any_state_but_active_can_be_forgotten) {
  const auto boss = connect("boss");
  make_suspended("suspended");
  make_disconnected("disconnected");
  connect("expired")->suspend(std::chrono::hours(1));
  clock()->advance(std::chrono::hours(2));
  for (const char* name : {"suspended", "disconnected", "expired"}) {
    boss->forget(name);
    BOOST_TEST(!boss->peer_exists(name), name);
  }
}

CONFORMANCE_TEST(a_peer_that_left_can_be_forgotten_and_a_new_one_of_its_name_starts_afresh) {
  const auto boss = connect("boss");
  {
    const auto worker = connect("worker");
    boss->send_message("worker", 1);
    worker->get_messages();
  }
  boss->forget("worker");
  BOOST_TEST(!boss->peer_exists("worker"));
  CHECK_ERROR(UnknownPeer, boss->send_message("worker", 2));
  const auto worker = connect("worker");
  BOOST_TEST(test::text(worker->stats()) == "read{} sent{}");
  boss->send_message("worker", 3);
  BOOST_TEST(test::contents(worker->get_messages()) == "[3]");
  BOOST_TEST(test::text(boss->stats()) == "read{} sent{worker:1}");
  BOOST_TEST(problems() == "");
}

CONFORMANCE_TEST(an_active_peer_cannot_be_forgotten_and_is_not_disturbed) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  boss->send_message("worker", 1);
  CHECK_ERROR(NameInUse, boss->forget("worker"));
  CHECK_ERROR(NameInUse, boss->forget("boss"));
  BOOST_TEST(test::contents(worker->get_messages()) == "[1]");
}

CONFORMANCE_TEST(a_peer_that_does_not_exist_cannot_be_forgotten) {
  const auto boss = connect("boss");
  CHECK_ERROR(UnknownPeer, boss->forget("worker"));
}

CONFORMANCE_TEST_WHERE(protocol.has_store, a_new_peer_of_a_forgotten_name_starts_afresh) {
  const auto boss = connect("boss");
  make_suspended("worker");
  boss->send_message("worker", "old", {.id = "chosen"});
  boss->forget("worker");
  const auto worker = connect("worker");
  boss->send_message("worker", "new", {.id = "chosen"});
  BOOST_TEST(test::contents(worker->get_messages()) == R"(["new"])");
  BOOST_TEST(test::text(worker->stats()) == "read{boss:1} sent{}");
  BOOST_TEST(test::text(boss->stats()) == "read{} sent{worker:1}");
  BOOST_TEST(problems() == "");
}

CONFORMANCE_TEST(what_a_forgotten_peer_had_sent_stays_with_its_recipient) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  worker->send_message("boss", 1);
  worker->disconnect();
  boss->forget("worker");
  const auto messages = boss->get_messages();
  BOOST_TEST(test::contents(messages) == "[1]");
  BOOST_TEST(test::senders(messages) == "worker");
  BOOST_TEST(test::text(boss->stats()) == "read{worker:1} sent{}");
  BOOST_TEST(problems() == "");
}

CONFORMANCE_TEST_WHERE(protocol.has_store, mail_of_one_peer_does_not_end_with_anothers) {
  const auto boss = connect("boss");
  for (const char* name : {"a", "b", "c"}) {
    make_suspended(name);
    boss->send_message(name, name);
  }
  boss->forget("b");
  BOOST_TEST(test::contents(reconnect("a")->get_messages()) == R"(["a"])");
  BOOST_TEST(test::contents(reconnect("c")->get_messages()) == R"(["c"])");
  BOOST_TEST(problems() == "");
}
