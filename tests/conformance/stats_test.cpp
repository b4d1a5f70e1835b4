// SPDX-License-Identifier: MIT
// Instance methods `stats`, `read_stats`, `write_stats`, `all_stats`: sent - read = what is queued, at every moment,
// or where counts are kept in memory: once they are written.
#include "conformance.hpp"

namespace {

// What the peers say they sent to `recipient`, less what it says it read: what must lie in its inbox.
std::uint64_t outstanding(ipcm::Client& any, const std::string& recipient) {
  const auto all = any.all_stats();
  std::uint64_t sent = 0;
  std::uint64_t read = 0;
  for (const auto& [name, stats] : all) {
    const auto to_it = stats.sent.find(recipient);
    if (to_it != stats.sent.end()) sent += to_it->second;
    if (name != recipient) continue;
    for (const auto& [sender, count] : stats.read) read += count;
  }
  return sent - read;
}

}  // namespace

CONFORMANCE_TEST(counts_are_by_peer_and_in_both_directions) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  const auto third = connect("third");
  BOOST_TEST(test::text(boss->stats()) == "read{} sent{}");
  for (int n = 0; n < 3; ++n) boss->send_message("worker", n);
  boss->send_message("third", 1);
  worker->send_message("boss", 1);
  BOOST_TEST(test::text(boss->stats()) == "read{} sent{third:1 worker:3}");
  BOOST_TEST(test::text(worker->stats()) == "read{} sent{boss:1}");
  worker->get_messages(2);
  boss->get_messages();
  BOOST_TEST(test::text(boss->stats()) == "read{worker:1} sent{third:1 worker:3}");
  BOOST_TEST(test::text(worker->stats()) == "read{boss:2} sent{boss:1}");
  BOOST_TEST(test::text(third->stats()) == "read{} sent{}");
}

CONFORMANCE_TEST(sent_less_read_is_what_is_queued_after_every_step) {
  const auto boss = connect("boss");
  const auto other = connect("other");
  const auto worker = connect("worker");
  const auto balanced = [&](const char* step) {
    for (const auto& client : {boss, other, worker}) client->write_stats();
    BOOST_TEST(outstanding(*boss, "worker") == worker->peek().size(), step);
    BOOST_TEST(problems() == "", step);
  };
  balanced("at first");
  for (int n = 0; n < 4; ++n) boss->send_message("worker", n);
  balanced("sent");
  other->broadcast("news");
  balanced("broadcast");
  other->send_messages(std::vector<ipcm::MessageFields>{{.to = "worker"}, {.to = "worker"}});
  balanced("batch");
  const auto taken = worker->get_messages(3);
  balanced("taken");
  worker->requeue_message(taken[1]);
  balanced("requeued");
  worker->remove_messages(worker->peek(2));
  balanced("removed");
  test::code_of(boss->try_message("nobody", 1));
  balanced("refused");
  worker->send_message("worker", "to myself");
  balanced("to oneself");
  worker->get_messages();
  balanced("drained");
}

CONFORMANCE_TEST(stats_outlast_a_client_and_go_on_when_it_comes_back) {
  const auto boss = connect("boss");
  auto worker = connect("worker");
  boss->send_message("worker", 1);
  worker->get_messages();
  worker->send_message("boss", 1);
  boss->write_stats();
  worker->disconnect();
  BOOST_TEST(test::text(worker->read_stats()) == "read{boss:1} sent{boss:1}");
  BOOST_TEST(test::text(worker->all_stats().at("boss")) == "read{} sent{worker:1}");
  BOOST_TEST(test::text(boss->all_stats().at("worker")) == "read{boss:1} sent{boss:1}");
  worker = come_back("worker");
  boss->send_message("worker", 2);
  worker->get_messages();
  BOOST_TEST(test::text(worker->stats()) == "read{boss:2} sent{boss:1}");
}

CONFORMANCE_TEST(what_the_store_has_is_what_the_client_says) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  boss->send_message("worker", 1);
  BOOST_TEST((boss->read_stats() == boss->stats()));
  boss->write_stats();
  boss->write_stats();
  BOOST_TEST((boss->read_stats() == boss->stats()));
  BOOST_TEST((boss->all_stats().at("boss") == boss->stats()));
}

CONFORMANCE_TEST(all_stats_do_not_fail_for_a_peer_that_has_none) {
  const auto boss = connect("boss");
  const auto idle = connect("idle");
  make_disconnected("left");
  const auto all = boss->all_stats();
  for (const char* name : {"boss", "idle", "left"}) {
    if (all.contains(name)) BOOST_TEST(test::text(all.at(name)) == "read{} sent{}");
  }
}

CONFORMANCE_TEST(stats_do_not_change_for_what_was_refused) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  boss->send_message("worker", 1, {.id = "a"});
  const auto before = boss->all_stats();
  if (protocol().has_store) test::code_of(boss->try_message("worker", 1, {.id = "a"}));
  test::code_of(boss->try_message("nobody", 1));
  test::code_of(boss->try_message("worker", "\xff"));
  test::code_of_call([&] { worker->requeue_messages(worker->peek()); });
  BOOST_TEST((boss->all_stats() == before));
}
