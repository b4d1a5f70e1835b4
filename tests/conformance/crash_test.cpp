// SPDX-License-Identifier: MIT
// The row "crashed" of the table of peer states, and what is said below it: a crash is not a goodbye.
#include "conformance.hpp"
#include "support/remote_peer.hpp"

CONFORMANCE_TEST_WHERE(protocol.has_store&& protocol.several_processes,
                       a_crashed_peer_exists_without_a_pid_is_listed_and_its_mail_is_kept) {
  const auto boss = connect("boss");
  test::RemotePeer worker(info(), "worker");
  BOOST_TEST(boss->peer_pid("worker").value() == worker.pid());
  worker.kill();
  BOOST_TEST(boss->peer_exists("worker"));
  BOOST_TEST(!boss->peer_pid("worker"));
  BOOST_TEST(!boss->peer_active("worker"));
  BOOST_TEST(test::joined(boss->peers()) == "worker");
  boss->send_message("worker", 1);
  BOOST_TEST(test::contents(reconnect("worker")->get_messages()) == "[1]");
}

CONFORMANCE_TEST_SHARED(a_crashed_peer_is_told_from_one_that_left_and_its_process_is_known) {
  const auto boss = connect("boss");
  test::RemotePeer worker(info(), "worker");
  const auto alive = boss->peer_status("worker").value();
  BOOST_TEST(ipcm::to_string(alive.state) == "active");
  const int pid = worker.pid();
  BOOST_TEST(alive.pid.value() == pid);
  worker.kill();
  const auto crashed = boss->peer_status("worker").value();
  BOOST_TEST(ipcm::to_string(crashed.state) == "crashed");
  BOOST_TEST(crashed.pid.value() == pid);
  BOOST_TEST(crashed.host == alive.host);
  connect("worker")->disconnect();
  BOOST_TEST(ipcm::to_string(boss->peer_status("worker").value().state) == "disconnected");
  BOOST_TEST(!boss->peer_status("worker").value().pid);
  BOOST_TEST(!boss->peer_status("nobody"));
}

CONFORMANCE_TEST_WHERE(protocol.has_store&& protocol.several_processes,
                       what_was_queued_at_the_crash_stays_in_its_order) {
  const auto boss = connect("boss");
  test::RemotePeer worker(info(), "worker");
  for (int n = 1; n <= 3; ++n) boss->send_message("worker", n);
  BOOST_TEST(test::contents(worker.get()) == "[1,2,3]");
  for (int n = 4; n <= 6; ++n) boss->send_message("worker", n);
  worker.kill();
  boss->send_message("worker", 7);
  BOOST_TEST(test::contents(connect("worker")->get_messages()) == "[4,5,6,7]");
}

CONFORMANCE_TEST_WHERE(protocol.has_store&& protocol.several_processes,
                       what_a_crashed_process_had_only_looked_at_is_still_there) {
  const auto boss = connect("boss");
  test::RemotePeer worker(info(), "worker");
  boss->send_message("worker", 1);
  BOOST_TEST(worker.call({"peek"}).size() == 1);
  worker.kill();
  BOOST_TEST(test::contents(connect("worker")->get_messages()) == "[1]");
}

CONFORMANCE_TEST_SHARED(the_name_of_a_crashed_peer_is_free_at_once) {
  for (int round = 0; round < 5; ++round) {
    test::RemotePeer worker(info(), "worker");
    CHECK_ERROR(NameInUse, connect("worker"));
    worker.kill();
    connect("worker")->disconnect();
  }
}

CONFORMANCE_TEST_SHARED(mail_of_a_process_that_crashed_after_its_send_returned_is_there) {
  const auto boss = connect("boss");
  test::RemotePeer worker(info(), "worker");
  const std::string id = worker.send("boss", "last words");
  worker.kill();
  const auto messages = boss->get_messages();
  BOOST_TEST(test::contents(messages) == R"(["last words"])");
  BOOST_TEST(test::ids(messages) == id);
  BOOST_TEST(test::senders(messages) == "worker");
}

CONFORMANCE_TEST_WHERE(protocol.has_store&& protocol.several_processes, books_balance_after_a_crash) {
  const auto boss = connect("boss");
  test::RemotePeer worker(info(), "worker");
  boss->send_message("worker", 1);
  boss->send_message("worker", 2);
  worker.call({"get", 1});
  worker.send("boss", 3);
  worker.kill();
  const auto stats = boss->all_stats();
  BOOST_TEST(test::text(stats.at("boss")) == "read{} sent{worker:2}");
  BOOST_TEST(test::text(stats.at("worker")) == "read{boss:1} sent{boss:1}");
  BOOST_TEST(problems() == "");
}

CONFORMANCE_TEST_WHERE(protocol.has_store&& protocol.several_processes, a_broadcast_reaches_a_crashed_peer) {
  const auto boss = connect("boss");
  test::RemotePeer worker(info(), "worker");
  worker.kill();
  BOOST_TEST(test::text(boss->broadcast("news")) == "worker:ok");
  BOOST_TEST(test::contents(connect("worker")->get_messages()) == R"(["news"])");
}

CONFORMANCE_TEST_SHARED(a_process_that_ends_in_order_says_goodbye) {
  const auto boss = connect("boss");
  test::RemotePeer leaving(info(), "leaving");
  BOOST_TEST(leaving.end() == 0);
  CHECK_ERROR(PeerDisconnected, boss->send_message("leaving", 1));
}

CONFORMANCE_TEST_WHERE(protocol.has_store&& protocol.several_processes,
                       a_process_that_ends_in_order_is_suspended_where_it_was_told_so) {
  const auto boss = connect("boss");
  test::RemotePeer resting;
  resting.call({"connect", "resting", store().info(), {{"suspend_at_end", true}}});
  BOOST_TEST(resting.end() == 0);
  boss->send_message("resting", 1);
}
