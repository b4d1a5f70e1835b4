// SPDX-License-Identifier: MIT
// The table of peer states, cell by cell: active, suspended, suspend expired, disconnected, unknown.
// The row "crashed" needs a process that dies: crash_test.cpp.
#include <unistd.h>

#include "conformance.hpp"

using std::chrono::hours;
using std::chrono::seconds;

CONFORMANCE_TEST(an_active_peer_exists_has_a_pid_is_listed_and_takes_mail) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  BOOST_TEST(boss->peer_exists("worker"));
  BOOST_TEST(boss->peer_pid("worker").value() == getpid());
  BOOST_TEST(boss->peer_active("worker"));
  BOOST_TEST(test::joined(boss->peers()) == "worker");
  boss->send_message("worker", 1);
  BOOST_TEST(test::contents(worker->get_messages()) == "[1]");
}

CONFORMANCE_TEST_WHERE(protocol.has_store, a_suspended_peer_exists_without_a_pid_is_listed_and_its_mail_is_kept) {
  const auto boss = connect("boss");
  make_suspended("worker");
  BOOST_TEST(boss->peer_exists("worker"));
  BOOST_TEST(!boss->peer_pid("worker"));
  BOOST_TEST(!boss->peer_active("worker"));
  BOOST_TEST(test::joined(boss->peers()) == "worker");
  boss->send_message("worker", 1);
  BOOST_TEST(test::contents(reconnect("worker")->get_messages()) == "[1]");
}

CONFORMANCE_TEST_WHERE(protocol.has_store, a_peer_whose_suspension_ran_out_exists_but_is_not_listed_and_refuses_mail) {
  const auto boss = connect("boss");
  connect("worker")->suspend(hours(1));
  clock()->advance(hours(1) + seconds(1));
  BOOST_TEST(boss->peer_exists("worker"));
  BOOST_TEST(!boss->peer_pid("worker"));
  BOOST_TEST(!boss->peer_active("worker"));
  BOOST_TEST(test::joined(boss->peers()) == "");
  CHECK_ERROR(PeerGone, boss->send_message("worker", 1));
}

CONFORMANCE_TEST(a_disconnected_peer_exists_but_is_not_listed_and_refuses_mail) {
  const auto boss = connect("boss");
  make_disconnected("worker");
  BOOST_TEST(boss->peer_exists("worker"));
  BOOST_TEST(!boss->peer_pid("worker"));
  BOOST_TEST(!boss->peer_active("worker"));
  BOOST_TEST(test::joined(boss->peers()) == "");
  CHECK_ERROR(PeerDisconnected, boss->send_message("worker", 1));
}

CONFORMANCE_TEST(a_peer_that_never_connected_does_not_exist_and_refuses_mail) {
  const auto boss = connect("boss");
  BOOST_TEST(!boss->peer_exists("worker"));
  BOOST_TEST(!boss->peer_pid("worker"));
  BOOST_TEST(!boss->peer_active("worker"));
  BOOST_TEST(test::joined(boss->peers()) == "");
  CHECK_ERROR(UnknownPeer, boss->send_message("worker", 1));
}

CONFORMANCE_TEST(refused_mail_leaves_no_peer_behind) {
  const auto boss = connect("boss");
  CHECK_ERROR(UnknownPeer, boss->send_message("worker", 1));
  BOOST_TEST(!boss->peer_exists("worker"));
  if (protocol().has_store) CHECK_ERROR(UnknownPeer, reconnect("worker"));
}

CONFORMANCE_TEST_WHERE(protocol.has_store, a_suspended_peer_takes_mail_until_its_deadline_and_keeps_what_came_before) {
  const auto boss = connect("boss");
  connect("worker")->suspend(hours(1));
  clock()->advance(hours(1) - seconds(1));
  boss->send_message("worker", "in time");
  BOOST_TEST(test::joined(boss->peers()) == "worker");
  clock()->advance(seconds(2));
  CHECK_ERROR(PeerGone, boss->send_message("worker", "too late"));
  BOOST_TEST(test::contents(reconnect("worker")->get_messages()) == R"(["in time"])");
}

CONFORMANCE_TEST_WHERE(protocol.has_store, the_deadline_of_a_suspension_can_be_a_point_in_time_and_is_told_to_others) {
  const auto boss = connect("boss");
  const auto deadline = clock()->now() + hours(48);
  connect("worker")->suspend(deadline);
  BOOST_TEST((boss->peer_suspend_expires("worker") == deadline));
  clock()->set(deadline + seconds(1));
  CHECK_ERROR(PeerGone, boss->send_message("worker", 1));
}

CONFORMANCE_TEST_WHERE(protocol.has_store, only_a_suspended_peer_with_a_deadline_has_one) {
  const auto boss = connect("boss");
  make_suspended("forever");
  make_disconnected("gone");
  const auto worker = connect("worker");
  BOOST_TEST(!boss->peer_suspend_expires("forever"));
  BOOST_TEST(!boss->peer_suspend_expires("gone"));
  BOOST_TEST(!boss->peer_suspend_expires("worker"));
  BOOST_TEST(!boss->peer_suspend_expires("unknown"));
}

