// SPDX-License-Identifier: MIT
// Instance method `broadcast` in its 3 forms.
#include <set>

#include "conformance.hpp"

using ipcm::MessageFields;

CONFORMANCE_TEST_WHERE(protocol.has_store, a_broadcast_goes_to_everyone_who_takes_mail_and_to_nobody_else) {
  const auto boss = connect("boss");
  const auto active = connect("active");
  make_suspended("suspended");
  make_disconnected("disconnected");
  connect("expired")->suspend(std::chrono::hours(1));
  clock()->advance(std::chrono::hours(2));
  BOOST_TEST(test::text(boss->broadcast("news")) == "active:ok suspended:ok");
  BOOST_TEST(test::contents(active->get_messages()) == R"(["news"])");
  BOOST_TEST(test::contents(reconnect("suspended")->get_messages()) == R"(["news"])");
  BOOST_TEST(test::contents(reconnect("disconnected")->get_messages()) == "[]");
  BOOST_TEST(test::contents(reconnect("expired")->get_messages()) == "[]");
  BOOST_TEST(!boss->have_ready_messages());
}

CONFORMANCE_TEST(a_broadcast_does_not_go_to_who_left_nor_to_oneself) {
  const auto boss = connect("boss");
  const auto one = connect("one");
  const auto two = connect("two");
  make_disconnected("left");
  BOOST_TEST(test::text(boss->broadcast("news")) == "one:ok two:ok");
  for (const auto& client : {one, two}) BOOST_TEST(test::contents(client->get_messages()) == R"(["news"])");
  BOOST_TEST(test::contents(connect("left")->get_messages()) == "[]");
  BOOST_TEST(!boss->have_ready_messages());
}

CONFORMANCE_TEST(a_broadcast_takes_content_a_message_or_fields) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  BOOST_TEST(test::text(boss->broadcast({{"n", 1}})) == "worker:ok");
  const auto message = boss->build_message(MessageFields{.content = 2, .broadcast = true});
  BOOST_TEST(test::text(boss->broadcast(message)) == "worker:ok");
  BOOST_TEST(test::text(boss->broadcast(MessageFields{.content = 3, .stamp = 1.5})) == "worker:ok");
  const auto messages = worker->get_messages();
  BOOST_TEST(test::contents(messages) == R"([{"n":1},2,3])");
  BOOST_REQUIRE(messages.size() == 3);
  BOOST_TEST(messages[1].stamp() == message.stamp());
  BOOST_TEST(messages[2].stamp() == 1.5);
  for (const auto& each : messages) BOOST_TEST(each.broadcast());
}

CONFORMANCE_TEST(each_copy_of_a_broadcast_is_addressed_and_has_an_id_of_its_own) {
  const auto boss = connect("boss");
  std::vector<test::ClientPtr> workers;
  for (const char* name : {"a", "b", "c"}) workers.push_back(connect(name));
  boss->broadcast("news");
  std::set<std::string> seen;
  for (const auto& worker : workers) {
    const auto messages = worker->get_messages();
    BOOST_REQUIRE(messages.size() == 1);
    BOOST_TEST(messages[0].to() == worker->id());
    BOOST_TEST(messages[0].from() == "boss");
    BOOST_TEST(messages[0].broadcast());
    seen.insert(messages[0].id());
  }
  BOOST_TEST(seen.size() == 3);
}

CONFORMANCE_TEST(a_broadcast_without_anyone_else_returns_nothing) {
  const auto boss = connect("boss");
  BOOST_TEST(boss->broadcast("news").empty());
  make_disconnected("left");
  BOOST_TEST(boss->broadcast("news").empty());
  BOOST_TEST(test::text(boss->stats()) == "read{} sent{}");
}

CONFORMANCE_TEST(of_a_broadcast_that_is_refused_nobody_gets_anything) {
  auto options = spawn_options();
  options.max_content = 100;
  const auto small = ipcm::spawn(options);
  const auto boss = small.connect("boss");
  const auto one = small.connect("one");
  const auto two = small.connect("two");
  CHECK_ERROR(TooLarge, boss->broadcast(std::string(101, 'x')));
  CHECK_ERROR(InvalidMessage, boss->broadcast("\xff"));
  BOOST_TEST(!one->have_ready_messages());
  BOOST_TEST(!two->have_ready_messages());
  BOOST_TEST(test::text(boss->stats()) == "read{} sent{}");
}

CONFORMANCE_TEST(a_broadcast_keeps_its_place_among_the_senders_other_messages) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  boss->send_message("worker", 1);
  boss->broadcast(2);
  boss->send_message("worker", 3);
  BOOST_TEST(test::contents(worker->get_messages()) == "[1,2,3]");
}

CONFORMANCE_TEST(a_broadcast_counts_as_sent_to_each) {
  const auto boss = connect("boss");
  const auto one = connect("one");
  const auto two = connect("two");
  boss->broadcast("news");
  one->get_messages();
  BOOST_TEST(test::text(boss->stats()) == "read{} sent{one:1 two:1}");
  BOOST_TEST(test::text(one->stats()) == "read{boss:1} sent{}");
  BOOST_TEST(problems() == "");
}
