// SPDX-License-Identifier: MIT
// Instance method `requeue_message`: same id, same sender, same stamp, its old place; after exec or restart too.
#include <algorithm>

#include "conformance.hpp"

namespace {

std::vector<ipcm::Message> through_json(const std::vector<ipcm::Message>& messages) {
  std::vector<ipcm::Message> back;
  for (const auto& message : messages) {
    back.push_back(ipcm::Message::from_json(ipcm::Json::parse(message.to_json().dump())));
  }
  return back;
}

}  // namespace

CONFORMANCE_TEST(a_requeued_message_keeps_id_sender_stamp_flag_and_content) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  boss->send_message("worker", {{"b", 1}, {"a", 2}}, {.id = "chosen", .stamp = 1.5, .broadcast = true});
  boss->send_message("worker", "generated");
  const auto before = worker->get_messages();
  worker->requeue_messages(before);
  const auto after = worker->get_messages();
  BOOST_REQUIRE(after.size() == 2);
  for (std::size_t n = 0; n < 2; ++n) {
    BOOST_TEST(after[n].to_json().dump() == before[n].to_json().dump());
    BOOST_TEST(after[n].content_text() == before[n].content_text());
    BOOST_TEST(after[n].from() == "boss");
  }
}

CONFORMANCE_TEST(a_requeued_message_is_back_in_its_old_place_before_whatever_came_later) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  for (int n = 1; n <= 4; ++n) boss->send_message("worker", n);
  const auto taken = worker->get_messages(3);
  boss->send_message("worker", 5);
  worker->requeue_message(taken[1]);
  BOOST_TEST(test::contents(worker->peek()) == "[2,4,5]");
  worker->requeue_message(taken[2]);
  worker->requeue_message(taken[0]);
  boss->send_message("worker", 6);
  BOOST_TEST(test::contents(worker->get_messages()) == "[1,2,3,4,5,6]");
}

CONFORMANCE_TEST(many_messages_that_are_requeued_in_any_order_come_back_in_the_old_one) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  for (int n = 1; n <= 5; ++n) boss->send_message("worker", n);
  auto taken = worker->get_messages();
  boss->send_message("worker", 6);
  std::reverse(taken.begin(), taken.end());
  std::swap(taken[1], taken[3]);
  worker->requeue_messages(taken);
  BOOST_TEST(test::contents(worker->get_messages()) == "[1,2,3,4,5,6]");
}

CONFORMANCE_TEST(an_inbox_that_was_emptied_and_refilled_still_knows_the_old_place) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  boss->send_message("worker", 1);
  const auto first = worker->get_messages();
  boss->send_message("worker", 2);
  worker->get_messages();
  boss->send_message("worker", 3);
  worker->requeue_messages(first);
  boss->send_message("worker", 4);
  BOOST_TEST(test::contents(worker->get_messages()) == "[1,3,4]");
}

CONFORMANCE_TEST_WHERE(protocol.has_store, requeueing_works_after_coming_back) {
  const auto boss = connect("boss");
  auto worker = connect("worker");
  for (int n = 1; n <= 3; ++n) boss->send_message("worker", n);
  const auto taken = worker->get_messages(2);
  worker->suspend();
  worker = reconnect("worker");
  worker->requeue_messages(taken);
  BOOST_TEST(test::contents(worker->get_messages()) == "[1,2,3]");
}

CONFORMANCE_TEST_WHERE(protocol.has_store, a_message_survives_the_way_through_json_text) {
  const auto boss = connect("boss");
  auto worker = connect("worker");
  for (int n = 1; n <= 3; ++n) boss->send_message("worker", n);
  const auto taken = worker->get_messages(2);
  const auto stored = through_json(taken);
  worker->disconnect();
  worker = reconnect("worker");
  worker->requeue_messages(stored);
  const auto again = worker->get_messages();
  BOOST_TEST(test::contents(again) == "[1,2,3]");
  BOOST_TEST(test::senders(again) == "boss,boss,boss");
  BOOST_TEST(again.at(0).id() == taken.at(0).id());
  BOOST_TEST(again.at(0).stamp() == taken.at(0).stamp());
}

CONFORMANCE_TEST(a_message_whose_place_is_not_known_goes_before_whatever_came_later) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  boss->send_message("worker", 1);
  ipcm::Json json = worker->get_messages().at(0).to_json();
  json.erase("place");
  boss->send_message("worker", 2);
  worker->requeue_message(ipcm::Message::from_json(json));
  BOOST_TEST(test::contents(worker->get_messages()) == "[1,2]");
}

CONFORMANCE_TEST(a_message_that_is_in_the_inbox_cannot_be_requeued) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  boss->send_message("worker", 1);
  boss->send_message("worker", 2, {.id = "chosen"});
  for (const auto& message : worker->peek()) CHECK_ERROR(DuplicateMessage, worker->requeue_message(message));
  const auto taken = worker->get_messages();
  for (const auto& message : taken) {
    worker->requeue_message(message);
    CHECK_ERROR(DuplicateMessage, worker->requeue_message(message));
    CHECK_ERROR(DuplicateMessage, worker->requeue_message(through_json({message}).at(0)));
  }
  BOOST_TEST(test::contents(worker->get_messages()) == "[1,2]");
  BOOST_TEST(problems() == "");
}

