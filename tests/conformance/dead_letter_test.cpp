// SPDX-License-Identifier: MIT
// `get_messages`: a message that cannot be decoded does not block the others; it is set aside as dead.
#include "conformance.hpp"
#include "support/picky_serializer.hpp"
#include "support/remote_peer.hpp"

namespace {

const char* const kPicky = "Picky";

void register_picky() {
  static const bool once = [] {
    ipcm::register_serializer(std::make_shared<test::PickySerializer>(kPicky));
    return true;
  }();
  static_cast<void>(once);
}

}  // namespace

CONFORMANCE_TEST(a_message_that_cannot_be_decoded_does_not_block_the_others) {
  register_picky();
  const auto boss = connect_with(kPicky, "boss");
  const auto worker = connect("worker");
  for (const char* content : {"a", "poison", "b", "poison", "c"}) boss->send_message("worker", content);
  BOOST_TEST(test::contents(worker->get_messages()) == R"(["a","b","c"])");
  BOOST_TEST(worker->get_messages().empty());
  BOOST_TEST(!worker->have_ready_messages());
}

CONFORMANCE_TEST(whatever_a_serializer_throws_neither_blocks_an_inbox_nor_leaves_a_call_as_anything_but_an_error) {
  register_picky();
  const auto boss = connect_with(kPicky, "boss");
  const auto worker = connect("worker");
  for (const char* content : {"a", "half", "b", "a number", "c"}) boss->send_message("worker", content);
  BOOST_TEST(test::contents(worker->peek()) == R"(["a","b","c"])");
  BOOST_TEST(test::contents(worker->get_messages()) == R"(["a","b","c"])");
  BOOST_TEST(!worker->have_ready_messages());
  for (const char* content : {"half", "a number"}) boss->send_message("worker", content);
  BOOST_TEST(test::code_of(worker->disconnect()) == "MessagesWaiting");
  CHECK_ERROR(InvalidMessage, boss->send_message("worker", "cannot be encoded"));
  CHECK_ERROR(InvalidMessage, boss->send_async("worker", "cannot be encoded"));
  BOOST_TEST(test::code_of(boss->try_message("worker", "cannot be encoded")) == "InvalidMessage");
  BOOST_TEST(problems() == "");
}

CONFORMANCE_TEST(a_limit_counts_messages_that_are_returned) {
  register_picky();
  const auto boss = connect_with(kPicky, "boss");
  const auto worker = connect("worker");
  for (const char* content : {"poison", "poison", "a", "poison", "b"}) boss->send_message("worker", content);
  BOOST_TEST(test::contents(worker->get_messages(1)) == R"(["a"])");
  BOOST_TEST(test::contents(worker->get_messages(1)) == R"(["b"])");
  BOOST_TEST(worker->get_messages(1).empty());
}

CONFORMANCE_TEST(peeking_leaves_out_what_cannot_be_decoded) {
  register_picky();
  const auto boss = connect_with(kPicky, "boss");
  const auto worker = connect("worker");
  for (const char* content : {"poison", "a", "poison", "b"}) boss->send_message("worker", content);
  BOOST_TEST(test::contents(worker->peek(1)) == R"(["a"])");
  BOOST_TEST(test::contents(worker->peek()) == R"(["a","b"])");
  BOOST_TEST(worker->remove_messages(worker->peek()) == 2);
}

CONFORMANCE_TEST_WHERE(protocol.has_store, a_dead_message_is_counted_and_held_not_read) {
  register_picky();
  const auto boss = connect_with(kPicky, "boss");
  const auto worker = connect("worker");
  for (const char* content : {"a", "poison", "b"}) boss->send_message("worker", content);
  BOOST_TEST(ipcm::route_info(info()).dead == 0);
  BOOST_TEST(ipcm::route_info(info()).queued == 3);
  worker->get_messages();
  BOOST_TEST(ipcm::route_info(info()).dead == 1);
  BOOST_TEST(ipcm::route_info(info()).queued == 0);
  BOOST_TEST(test::text(boss->stats()) == "read{} sent{worker:3}");
  BOOST_TEST(test::text(worker->stats()) == "read{boss:2} sent{}");
  BOOST_TEST(problems() == "");
}

CONFORMANCE_TEST(an_inbox_with_nothing_but_dead_messages_does_not_hold_up_a_client_that_leaves) {
  register_picky();
  const auto boss = connect_with(kPicky, "boss");
  const auto worker = connect("worker");
  boss->send_message("worker", "poison");
  int batches = 0;
  const auto outcome = worker->disconnect([&](std::span<const ipcm::Message>) { ++batches; });
  BOOST_TEST(test::code_of(outcome) == "ok");
  BOOST_TEST(batches == 0);
  BOOST_TEST(worker->disconnected());
}

CONFORMANCE_TEST(waiting_is_not_ended_by_a_message_that_cannot_be_decoded_for_ever) {
  register_picky();
  const auto boss = connect_with(kPicky, "boss");
  const auto worker = connect("worker");
  boss->send_message("worker", "poison");
  worker->wait(std::chrono::milliseconds(0));
  worker->get_messages();
  BOOST_TEST(!worker->wait(std::chrono::milliseconds(0)));
}

CONFORMANCE_TEST_SHARED(a_message_of_a_serializer_that_this_process_lacks_is_dead) {
  const auto worker = connect("worker");
  test::RemotePeer boss(info("OnlyRemote"), "boss");
  boss.send("worker", "unreadable");
  test::RemotePeer plain(info(), "plain");
  plain.send("worker", "readable");
  BOOST_TEST(test::contents(worker->get_messages()) == R"(["readable"])");
  worker->write_stats();
  BOOST_TEST(ipcm::route_info(info()).dead == 1);
}

CONFORMANCE_TEST(bytes_that_are_not_of_their_serializer_are_dead) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  for (const char* serializer : {"JSON", "CBOR", "MessagePack"}) {
    // Content that is passed on is not looked at by the sender.
    const auto passed_on = ipcm::Content::encoded("\xc1\xff{", ipcm::find_serializer(serializer));
    const auto sender = connect_with(serializer, "sender");
    sender->send_message("worker", passed_on);
  }
  boss->send_message("worker", "whole");
  BOOST_TEST(test::contents(worker->get_messages()) == R"(["whole"])");
  worker->write_stats();
  BOOST_TEST(ipcm::route_info(info()).dead == 3);
}
