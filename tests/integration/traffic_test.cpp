// SPDX-License-Identifier: MIT
// Several processes send and read on one route: every message once, each sender's in order, and the books balance.
#include <boost/test/unit_test.hpp>

#include <map>

#include "integration/route_file.hpp"
#include "support/remote_peer.hpp"
#include "support/text.hpp"

BOOST_AUTO_TEST_SUITE(traffic)

BOOST_AUTO_TEST_CASE(several_processes_send_to_several_readers_and_every_message_arrives_once_and_in_order) {
  const test::RouteFile route;
  constexpr int kSenders = 4;
  constexpr int kReaders = 3;
  constexpr int kEach = 120;
  std::vector<test::RemotePeer> readers;
  for (int r = 0; r < kReaders; ++r) readers.emplace_back(route.info(), "reader" + std::to_string(r));
  std::vector<test::RemotePeer> senders;
  for (int s = 0; s < kSenders; ++s) senders.emplace_back(route.info(), "sender" + std::to_string(s));
  for (auto& sender : senders) sender.start({"send_numbers", "reader", kReaders, kEach});

  std::map<std::pair<std::string, int>, int> next;  // by sender and reader
  int received = 0;
  while (received < kSenders * kEach) {
    for (int r = 0; r < kReaders; ++r) {
      for (const auto& message : readers[static_cast<std::size_t>(r)].get()) {
        int& expected = next.try_emplace({message.from(), r}, r).first->second;
        BOOST_TEST_REQUIRE(message.content() == expected);
        expected += kReaders;
        ++received;
      }
    }
  }
  for (auto& sender : senders) sender.finish();
  for (auto& reader : readers) BOOST_TEST(reader.get().empty());
  BOOST_TEST(route.problems() == "");
  const auto watcher = route.connect("watcher");
  std::uint64_t sent = 0;
  std::uint64_t read = 0;
  for (const auto& [name, stats] : watcher->all_stats()) {
    for (const auto& [to, count] : stats.sent) sent += count;
    for (const auto& [from, count] : stats.read) read += count;
  }
  BOOST_TEST(sent == kSenders * kEach);
  BOOST_TEST(read == kSenders * kEach);
}

BOOST_AUTO_TEST_CASE(what_one_process_wrote_another_reads_exactly) {
  const test::RouteFile route;
  const auto here = route.connect("here");
  test::RemotePeer there(route.info(), "there");
  const ipcm::Json content = {{"text", "grüße 日本 😀 \x01"}, {"number", 9007199254740993}, {"list", {1, nullptr, 0.1}}};
  const std::string id = here->send_message("there", content, {.stamp = 0.1, .broadcast = true});
  const auto messages = there.get();
  BOOST_REQUIRE(messages.size() == 1);
  BOOST_TEST(messages[0].id() == id);
  BOOST_TEST(messages[0].from() == "here");
  BOOST_TEST(messages[0].stamp() == 0.1);
  BOOST_TEST(messages[0].broadcast());
  BOOST_TEST((messages[0].content() == content));
}

BOOST_AUTO_TEST_CASE(a_message_that_one_process_took_another_puts_back_in_its_place) {
  const test::RouteFile route;
  const auto boss = route.connect("boss");
  ipcm::Json taken;
  {
    test::RemotePeer worker(route.info(), "worker");
    for (int n = 1; n <= 3; ++n) boss->send_message("worker", n);
    taken = worker.call({"get", 2});
  }  // killed
  test::RemotePeer next;
  next.call({"reconnect", "worker", route.info().to_string()});
  next.call({"requeue", taken});
  const auto messages = next.get();
  BOOST_TEST(test::contents(messages) == "[1,2,3]");
  BOOST_TEST(test::senders(messages) == "boss,boss,boss");
}

BOOST_AUTO_TEST_SUITE_END()
