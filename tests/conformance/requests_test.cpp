// SPDX-License-Identifier: MIT
// Requests and replies: `request`, `reply`, `reply_error`, and the fields reply_to, correlation_id and error.
#include <unistd.h>

#include <atomic>
#include <future>
#include <thread>

#include "conformance.hpp"
#include "support/forked_child.hpp"
#include "support/process.hpp"

using std::chrono::milliseconds;

namespace {

// Nothing but a hint ends a wait of these clients within the life of a test.
ipcm::ConnectOptions hinted_only() {
  ipcm::ConnectOptions options;
  options.fallback_interval = std::chrono::hours(1);
  return options;
}

ipcm::Message only_message(ipcm::Client& client) {
  BOOST_TEST_REQUIRE(client.wait(test::kPatience));
  const auto messages = client.get_messages();
  BOOST_TEST_REQUIRE(messages.size() == 1);
  return messages[0];
}

// What became of a request that is waited for by another thread.
std::future<std::string> code_to_come(ipcm::Request& request) {
  return std::async(std::launch::async, [&] { return test::code_of(request.wait().outcome); });
}

}  // namespace

CONFORMANCE_TEST(a_request_is_a_message_and_its_reply_comes_to_whoever_asked) {
  const auto boss = connect("boss", hinted_only());
  const auto worker = connect("worker", hinted_only());
  auto request = boss->request("worker", {{"n", 20}}, test::kPatience);
  BOOST_TEST(request.peer() == "worker");
  BOOST_TEST(!request.wait_for(milliseconds(0)));
  const auto asked = only_message(*worker);
  BOOST_TEST(asked.is_request());
  BOOST_TEST(asked.reply_to() == "boss");
  BOOST_TEST(asked.correlation_id() == request.id());
  auto answered = code_to_come(request);
  worker->reply(asked, asked.content()["n"].get<int>() + 1);
  BOOST_TEST(answered.get() == "ok");
  const ipcm::Message reply = request.get();
  BOOST_TEST(reply.content() == 21);
  BOOST_TEST(reply.from() == "worker");
  BOOST_TEST(reply.is_reply());
  BOOST_TEST(reply.correlation_id() == request.id());
  BOOST_TEST(!boss->have_ready_messages());
  BOOST_TEST(problems() == "");
}

CONFORMANCE_TEST(an_error_is_an_answer_too) {
  const auto boss = connect("boss", hinted_only());
  const auto worker = connect("worker");
  auto request = boss->request("worker", 1, test::kPatience);
  worker->reply_error(only_message(*worker), "no such order");
  const ipcm::Reply& reply = request.wait();
  BOOST_TEST(test::code_of(reply.outcome) == "RequestFailed");
  BOOST_TEST(std::string(reply.outcome.error().what()) == "no such order");
  BOOST_TEST_REQUIRE(reply.message.has_value());
  BOOST_TEST(reply.message->error() == "no such order");
  CHECK_ERROR(RequestFailed, request.get());
}

CONFORMANCE_TEST(a_reply_is_found_among_other_mail_which_stays_as_it_is) {
  const auto boss = connect("boss", hinted_only());
  const auto worker = connect("worker");
  auto request = boss->request("worker", "?", test::kPatience);
  for (int n = 0; n < 50; ++n) worker->send_message("boss", n);
  worker->reply(only_message(*worker), "!");
  for (int n = 50; n < 60; ++n) worker->send_message("boss", n);
  BOOST_TEST(request.get().content() == "!");
  const auto others = boss->get_messages();
  BOOST_TEST_REQUIRE(others.size() == 60);
  for (int n = 0; n < 60; ++n) BOOST_TEST(others[static_cast<std::size_t>(n)].content() == n);
  BOOST_TEST(problems() == "");
}

