// SPDX-License-Identifier: MIT
// Instance methods `disconnect([handler])` and `suspend`, what is left behind, and the destructor. Hooks:
// hooks_test.cpp.
#include <atomic>
#include <future>

#include "conformance.hpp"

using std::chrono::hours;

namespace {

/// To the worker, with one message after it: more than disconnect() looks through.
void send_terminate_behind_much(ipcm::Client& boss) {
  boss.send_messages(std::vector<ipcm::MessageFields>(1500, {.to = "worker", .content = 1}));
  boss.send_message("worker", {{"terminate", true}});
  boss.send_message("worker", "the last");
}

/// Stops the thread that asks it next, once, where that wants to be stopped.
class StoppingClock : public ipcm::Clock {
 public:
  std::chrono::system_clock::time_point now() const override {
    if (thread_ == std::this_thread::get_id()) {
      thread_ = std::thread::id();
      stopped_.set_value();
      go_on_.get_future().wait();
    }
    return std::chrono::system_clock::now();
  }
  void stop_this_thread() { thread_ = std::this_thread::get_id(); }
  void wait_until_it_has_stopped() { stopped_.get_future().wait(); }
  void go_on() { go_on_.set_value(); }

 private:
  mutable std::atomic<std::thread::id> thread_{};
  mutable std::promise<void> stopped_;
  mutable std::promise<void> go_on_;
};

}  // namespace

CONFORMANCE_TEST(a_client_with_nothing_waiting_disconnects_without_an_error) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  BOOST_TEST(test::code_of(worker->disconnect()) == "ok");
  BOOST_TEST(worker->disconnected());
  CHECK_ERROR(PeerDisconnected, boss->send_message("worker", 1));
}

CONFORMANCE_TEST_WHERE(protocol.has_store, messages_that_wait_are_reported_and_stay_for_the_next_time) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  for (int n = 1; n <= 3; ++n) boss->send_message("worker", n);
  worker->get_messages(1);
  const auto outcome = worker->disconnect();
  BOOST_TEST(test::code_of(outcome) == "MessagesWaiting");
  BOOST_TEST(std::string(outcome.error().what()) != "");
  BOOST_TEST(worker->disconnected());
  CHECK_ERROR(PeerDisconnected, boss->send_message("worker", 4));
  BOOST_TEST(test::contents(reconnect("worker")->get_messages()) == "[2,3]");
}

CONFORMANCE_TEST(terminate_messages_do_not_count_as_waiting) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  boss->send_message("worker", {{"terminate", true}});
  boss->send_message("worker", {{"terminate", true}});
  BOOST_TEST(test::code_of(worker->disconnect()) == "ok");
  const auto back = come_back("worker");
  boss->send_message("worker", {{"terminate", true}});
  boss->send_message("worker", 1);
  BOOST_TEST(test::code_of(back->disconnect()) == "MessagesWaiting");
}

CONFORMANCE_TEST(any_true_value_under_terminate_makes_a_terminate_message) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  const std::vector<ipcm::Content> contents = {{{"terminate", true}},
                                               {{"terminate", false}},
                                               {{"terminate", 1}},
                                               {{"terminate", true}, {"n", 1}},
                                               {{"terminate", 0}},
                                               "terminate",
                                               nullptr};
  for (const auto& content : contents) boss->send_message("worker", content);
  std::string found;
  for (const auto& message : worker->get_messages()) found += message.is_terminate() ? "T" : "-";
  BOOST_TEST(found == "T-TT---");
}

CONFORMANCE_TEST(terminate_messages_that_nobody_read_are_dropped_with_the_goodbye_and_end_no_later_life) {
  const auto boss = connect("boss");
  auto worker = connect("worker");
  boss->send_message("worker", {{"terminate", true}});
  boss->send_message("worker", ipcm::Content::from_text(R"({"why":"late","\u0074erminate":1})"));
  BOOST_TEST(test::code_of(worker->disconnect()) == "ok");
  worker = come_back("worker");
  BOOST_TEST(!worker->have_ready_messages());
  BOOST_TEST(problems() == "");
  if (protocol().has_store) BOOST_TEST(worker->stats().read.at("boss") == 2U);
}

