// SPDX-License-Identifier: MIT
// connect_anonymous(): a client without a name or an inbox, which leaves no row.
#include "conformance.hpp"

using std::chrono::milliseconds;

CONFORMANCE_TEST(an_anonymous_client_sends_and_broadcasts) {
  const auto worker = connect("worker");
  const auto passing = ipcm::connect_anonymous(info());
  BOOST_TEST(passing->id() == "_anonymous");
  passing->send_message("worker", 1);
  BOOST_TEST(test::text(passing->broadcast(2)) == "worker:ok");
  passing->send_messages(std::vector<ipcm::MessageFields>{{.to = "worker", .content = 3}});
  const auto messages = worker->get_messages();
  BOOST_TEST(test::contents(messages) == "[1,2,3]");
  BOOST_TEST(test::senders(messages) == "_anonymous,_anonymous,_anonymous");
  BOOST_TEST(test::text(worker->stats()) == "read{_anonymous:3} sent{}");
  BOOST_TEST(problems() == "");
}

CONFORMANCE_TEST(an_anonymous_client_looks_at_peers_and_stats) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  boss->send_message("worker", 1);
  boss->write_stats();
  const auto passing = ipcm::connect_anonymous(info());
  BOOST_TEST(test::joined(passing->peers()) == "boss,worker");
  BOOST_TEST(passing->peer_active("worker"));
  BOOST_TEST(passing->peer_exists("worker"));
  BOOST_TEST(!passing->peer_exists("nobody"));
  BOOST_TEST(test::text(passing->all_stats().at("boss")) == "read{} sent{worker:1}");
}

CONFORMANCE_TEST(an_anonymous_client_leaves_no_row_and_is_nobodys_peer) {
  const auto boss = connect("boss");
  {
    const auto passing = ipcm::connect_anonymous(info());
    BOOST_TEST(boss->peers().empty());
    BOOST_TEST(boss->broadcast(1).empty());
    passing->send_message("boss", 1);
  }
  BOOST_TEST(ipcm::list_peers(info()).size() == 1);
  BOOST_TEST(!boss->peer_exists("_anonymous"));
}

CONFORMANCE_TEST(anonymous_clients_do_not_exclude_each_other) {
  const auto worker = connect("worker");
  const auto one = ipcm::connect_anonymous(info());
  const auto two = ipcm::connect_anonymous(info());
  one->send_message("worker", 1);
  two->send_message("worker", 2);
  BOOST_TEST(test::contents(worker->get_messages()) == "[1,2]");
}

CONFORMANCE_TEST(an_anonymous_client_has_nothing_to_read) {
  const auto worker = connect("worker");
  worker->send_message("worker", 1);
  const auto seen = worker->peek();
  const auto passing = ipcm::connect_anonymous(info());
  CHECK_ERROR(NotSupported, passing->get_messages());
  CHECK_ERROR(NotSupported, passing->peek());
  CHECK_ERROR(NotSupported, passing->remove_messages(seen));
  CHECK_ERROR(NotSupported, passing->requeue_messages(seen));
  CHECK_ERROR(NotSupported, passing->have_ready_messages());
  CHECK_ERROR(NotSupported, passing->have_pending_messages());
  CHECK_ERROR(NotSupported, passing->wait(milliseconds(0)));
  CHECK_ERROR(NotSupported, passing->fd());
  CHECK_ERROR(NotSupported, passing->suspend());
  BOOST_TEST(worker->have_ready_messages());
}

CONFORMANCE_TEST(an_anonymous_client_is_refused_what_any_client_is_refused) {
  const auto passing = ipcm::connect_anonymous(info());
  make_disconnected("left");
  CHECK_ERROR(UnknownPeer, passing->send_message("nobody", 1));
  CHECK_ERROR(PeerDisconnected, passing->send_message("left", 1));
  CHECK_ERROR(InvalidName, passing->send_message("_anonymous", 1));
}

CONFORMANCE_TEST(an_anonymous_client_disconnects_like_any_other) {
  const auto worker = connect("worker");
  const auto passing = ipcm::connect_anonymous(info());
  BOOST_TEST(test::code_of(passing->disconnect()) == "ok");
  BOOST_TEST(passing->disconnected());
  CHECK_ERROR(Disconnected, passing->send_message("worker", 1));
}
