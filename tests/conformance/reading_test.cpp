// SPDX-License-Identifier: MIT
// Instance methods `get_messages`, `have_ready_messages`, `have_pending_messages`, and peek() and remove_messages().
// Messages that cannot be decoded: dead_letter_test.cpp.
#include "conformance.hpp"

namespace {

void send_numbers(ipcm::Client& sender, const std::string& to, int first, int last) {
  for (int n = first; n <= last; ++n) sender.send_message(to, n);
}

}  // namespace

CONFORMANCE_TEST(an_empty_inbox_gives_nothing) {
  const auto worker = connect("worker");
  BOOST_TEST(worker->get_messages().empty());
  BOOST_TEST(worker->get_messages(1).empty());
  BOOST_TEST(worker->peek().empty());
  BOOST_TEST(!worker->have_ready_messages());
  BOOST_TEST(!worker->have_pending_messages());
}

CONFORMANCE_TEST(all_that_is_ready_is_taken_oldest_first_and_once) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  send_numbers(*boss, "worker", 1, 5);
  BOOST_TEST(test::contents(worker->get_messages()) == "[1,2,3,4,5]");
  BOOST_TEST(test::contents(worker->get_messages()) == "[]");
}

CONFORMANCE_TEST(a_limit_takes_the_oldest_and_leaves_the_rest) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  send_numbers(*boss, "worker", 1, 5);
  BOOST_TEST(test::contents(worker->get_messages(2)) == "[1,2]");
  BOOST_TEST(test::contents(worker->get_messages(0)) == "[]");
  send_numbers(*boss, "worker", 6, 6);
  BOOST_TEST(test::contents(worker->get_messages(1)) == "[3]");
  BOOST_TEST(test::contents(worker->get_messages(100)) == "[4,5,6]");
}

CONFORMANCE_TEST(order_is_order_of_arrival_whoever_sent) {
  const auto one = connect("one");
  const auto two = connect("two");
  const auto worker = connect("worker");
  for (int n = 1; n <= 6; ++n) (n % 2 == 1 ? one : two)->send_message("worker", n);
  const auto messages = worker->get_messages();
  BOOST_TEST(test::contents(messages) == "[1,2,3,4,5,6]");
  BOOST_TEST(test::senders(messages) == "one,two,one,two,one,two");
}

CONFORMANCE_TEST(the_clock_plays_no_part_in_the_order) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  boss->send_message("worker", 1);
  clock()->advance(-std::chrono::hours(24));
  boss->send_message("worker", 2);
  boss->send_message("worker", 3, {.stamp = 0});
  clock()->advance(std::chrono::hours(48));
  boss->send_message("worker", 4);
  boss->send_message("worker", 5, {.stamp = -1});
  BOOST_TEST(test::contents(worker->get_messages()) == "[1,2,3,4,5]");
}

CONFORMANCE_TEST(order_holds_over_an_inbox_that_was_emptied_and_a_client_that_came_back) {
  const auto boss = connect("boss");
  for (int round = 0; round < 4; ++round) {
    const auto worker = connect("worker");
    send_numbers(*boss, "worker", 1, 3);
    BOOST_TEST(test::contents(worker->get_messages(2)) == "[1,2]");
    send_numbers(*boss, "worker", 4, 5);
    BOOST_TEST(test::contents(worker->get_messages()) == "[3,4,5]");
    rest(*worker);
  }
}

CONFORMANCE_TEST(ready_is_true_exactly_while_a_message_could_be_taken) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  BOOST_TEST(!worker->have_ready_messages());
  send_numbers(*boss, "worker", 1, 2);
  BOOST_TEST(worker->have_ready_messages());
  worker->get_messages(1);
  BOOST_TEST(worker->have_ready_messages());
  worker->get_messages(1);
  BOOST_TEST(!worker->have_ready_messages());
}

CONFORMANCE_TEST(a_message_that_is_ready_is_not_pending) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  boss->send_message("worker", 1);
  BOOST_TEST(!worker->have_pending_messages());
}

CONFORMANCE_TEST(mail_for_others_is_not_ready_for_me) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  send_numbers(*worker, "boss", 1, 3);
  BOOST_TEST(!worker->have_ready_messages());
  BOOST_TEST(worker->get_messages().empty());
}

