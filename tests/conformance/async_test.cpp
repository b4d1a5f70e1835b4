// SPDX-License-Identifier: MIT
// `send_async`: many messages in flight with the guarantees of send_message().
#include <atomic>
#include <future>
#include <thread>

#include "conformance.hpp"
#include "support/forked_child.hpp"

using ipcm::ErrorCode;

namespace {

std::string contents(ipcm::Client& client) {
  std::string text;
  for (const auto& message : client.get_messages()) text += message.content().dump() + " ";
  return text;
}

}  // namespace

CONFORMANCE_TEST(the_future_holds_the_id_of_a_message_that_is_stored) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  const std::string id = boss->send_async("worker", {{"n", 1}}).get();
  const auto messages = worker->get_messages();
  BOOST_TEST(messages.size() == 1U);
  BOOST_TEST(messages.at(0).id() == id);
  BOOST_TEST(boss->send_async({.to = "worker", .content = 2, .id = "chosen"}).get() == "chosen");
  BOOST_TEST(boss->send_async(boss->build_message("worker", 3)).get().size() == 36U);
  BOOST_TEST(contents(*worker) == "2 3 ");
  BOOST_TEST(problems() == "");
}

CONFORMANCE_TEST(messages_stand_in_the_order_in_which_they_were_handed_over_however_they_are_sent) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  std::vector<std::future<std::string>> sent;
  for (int n = 0; n < 100; n += 4) {
    sent.push_back(boss->send_async("worker", n));
    boss->send_message("worker", n + 1);
    sent.push_back(boss->send_async("worker", n + 2));
    boss->broadcast(n + 3);
  }
  for (auto& one : sent) one.get();
  int next = 0;
  for (const auto& message : worker->get_messages()) BOOST_TEST(message.content() == next++);
  BOOST_TEST(next == 100);
}

CONFORMANCE_TEST(what_the_store_refuses_comes_through_the_future_and_harms_no_other) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  make_disconnected("gone");
  auto good = boss->send_async("worker", 1);
  auto unknown = boss->send_async("nobody", 2);
  auto away = boss->send_async("gone", 4);
  auto last = boss->send_async("worker", 5);
  good.get();
  last.get();
  BOOST_TEST(test::code_of_call([&] { unknown.get(); }) == "UnknownPeer");
  BOOST_TEST(test::code_of_call([&] { away.get(); }) == "PeerDisconnected");
  BOOST_TEST(contents(*worker) == "1 5 ");
  BOOST_TEST(problems() == "");
}

CONFORMANCE_TEST_WHERE(protocol.has_store, a_chosen_id_that_is_held_is_refused_through_the_future) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  auto good = boss->send_async({.to = "worker", .content = 1, .id = "one"});
  auto twice = boss->send_async({.to = "worker", .content = 2, .id = "one"});
  auto last = boss->send_async("worker", 3);
  good.get();
  last.get();
  BOOST_TEST(test::code_of_call([&] { twice.get(); }) == "DuplicateMessage");
  BOOST_TEST(contents(*worker) == "1 3 ");
}

CONFORMANCE_TEST(what_is_wrong_with_the_message_is_thrown_at_once) {
  const auto boss = connect("boss");
  BOOST_TEST(test::code_of_call([&] { boss->send_async("_no", 1); }) == "InvalidName");
  BOOST_TEST(test::code_of_call([&] { boss->send_async(ipcm::MessageFields{}); }) == "InvalidMessage");
  BOOST_TEST(test::code_of_call([&] { boss->send_async({.broadcast = true}); }) == "InvalidMessage");
  boss->disconnect();
  auto late = boss->send_async("worker", 1);
  BOOST_TEST(test::code_of_call([&] { late.get(); }) == "Disconnected");
}

