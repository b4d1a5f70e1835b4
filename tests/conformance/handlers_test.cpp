// SPDX-License-Identifier: MIT
// The threads that call handlers, and those that wait for an answer, when their client goes.
#include <atomic>
#include <future>
#include <optional>
#include <stdexcept>
#include <thread>

#include "conformance.hpp"
#include "support/process.hpp"

using std::chrono::milliseconds;

namespace {

// Something that a handler can be held up by, and that is never there for long.
class Gate {
 public:
  void open() { opened_.set_value(); }
  void wait() {  // without BOOST_TEST, of which one thread at a time may make use
    if (future_.wait_for(test::kPatience) != std::future_status::ready) throw std::runtime_error("nobody opens a gate");
  }

 private:
  std::promise<void> opened_;
  std::shared_future<void> future_ = opened_.get_future().share();
};

void answer_all(ipcm::Client& client) {
  client.wait(test::kPatience);
  for (const auto& message : client.get_messages()) {
    if (message.is_request()) client.reply(message, "answer");
  }
}

struct WithState : ipcm::Client {
  using Client::Client;
  std::string state = std::string(100, 'x');
};

}  // namespace

CONFORMANCE_TEST(a_request_that_is_waited_for_may_outlive_its_client) {
  const auto worker = connect("worker");
  for (int round = 0; round < 30; ++round) {
    auto boss = connect("boss");
    auto request = boss->request("worker", round, test::kPatience);
    std::atomic<bool> waits{false};
    auto outcome = std::async(std::launch::async, [&] {
      waits = true;
      return test::code_of(request.wait().outcome);
    });
    while (!waits) std::this_thread::yield();
    for (int n = 0; n < round * 10; ++n) std::this_thread::yield();
    boss.reset();
    BOOST_TEST(outcome.get() == "Disconnected");
    worker->get_messages();
  }
}

CONFORMANCE_TEST(the_destructor_waits_for_the_handler_of_a_reply_that_has_disconnected) {
  const auto worker = connect("worker");
  auto boss = connect("boss");
  Gate left;
  Gate may_return;
  std::atomic<bool> returned{false};
  boss->request("worker", 1, test::kPatience, [&, client = boss.get()](const ipcm::Reply&) {
    client->disconnect();
    left.open();
    may_return.wait();
    BOOST_TEST(client->id() == "boss");
    returned = true;
  });
  answer_all(*worker);
  left.wait();
  std::atomic<bool> destroyed{false};
  std::thread destroys([&] {
    boss.reset();
    destroyed = true;
  });
  test::pause_briefly();
  BOOST_TEST(!destroyed);
  may_return.open();
  destroys.join();
  BOOST_TEST(returned);
}

CONFORMANCE_TEST(a_handler_of_a_send_may_use_its_client_while_the_destructor_waits_for_it) {
  const auto worker = connect("worker");
  auto boss = connect("boss");
  Gate runs;
  std::atomic<bool> returned{false};
  boss->send_async("worker", 1, [&, client = boss.get()](const std::string&, const ipcm::Outcome&) {
    runs.open();
    BOOST_TEST(test::eventually([&] { return client->disconnected(); }));  // by the destructor
    CHECK_ERROR(Disconnected, client->request("worker", 2, milliseconds(1)));
    CHECK_ERROR(Disconnected, client->send_message("worker", 3));
    CHECK_ERROR(Disconnected, client->send_async("worker", 4).get());
    BOOST_TEST(client->id() == "boss");
    returned = true;
  });
  runs.wait();
  boss.reset();
  BOOST_TEST(returned);
}

CONFORMANCE_TEST(a_handler_of_a_send_may_use_the_derived_part_while_the_destructor_waits_for_it) {
  const auto worker = connect("worker");
  auto boss = ipcm::connect_as<WithState>("boss", info());
  Gate runs;
  std::atomic<bool> returned{false};
  boss->send_async("worker", 1, [&, client = boss.get()](const std::string&, const ipcm::Outcome&) {
    runs.open();
    BOOST_TEST(test::eventually([&] { return client->disconnected(); }));
    test::pause_briefly();
    BOOST_TEST(client->state == std::string(100, 'x'));
    returned = true;
  });
  runs.wait();
  boss.reset();
  BOOST_TEST(returned);
}

CONFORMANCE_TEST(a_handler_of_a_send_may_wait_for_another_send) {
  const auto worker = connect("worker");
  const auto boss = connect("boss");
  Gate done;
  boss->send_async("worker", 1, [&](const std::string&, const ipcm::Outcome&) {
    boss->send_async("worker", 2).get();
    CHECK_ERROR(UnknownPeer, boss->send_async("nobody", 3).get());
    done.open();
  });
  done.wait();
  BOOST_TEST(test::contents(worker->get_messages()) == "[1,2]");
}

CONFORMANCE_TEST(handlers_of_sends_and_of_replies_do_not_wait_for_each_other_when_one_leaves) {
  const auto worker = connect("worker");
  const auto boss = connect("boss");
  Gate in_reply;
  Gate in_send;
  Gate left;
  Gate settled;
  bool was_sent = false;
  boss->request("worker", 1, test::kPatience, [&](const ipcm::Reply&) {
    in_reply.open();
    in_send.wait();
    was_sent = boss->send_async("worker", 3).wait_for(test::kPatience) == std::future_status::ready;
    settled.open();
  });
  answer_all(*worker);
  in_reply.wait();
  boss->send_async("worker", 2, [&](const std::string&, const ipcm::Outcome&) {
    in_send.open();
    boss->disconnect();
    left.open();
  });
  left.wait();
  settled.wait();
  BOOST_TEST(was_sent);
  BOOST_TEST(boss->disconnected());
}

CONFORMANCE_TEST(a_handler_of_a_reply_may_hold_the_last_of_the_client) {
  const auto worker = connect("worker");
  auto boss = connect("boss");
  Gate gone;
  ipcm::Client& client = *boss;
  client.request("worker", 1, test::kPatience, [held = std::move(boss), &gone](const ipcm::Reply&) mutable {
    held.reset();
    gone.open();
  });
  answer_all(*worker);
  gone.wait();
  BOOST_TEST(!worker->peer_active("boss"));
}