CONFORMANCE_TEST(peeking_leaves_messages_where_they_are) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  send_numbers(*boss, "worker", 1, 3);
  BOOST_TEST(test::contents(worker->peek(2)) == "[1,2]");
  BOOST_TEST(test::contents(worker->peek(0)) == "[]");
  const auto seen = worker->peek();
  BOOST_TEST(test::contents(seen) == "[1,2,3]");
  BOOST_TEST(worker->have_ready_messages());
  BOOST_TEST(test::text(worker->stats()) == "read{} sent{}");
  const auto taken = worker->get_messages();
  BOOST_TEST(test::ids(taken) == test::ids(seen));
  BOOST_TEST(test::senders(taken) == test::senders(seen));
}

CONFORMANCE_TEST(exactly_the_messages_that_were_seen_are_removed) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  send_numbers(*boss, "worker", 1, 3);
  const auto seen = worker->peek();
  send_numbers(*boss, "worker", 4, 4);
  const std::vector<ipcm::Message> second = {seen.at(1)};
  BOOST_TEST(worker->remove_messages(second) == 1);
  BOOST_TEST(worker->remove_messages(second) == 0);
  BOOST_TEST(test::contents(worker->peek()) == "[1,3,4]");
  BOOST_TEST(worker->remove_messages(seen) == 2);
  BOOST_TEST(test::contents(worker->get_messages()) == "[4]");
  BOOST_TEST(worker->remove_messages({}) == 0);
  BOOST_TEST(test::text(worker->stats()) == "read{boss:4} sent{}");
  BOOST_TEST(problems() == "");
}

CONFORMANCE_TEST(a_message_that_was_taken_meanwhile_is_not_removed_nor_is_another_in_its_place) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  send_numbers(*boss, "worker", 1, 2);
  const auto seen = worker->peek();
  worker->get_messages();
  send_numbers(*boss, "worker", 3, 4);
  BOOST_TEST(worker->remove_messages(seen) == 0);
  BOOST_TEST(test::contents(worker->get_messages()) == "[3,4]");
}

CONFORMANCE_TEST_WHERE(protocol.has_store, messages_that_were_seen_can_be_removed_after_coming_back) {
  const auto boss = connect("boss");
  auto worker = connect("worker");
  send_numbers(*boss, "worker", 1, 2);
  const auto first = worker->peek(1);
  worker->suspend();
  worker = reconnect("worker");
  BOOST_TEST(worker->remove_messages(first) == 1);
  BOOST_TEST(test::contents(worker->get_messages()) == "[2]");
}

CONFORMANCE_TEST(a_message_as_json_has_its_members_and_comes_back_the_same) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  boss->send_message("worker", {{"n", 1}}, {.id = "one", .stamp = 1.5, .broadcast = true});
  const auto message = worker->get_messages().at(0);
  ipcm::Json json = message.to_json();
  BOOST_TEST(json.contains("place"));
  const auto back = ipcm::Message::from_json(json);
  BOOST_TEST(back.to_json().dump() == json.dump());
  json.erase("place");
  BOOST_TEST(json.dump() ==
             R"({"broadcast":true,"content":{"n":1},"from":"boss","id":"one","stamp":1.5,"to":"worker"})");
}

CONFORMANCE_TEST(json_that_is_no_message_is_refused_naming_the_member) {
  const ipcm::Json whole = {{"broadcast", false}, {"content", 1}, {"from", "boss"},
                            {"id", "one"},        {"stamp", 1.5}, {"to", "worker"}};
  ipcm::Message::from_json(whole);
  for (const char* member : {"from", "id", "stamp", "to"}) {
    for (const bool missing : {true, false}) {
      ipcm::Json wrong = whole;
      missing ? static_cast<void>(wrong.erase(member)) : static_cast<void>(wrong[member] = ipcm::Json::array());
      const auto error = test::caught([&] { ipcm::Message::from_json(wrong); });
      BOOST_REQUIRE_MESSAGE(error.has_value(), "accepted without a good " << member);
      BOOST_TEST((error->code() == ipcm::ErrorCode::InvalidMessage));
      BOOST_TEST(std::string(error->what()).find(member) != std::string::npos, error->what());
    }
  }
  CHECK_ERROR(InvalidMessage, ipcm::Message::from_json(ipcm::Json::array()));
}