CONFORMANCE_TEST_WHERE(protocol.has_store, of_what_stays_behind_only_the_terminate_messages_are_dropped) {
  const auto boss = connect("boss");
  auto worker = connect("worker");
  boss->send_message("worker", 1);
  boss->send_message("worker", {{"terminate", true}});
  boss->send_message("worker", "a word: terminate");
  BOOST_TEST(test::code_of(worker->disconnect()) == "MessagesWaiting");
  worker = reconnect("worker");
  BOOST_TEST(test::contents(worker->peek()) == R"([1,"a word: terminate"])");
  ipcm::Service service(worker);
  std::size_t served = 0;
  service.on_message([&](const ipcm::Message&) {
    if (++served == 2) service.stop();
  });
  service.run();
  BOOST_TEST(served == 2U);
  BOOST_TEST(problems() == "");
}

CONFORMANCE_TEST_WHERE(protocol.has_store, of_much_that_stays_behind_no_terminate_message_ends_a_later_life) {
  constexpr int kMuch = 2500;
  const auto is_terminate = [](int n) { return n == 3 || n == 1200 || n == kMuch - 1; };
  const auto boss = connect("boss");
  auto worker = connect("worker");
  std::vector<ipcm::MessageFields> batch;
  for (int n = 0; n < kMuch; ++n) {
    batch.push_back({.to = "worker", .content = is_terminate(n) ? ipcm::Json{{"terminate", true}} : ipcm::Json(n)});
  }
  boss->send_messages(batch);
  BOOST_TEST(test::code_of(worker->disconnect()) == "MessagesWaiting");
  worker = come_back("worker");
  BOOST_TEST(worker->peek().size() == kMuch - 3U);
  boss->send_message("worker", {{"terminate", true}});  // for this life
  worker->suspend();
  worker = reconnect("worker");
  const auto messages = worker->get_messages();
  BOOST_TEST(messages.size() == kMuch - 2U);
  for (std::size_t n = 0; n + 1 < messages.size(); ++n) BOOST_REQUIRE(!messages[n].is_terminate());
  BOOST_TEST(messages.back().is_terminate());
  BOOST_TEST(worker->stats().read.at("boss") == kMuch + 1U);
  BOOST_TEST(problems() == "");
}

CONFORMANCE_TEST_WHERE(protocol.has_store, who_has_much_takes_none_of_the_terminate_messages_of_an_earlier_life) {
  const auto boss = connect("boss");
  auto worker = connect("worker");
  send_terminate_behind_much(*boss);
  BOOST_TEST(test::code_of(worker->disconnect()) == "MessagesWaiting");
  worker = come_back("worker");
  BOOST_TEST(worker->get_messages(1500).size() == 1500U);
  BOOST_TEST(test::contents(worker->get_messages(1)) == R"(["the last"])");
  BOOST_TEST(problems() == "");
}

CONFORMANCE_TEST_WHERE(protocol.has_jobs, who_claims_from_its_inbox_gets_no_terminate_message_of_an_earlier_life) {
  const auto boss = connect("boss");
  auto worker = connect("worker");
  send_terminate_behind_much(*boss);
  BOOST_TEST(test::code_of(worker->disconnect()) == "MessagesWaiting");
  worker = come_back("worker");
  auto claims = worker->claim({.limit = 2000});
  BOOST_REQUIRE(claims.size() == 1501U);
  BOOST_TEST(claims.back().message().content() == "the last");
  worker->ack(claims);
  BOOST_TEST(problems() == "");
}

CONFORMANCE_TEST_WHERE(protocol.has_store, terminate_messages_outlast_a_suspension) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  boss->send_message("worker", {{"terminate", true}});
  worker->suspend();
  BOOST_TEST(reconnect("worker")->get_messages().size() == 1);
}

CONFORMANCE_TEST(threads_that_leave_at_once_all_succeed) {
  for (int round = 0; round < 20; ++round) {
    std::atomic<int> after{0};
    ipcm::ConnectOptions options;
    options.hooks.post_disconnect = [&] { ++after; };
    const auto worker = connect("worker", options);
    std::vector<std::future<std::string>> codes;
    for (int n = 0; n < 4; ++n) {
      codes.push_back(std::async(std::launch::async, [&, n] {
        return n % 2 == 0 ? test::code_of(worker->disconnect())
                          : test::code_of(worker->disconnect([](std::span<const ipcm::Message>) {}));
      }));
    }
    for (auto& code : codes) BOOST_TEST(code.get() == "ok");
    BOOST_TEST(worker->disconnected());
    BOOST_TEST(after == 1);
  }
}