CONFORMANCE_TEST(of_many_messages_of_which_one_cannot_be_requeued_none_is) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  for (int n = 1; n <= 3; ++n) boss->send_message("worker", n);
  const auto taken = worker->get_messages();
  worker->requeue_message(taken[1]);
  CHECK_ERROR(DuplicateMessage, worker->requeue_messages(taken));
  BOOST_TEST(test::contents(worker->peek()) == "[2]");
  const std::vector<ipcm::Message> twice = {taken[0], taken[0]};
  CHECK_ERROR(DuplicateMessage, worker->requeue_messages(twice));
  BOOST_TEST(test::contents(worker->get_messages()) == "[2]");
}

CONFORMANCE_TEST(a_chosen_id_that_came_again_meanwhile_cannot_be_requeued) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  boss->send_message("worker", 1, {.id = "chosen"});
  const auto first = worker->get_messages();
  boss->send_message("worker", 2, {.id = "chosen"});
  CHECK_ERROR(DuplicateMessage, worker->requeue_messages(first));
  BOOST_TEST(test::contents(worker->get_messages()) == "[2]");
  worker->requeue_messages(first);
  if (protocol().has_store) CHECK_ERROR(DuplicateMessage, boss->send_message("worker", 3, {.id = "chosen"}));
}

CONFORMANCE_TEST(a_message_for_someone_else_cannot_be_requeued) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  const auto third = connect("third");
  boss->send_message("worker", 1);
  const auto taken = worker->get_messages();
  CHECK_ERROR(InvalidMessage, third->requeue_messages(taken));
  CHECK_ERROR(InvalidMessage, boss->requeue_messages(taken));
  BOOST_TEST(!third->have_ready_messages());
  BOOST_TEST(!worker->have_ready_messages());
}

CONFORMANCE_TEST(a_requeued_message_counts_as_not_read) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  boss->send_message("worker", 1);
  boss->send_message("worker", 2);
  const auto taken = worker->get_messages();
  worker->requeue_message(taken[0]);
  BOOST_TEST(test::text(boss->stats()) == "read{} sent{worker:2}");
  BOOST_TEST(test::text(worker->stats()) == "read{boss:1} sent{}");
  BOOST_TEST(problems() == "");
}

CONFORMANCE_TEST(a_message_of_a_peer_that_was_forgotten_or_is_unknown_here_keeps_its_sender) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  boss->send_message("worker", 1);
  const auto taken = worker->get_messages();
  boss->disconnect();
  worker->forget("boss");
  worker->requeue_messages(taken);
  BOOST_TEST(test::senders(worker->get_messages()) == "boss");
  BOOST_TEST(!worker->peer_exists("boss"));
}

CONFORMANCE_TEST(a_requeued_message_is_ready_and_wakes) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  boss->send_message("worker", 1);
  const auto taken = worker->get_messages();
  BOOST_TEST(!worker->have_ready_messages());
  worker->requeue_messages(taken);
  BOOST_TEST(worker->have_ready_messages());
  BOOST_TEST(worker->wait(std::chrono::milliseconds(0)));
}

CONFORMANCE_TEST(content_is_requeued_to_the_byte_through_json_too) {
  const auto worker = connect("worker");
  const std::string texts[] = {R"({"z":1,"a":2.50})", R"({"a":1,"a":2})", "123456789012345678901234567890",
                               "[ 1.10,\n\t\"\\u00e4\" ]"};
  for (const char* serializer : {"JSON", "CBOR", "MessagePack"}) {
    const auto boss = connect_with(serializer, "boss");
    for (const std::string& text : texts) boss->send_message("worker", ipcm::Content::from_text(text));
    const auto before = worker->get_messages();
    BOOST_REQUIRE(before.size() == std::size(texts));
    worker->requeue_messages(through_json(before));
    const auto after = worker->get_messages();
    BOOST_REQUIRE(after.size() == std::size(texts));
    for (std::size_t n = 0; n < after.size(); ++n) {
      if (std::string(serializer) == "JSON") BOOST_TEST(after[n].content_text() == texts[n]);
      BOOST_TEST((after[n].content_text() == before[n].content_text()));
      BOOST_TEST(after[n].raw_content().serializer_name() == serializer);
    }
  }
  BOOST_TEST(problems() == "");
}

CONFORMANCE_TEST(what_was_never_in_the_inbox_cannot_be_requeued) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  const auto unsent = boss->build_message("worker", 1);
  CHECK_ERROR(InvalidMessage, worker->requeue_message(unsent));
  CHECK_ERROR(InvalidMessage, worker->requeue_message(worker->build_message("worker", 2)));
  boss->send_message("worker", 3);
  CHECK_ERROR(InvalidMessage, worker->requeue_message(unsent));  // nothing was read yet
  BOOST_TEST(test::contents(worker->get_messages()) == "[3]");
  BOOST_TEST(test::text(worker->stats()) == "read{boss:1} sent{}");
  BOOST_TEST(problems() == "");
}
