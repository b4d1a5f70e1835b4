// SPDX-License-Identifier: MIT
// Several threads on one client, and clients in several threads: "never delivers one twice to two readers".
#include <atomic>
#include <future>
#include <map>
#include <set>

#include "conformance.hpp"
#include "support/process.hpp"

using std::chrono::milliseconds;

namespace {

constexpr int kThreads = 4;
constexpr int kEach = 60;

std::vector<std::future<void>> in_threads(const std::function<void(int)>& work) {
  std::vector<std::future<void>> threads;
  for (int n = 0; n < kThreads; ++n) threads.push_back(std::async(std::launch::async, work, n));
  return threads;
}

void join(std::vector<std::future<void>> threads) {
  for (auto& thread : threads) thread.get();
}

}  // namespace

CONFORMANCE_TEST(threads_that_send_over_one_client_lose_nothing_and_keep_their_order) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  join(in_threads([&](int thread) {
    for (int n = 0; n < kEach; ++n) boss->send_message("worker", {{"thread", thread}, {"n", n}});
  }));
  std::map<int, int> next;
  for (const auto& message : worker->get_messages()) {
    const int thread = message.content().at("thread");
    BOOST_TEST(message.content().at("n") == next[thread]++);
  }
  for (int thread = 0; thread < kThreads; ++thread) BOOST_TEST(next[thread] == kEach);
}

CONFORMANCE_TEST(threads_that_read_over_one_client_get_every_message_once) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  constexpr std::size_t kCount = kThreads * kEach;
  std::vector<std::vector<std::string>> got(kThreads);
  std::atomic<std::size_t> received{0};
  auto readers = in_threads([&](int thread) {
    while (received < kCount) {
      worker->wait(milliseconds(20));
      const auto batch = worker->get_messages(3);
      for (const auto& message : batch) got[static_cast<std::size_t>(thread)].push_back(message.id());
      received += batch.size();
    }
  });
  for (std::size_t n = 0; n < kCount; ++n) boss->send_message("worker", n);
  join(std::move(readers));
  std::set<std::string> all;
  std::size_t total = 0;
  for (const auto& ids : got) {
    all.insert(ids.begin(), ids.end());
    total += ids.size();
  }
  BOOST_TEST(total == kCount);
  BOOST_TEST(all.size() == kCount);
  BOOST_TEST(problems() == "");
}

CONFORMANCE_TEST(all_calls_can_be_mixed_among_threads) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  std::atomic<std::size_t> taken{0};
  auto threads = in_threads([&](int) {
    for (int n = 0; n < kEach / 3; ++n) {
      boss->send_message("worker", n);
      worker->requeue_messages(worker->get_messages(2));
      taken += worker->get_messages(1).size();
      boss->peers();
      boss->stats();
      worker->have_ready_messages();
      worker->peek(1);
      boss->peer_active("worker");
      worker->wait(milliseconds(0));
    }
  });
  join(std::move(threads));
  taken += worker->get_messages().size();
  BOOST_TEST(taken == kThreads * (kEach / 3));
  BOOST_TEST(problems() == "");
}

CONFORMANCE_TEST(a_thread_that_waits_does_not_hold_up_the_others) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  auto waiting = std::async(std::launch::async, [&] { worker->wait(); });
  for (int n = 0; n < 20; ++n) worker->send_message("boss", n);
  BOOST_TEST(boss->get_messages().size() == 20);
  worker->peers();
  worker->stats();
  boss->send_message("worker", 1);
  BOOST_TEST((waiting.wait_for(test::kPatience) == std::future_status::ready));
}

CONFORMANCE_TEST(several_threads_may_wait_over_one_client) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  std::atomic<std::size_t> received{0};
  auto threads = in_threads([&](int) {
    if (worker->wait(test::kPatience)) received += worker->get_messages().size();
  });
  // Each round wakes at least the one that takes the message; the others may sleep on.
  while (received < 1) {
    boss->send_message("worker", 1);
    test::pause_briefly();
  }
  for (auto& thread : threads) {
    while (thread.wait_for(milliseconds(1)) != std::future_status::ready) boss->send_message("worker", 1);
    thread.get();
  }
  BOOST_TEST(received + worker->get_messages().size() == boss->stats().sent.at("worker"));
}

CONFORMANCE_TEST(a_thread_that_waits_ends_when_another_disconnects_its_client) {
  for (const bool by_suspend : {false, true}) {
    const auto worker = connect("worker");
    auto waiting =
        std::async(std::launch::async, [&] { return test::code_of_call([&] { worker->wait(test::kPatience * 2); }); });
    by_suspend ? rest(*worker) : static_cast<void>(worker->disconnect());
    BOOST_TEST((waiting.wait_for(test::kPatience) == std::future_status::ready));
    BOOST_TEST(waiting.get() == "Disconnected");
  }
}

CONFORMANCE_TEST(clients_come_and_go_in_many_threads_at_once) {
  const auto boss = connect("boss");
  join(in_threads([&](int thread) {
    for (int n = 0; n < 15; ++n) {
      const auto client = connect("worker" + std::to_string(thread));
      client->send_message("boss", n);
      n % 2 == 0 ? rest(*client) : static_cast<void>(client->disconnect());
    }
  }));
  BOOST_TEST(boss->get_messages().size() == kThreads * 15);
  BOOST_TEST(problems() == "");
}

CONFORMANCE_TEST(one_message_may_be_read_by_several_threads) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  boss->send_message("worker", {{"n", 1}});
  const auto message = worker->get_messages().at(0);
  std::atomic<int> right{0};
  join(in_threads([&](int) {
    const ipcm::Message copy = message;
    if (copy.content().at("n") == 1 && message.content_text() == R"({"n":1})") ++right;
  }));
  BOOST_TEST(right == kThreads);
}