CONFORMANCE_TEST(a_suspension_for_a_negative_time_is_refused_and_changes_nothing) {
  const auto worker = connect("worker");
  CHECK_ERROR(InvalidArgument, worker->suspend(seconds(-1)));
  BOOST_TEST(!worker->disconnected());
  worker->send_message("worker", 1);
  BOOST_TEST(test::contents(worker->get_messages()) == "[1]");
}

CONFORMANCE_TEST_WHERE(protocol.has_store, coming_back_makes_every_state_active_and_ends_the_deadline) {
  const auto boss = connect("boss");
  make_suspended("suspended");
  make_disconnected("disconnected");
  connect("expired")->suspend(hours(1));
  clock()->advance(hours(2));
  for (const char* name : {"suspended", "disconnected", "expired"}) {
    for (const bool by_connect : {false, true}) {
      const auto back = by_connect ? connect(name) : reconnect(name);
      BOOST_TEST(boss->peer_active(name), name);
      BOOST_TEST(!boss->peer_suspend_expires(name), name);
      boss->send_message(name, 1);
      BOOST_TEST(test::contents(back->get_messages()) == "[1]", name);
    }
  }
}

CONFORMANCE_TEST(a_client_sees_itself_as_an_active_peer_but_not_among_the_others) {
  const auto boss = connect("boss");
  BOOST_TEST(boss->peer_exists("boss"));
  BOOST_TEST(boss->peer_active("boss"));
  BOOST_TEST(boss->peer_pid("boss").value() == getpid());
  BOOST_TEST(test::joined(boss->peers()) == "");
}

CONFORMANCE_TEST_WHERE(protocol.has_store, the_status_of_a_peer_tells_each_state_and_a_process_where_there_is_one) {
  const auto boss = connect("boss");
  const auto status = [&](std::string_view peer) { return std::string(to_string(boss->peer_status(peer)->state)); };
  make_suspended("resting");
  make_disconnected("gone");
  connect("late")->suspend(std::chrono::milliseconds(0));
  BOOST_TEST(status("boss") == "active");
  BOOST_TEST(boss->peer_status("boss")->pid.value() == boss->pid());
  BOOST_TEST(status("resting") == "suspended");
  BOOST_TEST(!boss->peer_status("resting")->pid);
  BOOST_TEST(status("late") == "expired");
  BOOST_TEST(status("gone") == "disconnected");
  BOOST_TEST(!boss->peer_status("nobody"));
}

CONFORMANCE_TEST(a_sender_that_knows_its_recipient_notices_that_it_left_came_back_or_was_forgotten) {
  const auto boss = connect("boss");
  const auto admin = connect("admin");
  const auto outcome = [&] { return test::code_of_call([&] { boss->send_message("worker", 1); }); };
  BOOST_TEST(outcome() == "UnknownPeer");
  for (int round = 0; round < 3; ++round) {
    const auto worker = connect("worker");
    BOOST_TEST(outcome() == "ok");
    BOOST_TEST(outcome() == "ok");
    BOOST_TEST(worker->get_messages().size() == 2U);
    worker->disconnect();
    BOOST_TEST(outcome() == "PeerDisconnected");
    BOOST_TEST(outcome() == "PeerDisconnected");
  }
  admin->forget("worker");
  BOOST_TEST(outcome() == "UnknownPeer");
  const auto other = connect("other");
  const auto worker = connect("worker");
  BOOST_TEST(outcome() == "ok");
  BOOST_TEST(worker->get_messages().size() == 1U);
  BOOST_TEST(other->get_messages().empty());
  BOOST_TEST(problems() == "");
}

CONFORMANCE_TEST_WHERE(protocol.has_store, a_sender_that_knows_its_recipient_notices_whatever_becomes_of_it) {
  const auto boss = connect("boss");
  const auto admin = connect("admin");
  const auto outcome = [&] { return test::code_of_call([&] { boss->send_message("worker", 1); }); };
  BOOST_TEST(outcome() == "UnknownPeer");
  auto worker = connect("worker");
  BOOST_TEST(outcome() == "ok");
  BOOST_TEST(outcome() == "ok");
  worker->suspend();
  BOOST_TEST(outcome() == "ok");
  worker = reconnect("worker");
  BOOST_TEST(worker->get_messages().size() == 3U);
  worker->disconnect();
  BOOST_TEST(outcome() == "PeerDisconnected");
  worker = reconnect("worker");
  worker->suspend(std::chrono::seconds(1));
  BOOST_TEST(outcome() == "ok");
  clock()->advance(std::chrono::seconds(2));
  BOOST_TEST(outcome() == "PeerGone");
  admin->forget("worker");
  BOOST_TEST(outcome() == "UnknownPeer");
  const auto other = connect("other");  // gets the number that worker had
  BOOST_TEST(outcome() == "UnknownPeer");
  worker = connect("worker");
  BOOST_TEST(outcome() == "ok");
  BOOST_TEST(worker->get_messages().size() == 1U);
  BOOST_TEST(other->get_messages().empty());
  BOOST_TEST(problems() == "");
}