CONFORMANCE_TEST(while_a_handler_gets_what_waits_no_other_thread_reads) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  for (int n = 0; n < 5; ++n) boss->send_message("worker", n);
  std::size_t handled = 0;
  worker->disconnect([&](std::span<const ipcm::Message> batch) {
    handled += batch.size();
    std::async(std::launch::async, [&] {
      CHECK_ERROR(Disconnected, worker->get_messages());
      CHECK_ERROR(Disconnected, worker->peek());
      if (protocol().has_jobs) CHECK_ERROR(Disconnected, worker->claim());
      boss->send_message("worker", 5);
    }).get();
    if (handled == 5) BOOST_TEST(worker->get_messages().size() == 6);  // its own thread may read
  });
  BOOST_TEST(handled == 5U);
  BOOST_TEST(worker->disconnected());
  BOOST_TEST(problems() == "");
}

CONFORMANCE_TEST_WHERE(protocol.has_jobs, what_was_about_to_read_when_a_handler_began_to_get_it_reads_nothing) {
  using Call = std::function<void(ipcm::Client&)>;
  const std::vector<Call> calls = {
      [](ipcm::Client& client) { client.get_messages(); },
      [](ipcm::Client& client) { client.peek(); },
      [](ipcm::Client& client) { client.claim(); },
  };
  const auto boss = connect("boss");
  for (const Call& call : calls) {
    const auto clock = std::make_shared<StoppingClock>();
    const auto worker = connect("worker", {.clock = clock});
    boss->send_message("worker", 1);
    auto reading = std::async(std::launch::async, [&] {
      clock->stop_this_thread();
      return test::code_of_call([&] { call(*worker); });
    });
    clock->wait_until_it_has_stopped();
    std::size_t handled = 0;
    std::string code;
    worker->disconnect([&](std::span<const ipcm::Message> batch) {
      handled += batch.size();
      clock->go_on();
      code = reading.get();
    });
    BOOST_TEST(handled == 1U);
    BOOST_TEST(code == "Disconnected");
  }
}

CONFORMANCE_TEST(leaving_again_has_no_effect) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  boss->send_message("worker", 1);
  BOOST_TEST(test::code_of(worker->disconnect()) == "MessagesWaiting");
  BOOST_TEST(test::code_of(worker->disconnect()) == "ok");
  int calls = 0;
  BOOST_TEST(test::code_of(worker->disconnect([&](std::span<const ipcm::Message>) { ++calls; })) == "ok");
  BOOST_TEST(calls == 0);
}

CONFORMANCE_TEST(leaving_again_does_not_disturb_who_has_the_name_now) {
  const auto boss = connect("boss");
  const auto old = connect("worker");
  old->disconnect();
  const auto now = connect("worker");
  old->disconnect();
  BOOST_TEST(boss->peer_active("worker"));
  boss->send_message("worker", 1);
  BOOST_TEST(test::contents(now->get_messages()) == "[1]");
}

CONFORMANCE_TEST_WHERE(protocol.has_store, a_suspended_client_that_disconnects_stays_suspended) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  worker->suspend();
  BOOST_TEST(worker->disconnected());
  BOOST_TEST(test::code_of(worker->disconnect()) == "ok");
  boss->send_message("worker", 1);
  BOOST_TEST(test::contents(reconnect("worker")->get_messages()) == "[1]");
}

CONFORMANCE_TEST(a_handler_gets_all_that_waits_in_order) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  for (int n = 1; n <= 2500; ++n) boss->send_message("worker", n);
  std::vector<ipcm::Message> handled;
  std::size_t empty_batches = 0;
  const auto outcome = worker->disconnect([&](std::span<const ipcm::Message> batch) {
    if (batch.empty()) ++empty_batches;
    handled.insert(handled.end(), batch.begin(), batch.end());
  });
  BOOST_TEST(test::code_of(outcome) == "ok");
  BOOST_TEST(worker->disconnected());
  BOOST_TEST(empty_batches == 0);
  BOOST_REQUIRE(handled.size() == 2500);
  for (int n = 0; n < 2500; ++n) BOOST_TEST_REQUIRE(handled[static_cast<std::size_t>(n)].content() == n + 1);
  BOOST_TEST(test::contents(come_back("worker")->get_messages()) == "[]");
}

