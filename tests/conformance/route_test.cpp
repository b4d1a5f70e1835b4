// SPDX-License-Identifier: MIT
// What a person asks about a route: route_info(), list_peers(), check_route(), set_durability(), migrate_route().
#include <unistd.h>

#include "conformance.hpp"
#include "support/remote_peer.hpp"

namespace {

std::string states(const ipcm::ConnectionInfo& info) {
  std::string all;
  for (const auto& peer : ipcm::list_peers(info)) all += peer.name + ":" + peer.state + " ";
  return all;
}

}  // namespace

CONFORMANCE_TEST_WHERE(protocol.has_store, a_route_tells_what_it_is_and_holds) {
  const auto boss = connect("boss");
  make_suspended("worker");
  boss->send_message("worker", 1);
  boss->send_message("worker", 2);
  const auto told = ipcm::route_info(info());
  BOOST_TEST(told.id.size() == 36);
  BOOST_TEST(told.protocol == protocol().name);
  BOOST_TEST(told.route == store().route());
  BOOST_TEST(told.max_content == ipcm::kDefaultMaxContent);
  BOOST_TEST(told.created_at > 1.7e9);
  BOOST_TEST(told.peers == 2);
  BOOST_TEST(told.queued == 2);
  BOOST_TEST(told.dead == 0);
  BOOST_TEST(told.engine != "");
  BOOST_TEST(told.notifier != "");
  BOOST_TEST(ipcm::route_info(info()).id == told.id);
}

CONFORMANCE_TEST_WHERE(!protocol.has_store, a_route_without_a_store_tells_what_it_is) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  make_disconnected("left");
  const auto told = ipcm::route_info(info());
  BOOST_TEST(told.id.size() == 36);
  BOOST_TEST(told.protocol == protocol().name);
  BOOST_TEST(told.route == store().route());
  BOOST_TEST(told.max_content == ipcm::kDefaultMaxContent);
  BOOST_TEST(told.created_at > 1.7e9);
  BOOST_TEST(told.peers == 3);
  BOOST_TEST(told.engine != "");
  BOOST_TEST(told.notifier != "");
  BOOST_TEST(ipcm::route_info(info()).id == told.id);
  BOOST_TEST(states(info()) == "boss:active left:disconnected worker:active ");
  BOOST_TEST(ipcm::list_peers(info()).at(0).pid.value() == getpid());
  BOOST_TEST(ipcm::check_route(info()).inboxes_checked == 3);
  CHECK_ERROR(NotSupported, ipcm::set_durability(info(), ipcm::Durability::full));
}

CONFORMANCE_TEST_WHERE(protocol.has_store, peers_are_listed_with_their_states_and_what_waits_for_them) {
  const auto boss = connect("boss");
  connect("c_suspended")->suspend();
  connect("d_timed")->suspend(std::chrono::hours(1));
  make_disconnected("e_left");
  boss->send_message("c_suspended", 1);
  BOOST_TEST(states(info()) == "boss:active c_suspended:suspended d_timed:suspended e_left:disconnected ");
  const auto peers = ipcm::list_peers(info());
  BOOST_TEST(peers.at(0).pid.value() == getpid());
  BOOST_TEST(peers.at(0).host != "");
  BOOST_TEST(!peers.at(1).pid);
  BOOST_TEST(peers.at(1).queued == 1);
  BOOST_TEST(!peers.at(1).suspend_expires);
  const auto deadline = clock()->now() + std::chrono::hours(1);
  BOOST_TEST(peers.at(2).suspend_expires.value() == std::chrono::duration<double>(deadline.time_since_epoch()).count());
}

CONFORMANCE_TEST_WHERE(protocol.has_store, a_suspension_that_ran_out_is_listed_as_such) {
  clock()->set(std::chrono::system_clock::now() - std::chrono::hours(2));
  connect("worker")->suspend(std::chrono::hours(1));
  BOOST_TEST(states(info()) == "worker:expired ");
}

CONFORMANCE_TEST_SHARED(a_crashed_peer_is_listed_as_such) {
  test::RemotePeer worker(info(), "worker");
  BOOST_TEST(states(info()) == "worker:active ");
  BOOST_TEST(ipcm::list_peers(info()).at(0).pid.value() == worker.pid());
  worker.kill();
  BOOST_TEST(states(info()) == "worker:crashed ");
}

CONFORMANCE_TEST_WHERE(protocol.has_store, a_check_counts_what_it_looked_at) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  for (int n = 0; n < 5; ++n) boss->send_message("worker", n);
  worker->get_messages(2);
  const auto report = ipcm::check_route(info());
  BOOST_TEST(test::joined(report.problems) == "");
  BOOST_TEST(report.messages_checked == 3);
  BOOST_TEST(report.pairs_checked == 1);
  BOOST_TEST(report.inboxes_checked == 2);
}

CONFORMANCE_TEST(looking_at_a_route_changes_nothing) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  boss->send_message("worker", 1);
  const auto before = boss->all_stats();
  ipcm::route_info(info());
  ipcm::list_peers(info());
  ipcm::check_route(info());
  BOOST_TEST((boss->all_stats() == before));
  BOOST_TEST(states(info()) == "boss:active worker:active ");
  BOOST_TEST(test::contents(worker->get_messages()) == "[1]");
}

CONFORMANCE_TEST(a_route_of_this_library_needs_no_migration) {
  const auto migration = ipcm::migrate_route(info());
  BOOST_TEST(migration.from_version == migration.to_version);
}
