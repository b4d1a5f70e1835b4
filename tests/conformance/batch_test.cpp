// SPDX-License-Identifier: MIT
// Client::send_messages(): many messages in one transaction.
#include "conformance.hpp"

using ipcm::MessageFields;

namespace {

std::vector<MessageFields> numbered(const std::string& to, int count) {
  std::vector<MessageFields> batch;
  for (int n = 1; n <= count; ++n) batch.push_back({.to = to, .content = n});
  return batch;
}

}  // namespace

CONFORMANCE_TEST(a_batch_arrives_whole_and_in_order_and_its_ids_are_returned) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  const auto ids = boss->send_messages(numbered("worker", 5));
  const auto messages = worker->get_messages();
  BOOST_TEST(test::contents(messages) == "[1,2,3,4,5]");
  BOOST_TEST(test::ids(messages) == test::joined(ids));
}

CONFORMANCE_TEST(a_batch_of_built_messages_arrives_as_built) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  const std::vector<ipcm::Message> batch = {boss->build_message("worker", 1), boss->build_message("worker", 2)};
  BOOST_TEST(test::joined(boss->send_messages(batch)) == test::ids(batch));
  BOOST_TEST(test::ids(worker->get_messages()) == test::ids(batch));
}

CONFORMANCE_TEST(a_batch_may_go_to_several_peers) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  const auto third = connect("third");
  std::vector<MessageFields> batch = numbered("worker", 2);
  batch.push_back({.to = "third", .content = "a"});
  batch.push_back({.to = "worker", .content = 3});
  boss->send_messages(batch);
  BOOST_TEST(test::contents(worker->get_messages()) == "[1,2,3]");
  BOOST_TEST(test::contents(third->get_messages()) == R"(["a"])");
}

CONFORMANCE_TEST(an_empty_batch_sends_nothing) {
  const auto boss = connect("boss");
  BOOST_TEST(boss->send_messages(std::vector<MessageFields>()).size() == 0);
  BOOST_TEST(boss->send_messages(std::vector<ipcm::Message>()).size() == 0);
}

CONFORMANCE_TEST(of_a_batch_with_one_message_that_is_refused_nothing_is_stored) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  make_disconnected("left");
  boss->send_message("worker", 0);
  const std::vector<std::pair<std::string, MessageFields>> refused = {
      {"UnknownPeer", {.to = "nobody"}},
      {"PeerDisconnected", {.to = "left"}},
      {"InvalidName", {.to = "_x"}},
      {"InvalidMessage", {.content = 1}},
  };
  for (const auto& [code, fields] : refused) {
    for (const std::size_t place : {std::size_t{0}, std::size_t{2}, std::size_t{4}}) {
      auto batch = numbered("worker", 4);
      batch.insert(batch.begin() + static_cast<std::ptrdiff_t>(place), fields);
      BOOST_TEST(test::code_of_call([&] { boss->send_messages(batch); }) == code);
    }
  }
  BOOST_TEST(test::text(boss->stats()) == "read{} sent{worker:1}");
  BOOST_TEST(test::contents(worker->get_messages()) == "[0]");
  BOOST_TEST(problems() == "");
}

CONFORMANCE_TEST_WHERE(protocol.has_store, of_a_batch_with_an_id_that_is_held_nothing_is_stored) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  boss->send_message("worker", 0, {.id = "held"});
  for (const std::ptrdiff_t place : {0, 2, 4}) {
    auto batch = numbered("worker", 4);
    batch.insert(batch.begin() + place, {.to = "worker", .id = "held"});
    CHECK_ERROR(DuplicateMessage, boss->send_messages(batch));
  }
  BOOST_TEST(test::text(boss->stats()) == "read{} sent{worker:1}");
  BOOST_TEST(test::contents(worker->get_messages()) == "[0]");
  BOOST_TEST(problems() == "");
}

CONFORMANCE_TEST(one_chosen_id_twice_in_a_batch_is_refused_for_one_peer_only) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  const auto third = connect("third");
  const std::vector<MessageFields> twice = {{.to = "worker", .id = "a"}, {.to = "worker", .id = "a"}};
  CHECK_ERROR(DuplicateMessage, boss->send_messages(twice));
  BOOST_TEST(!worker->have_ready_messages());
  const std::vector<MessageFields> apart = {{.to = "worker", .id = "a"}, {.to = "third", .id = "a"}};
  boss->send_messages(apart);
  BOOST_TEST(worker->have_ready_messages());
  BOOST_TEST(third->have_ready_messages());
}

CONFORMANCE_TEST(a_batch_of_ten_thousand_arrives_in_order) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  boss->send_messages(numbered("worker", 10'000));
  BOOST_TEST(test::text(boss->stats()) == "read{} sent{worker:10000}");
  const auto messages = worker->get_messages();
  BOOST_REQUIRE(messages.size() == 10'000);
  for (int n = 0; n < 10'000; ++n) BOOST_TEST_REQUIRE(messages[static_cast<std::size_t>(n)].content() == n + 1);
}