CONFORMANCE_TEST(a_handler_gets_what_arrives_while_it_handles) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  boss->send_message("worker", 0);
  std::vector<ipcm::Message> handled;
  const auto outcome = worker->disconnect([&](std::span<const ipcm::Message> batch) {
    handled.insert(handled.end(), batch.begin(), batch.end());
    if (handled.size() < 4) boss->send_message("worker", handled.size());
  });
  BOOST_TEST(test::code_of(outcome) == "ok");
  BOOST_TEST(test::contents(handled) == "[0,1,2,3]");
}

CONFORMANCE_TEST(a_handler_may_use_its_client_and_its_messages_are_read) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  boss->send_message("worker", 1);
  worker->disconnect([&](std::span<const ipcm::Message> batch) {
    BOOST_TEST(!worker->disconnected());
    for (const auto& message : batch) worker->send_message("boss", message.raw_content());
  });
  BOOST_TEST(test::contents(boss->get_messages()) == "[1]");
  BOOST_TEST(test::text(worker->read_stats()) == "read{boss:1} sent{boss:1}");
  BOOST_TEST(problems() == "");
}

CONFORMANCE_TEST(a_batch_whose_handler_throws_stays_and_the_client_stays_connected) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  for (int n = 1; n <= 3; ++n) boss->send_message("worker", n);
  const auto failing = [](std::span<const ipcm::Message>) { throw std::domain_error("no"); };
  BOOST_CHECK_THROW(worker->disconnect(failing), std::domain_error);
  BOOST_TEST(!worker->disconnected());
  BOOST_TEST(boss->peer_active("worker"));
  BOOST_TEST(test::text(worker->stats()) == "read{} sent{}");
  std::vector<ipcm::Message> handled;
  const auto outcome = worker->disconnect(
      [&](std::span<const ipcm::Message> batch) { handled.insert(handled.end(), batch.begin(), batch.end()); });
  BOOST_TEST(test::code_of(outcome) == "ok");
  BOOST_TEST(test::contents(handled) == "[1,2,3]");
}

CONFORMANCE_TEST(a_client_that_left_can_do_nothing_but_tell_what_was) {
  const auto boss = connect("boss");
  boss->send_message("boss", 1);
  const auto taken = boss->get_messages();
  const auto worker = connect("worker");
  for (const bool by_suspend : {false, true}) {
    const auto client = connect("client");
    by_suspend ? rest(*client) : static_cast<void>(client->disconnect());
    CHECK_ERROR(Disconnected, client->send_message("worker", 1));
    CHECK_ERROR(Disconnected, client->send_messages(std::vector<ipcm::MessageFields>{{.to = "worker"}}));
    CHECK_ERROR(Disconnected, client->broadcast(1));
    CHECK_ERROR(Disconnected, client->get_messages());
    CHECK_ERROR(Disconnected, client->peek());
    CHECK_ERROR(Disconnected, client->remove_messages(taken));
    CHECK_ERROR(Disconnected, client->requeue_messages({}));
    CHECK_ERROR(Disconnected, client->have_ready_messages());
    CHECK_ERROR(Disconnected, client->have_pending_messages());
    CHECK_ERROR(Disconnected, client->wait(std::chrono::milliseconds(0)));
    CHECK_ERROR(Disconnected, client->peers());
    CHECK_ERROR(Disconnected, client->peer_exists("worker"));
    CHECK_ERROR(Disconnected, client->peer_active("worker"));
    CHECK_ERROR(Disconnected, client->peer_pid("worker"));
    CHECK_ERROR(Disconnected, client->peer_suspend_expires("worker"));
    CHECK_ERROR(Disconnected, client->forget("worker"));
    CHECK_ERROR(Disconnected, client->suspend());
    CHECK_ERROR(Disconnected, client->fd());
    CHECK_ERROR(Disconnected, client->peer_change_fd());
    client->read_stats();
    client->all_stats();
  }
}

CONFORMANCE_TEST(that_a_client_left_is_told_before_what_is_wrong_with_its_message) {
  auto options = spawn_options();
  options.max_content = 100;
  const auto small = ipcm::spawn(options);
  const auto client = small.connect("client");
  client->send_message("client", 1);
  const auto taken = client->get_messages();
  const std::string too_long(200, 'x');
  const std::string not_utf8 = "\xff";
  rest(*client);
  for (const std::string& wrong : {too_long, not_utf8}) {
    CHECK_ERROR(Disconnected, client->send_message("client", wrong));
    BOOST_TEST(test::code_of(client->try_message("client", wrong)) == "Disconnected");
    CHECK_ERROR(Disconnected, client->send_messages(std::vector<ipcm::MessageFields>{{.to = "x", .content = wrong}}));
    CHECK_ERROR(Disconnected, client->broadcast(wrong));
    CHECK_ERROR(Disconnected, client->requeue_message(client->build_message(taken.at(0), {.content = wrong})));
  }
}