CONFORMANCE_TEST(handlers_are_called_in_order_by_another_thread_and_may_use_the_client) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  std::string told;
  std::promise<void> end;
  const auto this_thread = std::this_thread::get_id();
  bool elsewhere = true;
  for (int n = 0; n < 5; ++n) {
    const std::string to = n == 3 ? "nobody" : "worker";
    boss->send_async({.to = to, .content = n, .id = "m" + std::to_string(n)}, [&, n](const std::string& id,
                                                                                     const ipcm::Outcome& outcome) {
      elsewhere = elsewhere && std::this_thread::get_id() != this_thread;
      told += id + (outcome ? " " : "! ");
      if (n == 4) {
        boss->send_message("worker", "from a handler");
        boss->send_async("worker", "and later", [&](const std::string&, const ipcm::Outcome&) { end.set_value(); });
      }
    });
  }
  end.get_future().get();
  BOOST_TEST(told == "m0 m1 m2 m3! m4 ");
  BOOST_TEST(elsewhere);
  BOOST_TEST(contents(*worker) == "0 1 2 4 \"from a handler\" \"and later\" ");
}

CONFORMANCE_TEST(leaving_waits_for_what_is_in_flight) {
  const auto worker = connect("worker");
  std::atomic<int> stored{0};
  const auto count = [&](const std::string&, const ipcm::Outcome& outcome) { stored += outcome ? 1 : 0; };
  const std::vector<std::function<void(ipcm::Client&)>> ways = {[](ipcm::Client& client) { client.disconnect(); },
                                                                [&](ipcm::Client& client) { rest(client); },
                                                                [](ipcm::Client&) {}};
  for (const auto& leave : ways) {
    auto boss = connect("boss");
    for (int n = 0; n < 200; ++n) boss->send_async("worker", n, count);
    leave(*boss);
    boss.reset();  // and with it the last handler has returned
    BOOST_TEST(worker->get_messages().size() == 200U);
  }
  BOOST_TEST(stored == 600);
  BOOST_TEST(problems() == "");
}

CONFORMANCE_TEST(a_handler_may_hold_the_last_of_the_client) {
  const auto worker = connect("worker");
  std::promise<void> gone;
  auto boss = connect("boss");
  ipcm::Client& client = *boss;
  client.send_async("worker", 1, [held = std::move(boss), &gone](const std::string&, const ipcm::Outcome&) mutable {
    held.reset();
    gone.set_value();
  });
  gone.get_future().get();
  BOOST_TEST(!worker->peer_active("boss"));
  BOOST_TEST(contents(*worker) == "1 ");
}

CONFORMANCE_TEST(a_client_without_a_name_can_send_so_too) {
  const auto worker = connect("worker");
  ipcm::connect_anonymous(info())->send_async("worker", 1).get();
  BOOST_TEST(worker->get_messages().at(0).from() == "_anonymous");
}

CONFORMANCE_TEST(a_batch_of_one_thread_that_is_refused_leaves_nothing_among_the_sends_of_others) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  std::atomic<bool> enough{false};
  std::atomic<int> refused{0};
  auto batches = std::async(std::launch::async, [&] {
    const std::vector<ipcm::MessageFields> batch = {{.to = "worker", .content = "half"}, {.to = "nobody"}};
    while (!enough) refused += test::code_of_call([&] { boss->send_messages(batch); }) == "UnknownPeer" ? 1 : 0;
  });
  auto singles = std::async(std::launch::async, [&] {
    while (!enough) boss->send_message("worker", "whole");
  });
  int sent = 0;
  for (; refused < 100; ++sent) boss->send_async("worker", "whole").get();
  enough = true;
  batches.get();
  singles.get();
  for (const auto& message : worker->get_messages()) BOOST_REQUIRE(message.content() == "whole");
  BOOST_TEST(problems() == "");
}

CONFORMANCE_TEST(a_forked_child_leaves_what_is_in_flight_to_its_parent) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  std::vector<std::future<std::string>> sent;
  for (int n = 0; n < 100; ++n) sent.push_back(boss->send_async("worker", n));
  auto* const inherited = boss.get();
  for (const auto how : {test::ChildExit::immediate, test::ChildExit::orderly}) {
    BOOST_TEST(test::in_forked_child(
                   [&] { return test::code_of_call([&] { inherited->send_async("worker", "from the child"); }); },
                   how) == "WrongProcess");
  }
  for (auto& one : sent) one.get();
  boss->send_async("worker", 100).get();
  BOOST_TEST(worker->get_messages().size() == 101U);
  BOOST_TEST(problems() == "");
}