CONFORMANCE_TEST(who_takes_or_peeks_everything_does_not_get_replies_that_are_waited_for) {
  const auto boss = connect("boss", hinted_only());
  const auto worker = connect("worker");
  for (const bool by_peeking : {false, true}) {
    auto request = boss->request("worker", "?", test::kPatience);
    auto answered = code_to_come(request);
    worker->send_message("boss", 1);
    worker->reply(only_message(*worker), "!");
    worker->send_message("boss", 2);
    BOOST_TEST(test::contents(by_peeking ? boss->peek() : boss->get_messages()) == "[1,2]");
    BOOST_TEST(answered.get() == "ok");
    BOOST_TEST(request.get().content() == "!");
    boss->get_messages();
  }
  BOOST_TEST(problems() == "");
}

CONFORMANCE_TEST(a_request_that_nobody_answers_ends_with_its_time_and_a_late_answer_is_mail) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  auto request = boss->request("worker", "?", milliseconds(20));
  BOOST_TEST(test::code_of(request.wait().outcome) == "TimedOut");
  BOOST_TEST(!request.wait().message.has_value());
  CHECK_ERROR(TimedOut, request.get());
  worker->reply(only_message(*worker), "late");
  const auto mail = only_message(*boss);
  BOOST_TEST(mail.content() == "late");
  BOOST_TEST(mail.is_reply());
  BOOST_TEST(mail.correlation_id() == request.id());
  CHECK_ERROR(InvalidArgument, boss->request("worker", 1, milliseconds(-1)));
  CHECK_ERROR(InvalidArgument, request.wait_for(milliseconds(-1)));
}

CONFORMANCE_TEST(the_answer_to_a_request_that_was_let_go_is_mail) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  boss->request("worker", "?", test::kPatience);
  worker->reply(only_message(*worker), "!");
  BOOST_TEST(test::contents(boss->get_messages()) == R"(["!"])");
}

CONFORMANCE_TEST(many_requests_of_many_threads_get_each_its_own_answer) {
  const auto boss = connect("boss", hinted_only());
  const auto worker = connect("worker", hinted_only());
  constexpr int kThreads = 6;
  constexpr int kEach = 30;
  std::thread answering([&] {
    for (int left = kThreads * kEach; left > 0 && worker->wait(test::kPatience);) {
      for (const auto& asked : worker->get_messages()) {
        worker->reply(asked, asked.content());
        --left;
      }
    }
  });
  std::atomic<int> right{0};
  std::vector<std::thread> asking;
  for (int thread = 0; thread < kThreads; ++thread) {
    asking.emplace_back([&, thread] {
      for (int n = 0; n < kEach; ++n) {
        auto request = boss->request("worker", thread * 1000 + n, test::kPatience);
        const auto& reply = request.wait();
        if (reply.outcome && reply.message->content() == thread * 1000 + n) ++right;
      }
    });
  }
  for (auto& thread : asking) thread.join();
  answering.join();
  BOOST_TEST(right == kThreads * kEach);
  BOOST_TEST(problems() == "");
}

CONFORMANCE_TEST(an_answer_that_comes_as_time_runs_out_is_the_reply_or_mail_and_never_lost) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  ipcm::Service service(worker);
  service.on_request([](const ipcm::Message& asked) { return ipcm::Content(asked.content()); });
  std::thread serving([&] { service.run(); });
  std::atomic<bool> over{false};
  std::atomic<int> as_mail{0};
  std::thread reading([&] {
    while (!over) as_mail += static_cast<int>(boss->get_messages().size());
  });
  constexpr int kRequests = 400;
  int as_replies = 0;
  for (int n = 0; n < kRequests; ++n) {
    auto request = boss->request("worker", n, milliseconds(n % 4));
    if (request.wait().outcome) ++as_replies;
  }
  boss->request("worker", "last", test::kPatience).wait();  // all before it are answered
  service.stop();
  serving.join();
  over = true;
  reading.join();
  as_mail += static_cast<int>(boss->get_messages().size());
  BOOST_TEST(as_replies + as_mail == kRequests);
  BOOST_TEST(problems() == "");
}