CONFORMANCE_TEST(a_client_that_disconnected_cannot_be_suspended_afterwards) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  worker->disconnect();
  CHECK_ERROR(Disconnected, worker->suspend());
  CHECK_ERROR(PeerDisconnected, boss->send_message("worker", 1));
}

CONFORMANCE_TEST_WHERE(protocol.has_store, the_destructor_disconnects_by_default_and_what_waits_stays) {
  const auto boss = connect("boss");
  auto worker = connect("worker");
  boss->send_message("worker", 1);
  worker.reset();
  BOOST_TEST(!boss->peer_active("worker"));
  CHECK_ERROR(PeerDisconnected, boss->send_message("worker", 2));
  BOOST_TEST(test::contents(reconnect("worker")->get_messages()) == "[1]");
}

CONFORMANCE_TEST_WHERE(protocol.has_store, the_destructor_suspends_where_the_options_say_so) {
  const auto boss = connect("boss");
  ipcm::ConnectOptions options;
  options.at_end = ipcm::ConnectOptions::AtEnd::suspend;
  auto worker = connect("worker", options);
  boss->send_message("worker", 1);
  worker.reset();
  BOOST_TEST(!boss->peer_active("worker"));
  boss->send_message("worker", 2);
  BOOST_TEST(test::contents(reconnect("worker")->get_messages()) == "[1,2]");
}

CONFORMANCE_TEST_WHERE(protocol.has_store, the_destructor_leaves_a_client_that_left_as_it_is) {
  const auto boss = connect("boss");
  ipcm::ConnectOptions options;
  options.at_end = ipcm::ConnectOptions::AtEnd::suspend;
  connect("left", options)->disconnect();
  CHECK_ERROR(PeerDisconnected, boss->send_message("left", 1));
  connect("resting")->suspend();
  boss->send_message("resting", 1);
}

CONFORMANCE_TEST_WHERE(!protocol.has_store, messages_that_wait_are_reported_and_are_said_to_be_lost) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  for (int n = 1; n <= 3; ++n) boss->send_message("worker", n);
  worker->get_messages(1);
  const auto outcome = worker->disconnect();
  BOOST_TEST(test::code_of(outcome) == "MessagesWaiting");
  BOOST_TEST(std::string(outcome.error().what()).find("lost") != std::string::npos);
  BOOST_TEST(worker->disconnected());
  CHECK_ERROR(PeerDisconnected, boss->send_message("worker", 4));
  BOOST_TEST(test::contents(connect("worker")->get_messages()) == "[]");
}

CONFORMANCE_TEST_WHERE(!protocol.has_store, what_keeps_no_mail_can_neither_suspend_nor_reconnect_and_says_so) {
  int hooks = 0;
  ipcm::ConnectOptions options;
  options.hooks.pre_suspend = [&] { ++hooks; };
  options.at_end = ipcm::ConnectOptions::AtEnd::suspend;
  const auto boss = connect("boss");
  auto worker = connect("worker", options);
  CHECK_ERROR(NotSupported, worker->suspend());
  CHECK_ERROR(NotSupported, worker->suspend(hours(1)));
  BOOST_TEST(!worker->disconnected());
  BOOST_TEST(hooks == 0);
  CHECK_ERROR(NotSupported, reconnect("worker"));
  CHECK_ERROR(NotSupported, reconnect("unknown"));
  boss->send_message("worker", 1);
  BOOST_TEST(test::contents(worker->get_messages()) == "[1]");
  worker.reset();  // says goodbye, as it cannot be suspended
  CHECK_ERROR(PeerDisconnected, boss->send_message("worker", 2));
}

CONFORMANCE_TEST(the_destructor_does_not_throw_when_its_route_is_gone) {
  auto boss = connect("boss");
  ipcm::ConnectOptions options;
  options.at_end = ipcm::ConnectOptions::AtEnd::suspend;
  auto worker = connect("worker", options);
  store().unspawn();
  boss.reset();
  worker.reset();
}