CONFORMANCE_TEST(a_handler_is_called_once_by_another_thread_and_may_ask_again) {
  const auto boss = connect("boss", hinted_only());
  const auto worker = connect("worker", hinted_only());
  std::promise<std::string> first;
  std::promise<std::string> second;
  const auto this_thread = std::this_thread::get_id();
  bool in_another_thread = false;
  boss->request("worker", 1, test::kPatience, [&](const ipcm::Reply& reply) {
    in_another_thread = std::this_thread::get_id() != this_thread;
    boss->request("worker", 2, test::kPatience, [&](const ipcm::Reply& other) {
      second.set_value(other.message ? other.message->content_text() : test::code_of(other.outcome));
    });
    first.set_value(reply.message ? reply.message->content_text() : test::code_of(reply.outcome));
  });
  worker->reply(only_message(*worker), 10);
  BOOST_TEST(first.get_future().get() == "10");
  BOOST_TEST(in_another_thread);
  worker->reply(only_message(*worker), 20);
  BOOST_TEST(second.get_future().get() == "20");
  CHECK_ERROR(InvalidArgument, boss->request("worker", 1, test::kPatience, ipcm::ReplyHandler()));
}

CONFORMANCE_TEST(handlers_are_told_of_time_that_ran_out_too) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  std::promise<std::string> told;
  boss->request("worker", 1, milliseconds(10),
                [&](const ipcm::Reply& reply) { told.set_value(test::code_of(reply.outcome)); });
  BOOST_TEST(told.get_future().get() == "TimedOut");
}

CONFORMANCE_TEST(a_handler_is_never_called_of_a_request_that_was_refused) {
  auto boss = connect("boss", hinted_only());
  const auto worker = connect("worker");
  std::atomic<int> calls{0};
  const auto count = [&](const ipcm::Reply&) { ++calls; };
  constexpr std::size_t kTooMuch = (64 << 20) + 1;
  for (int round = 0; round < 20; ++round) {
    CHECK_ERROR(UnknownPeer, boss->request("nobody", 1, std::chrono::hours(1), count));
  }
  CHECK_ERROR(TooLarge, boss->request("worker", std::string(kTooMuch, 'x'), std::chrono::hours(1), count));
  boss.reset();  // it does not wait until their time is up
  BOOST_TEST(calls == 0);
}

CONFORMANCE_TEST(a_peer_that_says_goodbye_without_an_answer_fails_the_request_at_once) {
  const auto boss = connect("boss", hinted_only());
  for (int round = 0; round < 50; ++round) {
    const auto worker = connect("worker");
    auto request = boss->request("worker", "?", std::chrono::hours(1));
    auto failed = code_to_come(request);
    worker->disconnect();
    BOOST_TEST_REQUIRE(failed.get() == "PeerDisconnected");
  }
}

CONFORMANCE_TEST(a_peer_that_answers_and_then_says_goodbye_has_answered) {
  const auto boss = connect("boss", hinted_only());
  for (int round = 0; round < 20; ++round) {
    const auto worker = connect("worker");
    auto request = boss->request("worker", round, std::chrono::hours(1));
    auto answered = code_to_come(request);
    worker->reply(only_message(*worker), round);
    worker->disconnect();
    BOOST_TEST_REQUIRE(answered.get() == "ok");
    BOOST_TEST(request.get().content() == round);
  }
}

CONFORMANCE_TEST(whoever_leaves_settles_what_it_has_asked) {
  for (const bool by_destructor : {false, true}) {
    auto boss = connect("boss");
    const auto worker = connect("worker");
    std::string handled;
    auto request = boss->request("worker", 1, std::chrono::hours(1));
    boss->request("worker", 2, std::chrono::hours(1),
                  [&](const ipcm::Reply& reply) { handled = test::code_of(reply.outcome); });
    by_destructor ? boss.reset() : static_cast<void>(boss->disconnect());
    BOOST_TEST(handled == "Disconnected");
    BOOST_TEST(test::code_of(request.wait().outcome) == "Disconnected");
    if (boss) CHECK_ERROR(Disconnected, boss->request("worker", 1, milliseconds(1)));
  }
}

CONFORMANCE_TEST(what_cannot_be_asked_or_answered_is_refused) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  CHECK_ERROR(UnknownPeer, boss->request("nobody", 1, test::kPatience));
  CHECK_ERROR(InvalidName, boss->request("_no", 1, test::kPatience));
  boss->send_message("worker", 1);
  const auto plain = only_message(*worker);
  CHECK_ERROR(InvalidMessage, worker->reply(plain, 1));
  CHECK_ERROR(InvalidMessage, worker->reply_error(plain, "no"));
  auto request = boss->request("worker", 1, test::kPatience, {.correlation_id = "order-17"});
  BOOST_TEST(request.id() == "order-17");
  CHECK_ERROR(DuplicateMessage, boss->request("worker", 1, test::kPatience, {.correlation_id = "order-17"}));
  const auto asked = only_message(*worker);
  CHECK_ERROR(InvalidMessage, worker->reply_error(asked, ""));
  CHECK_ERROR(InvalidMessage, worker->reply_error(asked, "\xff"));
  CHECK_ERROR(InvalidMessage, boss->build_message("worker", 1, {.correlation_id = ""}));
  CHECK_ERROR(InvalidName, boss->build_message("worker", 1, {.reply_to = ""}));
  const auto passing = ipcm::connect_anonymous(info());
  CHECK_ERROR(NotSupported, passing->request("worker", 1, test::kPatience));
}

CONFORMANCE_TEST(a_reply_can_be_sent_to_a_third_peer) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  const auto clerk = connect("clerk");
  boss->send_message("worker", "?", {.reply_to = "clerk", .correlation_id = "x"});
  worker->reply(only_message(*worker), "!");
  const auto reply = only_message(*clerk);
  BOOST_TEST(reply.content() == "!");
  BOOST_TEST(reply.correlation_id() == "x");
}

CONFORMANCE_TEST(a_client_can_ask_itself) {
  const auto boss = connect("boss", hinted_only());
  auto request = boss->request("boss", 1, test::kPatience);
  boss->reply(only_message(*boss), 2);
  BOOST_TEST(request.get().content() == 2);
}

CONFORMANCE_TEST(what_a_request_says_survives_being_put_back_and_json) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  auto request = boss->request("worker", "?", test::kPatience);
  const auto as_json = only_message(*worker).to_json();
  BOOST_TEST(as_json.at("reply_to") == "boss");
  BOOST_TEST(as_json.at("correlation_id") == request.id());
  BOOST_TEST(!as_json.contains("error"));
  worker->requeue_message(ipcm::Message::from_json(as_json));
  worker->reply_error(only_message(*worker), "no");
  BOOST_TEST(test::code_of(request.wait().outcome) == "RequestFailed");
  auto broken = as_json;
  broken["reply_to"] = "_no";
  CHECK_ERROR(InvalidMessage, ipcm::Message::from_json(broken));
  broken["reply_to"] = 1;
  CHECK_ERROR(InvalidMessage, ipcm::Message::from_json(broken));
}

CONFORMANCE_TEST(a_request_of_a_parent_process_is_not_for_its_child) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  auto request = boss->request("worker", 1, test::kPatience);
  const std::string in_child = test::in_forked_child([&] {
    return test::code_of_call([&] { request.wait(); }) + " " +
           test::code_of_call([&] { boss->request("worker", 1, test::kPatience); });
  });
  BOOST_TEST(in_child == "WrongProcess WrongProcess");
  worker->reply(only_message(*worker), 2);
  BOOST_TEST(request.get().content() == 2);
}

CONFORMANCE_TEST(waiting_for_a_peer_to_be_gone_ends_when_it_leaves) {
  const auto boss = connect("boss", hinted_only());
  const auto worker = connect("worker");
  BOOST_TEST(boss->peer_inactive("nobody", milliseconds(0)));
  BOOST_TEST(!boss->peer_inactive("worker", milliseconds(0)));
  BOOST_TEST(!boss->peer_inactive("worker", milliseconds(5)));
  auto gone = std::async(std::launch::async, [&] { return boss->peer_inactive("worker", std::chrono::hours(1)); });
  worker->disconnect();
  BOOST_TEST(gone.get());
  CHECK_ERROR(InvalidArgument, boss->peer_inactive("worker", milliseconds(-1)));
}
