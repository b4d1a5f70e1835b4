// SPDX-License-Identifier: MIT
// Service: the loop around wait() that most programs want.
#include <signal.h>

#include <atomic>
#include <ctime>
#include <future>
#include <stdexcept>
#include <thread>

#include "conformance.hpp"
#include "support/process.hpp"

using std::chrono::milliseconds;

namespace {

ipcm::ConnectOptions hinted() {
  ipcm::ConnectOptions options;
  options.fallback_interval = std::chrono::hours(1);
  return options;
}

ipcm::Service* signalled = nullptr;

}  // namespace

CONFORMANCE_TEST(a_service_handles_messages_in_order_and_removes_them) {
  const auto boss = connect("boss");
  const auto worker = connect("worker", hinted());
  ipcm::Service service(worker);
  std::vector<int> handled;
  service.on_message([&](const ipcm::Message& message) {
    handled.push_back(message.content().get<int>());
    if (handled.size() == 300) service.stop();
  });
  std::thread serving([&] { service.run(); });
  std::vector<int> sent;
  for (int n = 0; n < 300; ++n) {
    boss->send_message("worker", n);
    sent.push_back(n);
  }
  serving.join();
  BOOST_TEST(handled == sent, boost::test_tools::per_element());
  BOOST_TEST(!worker->have_ready_messages());
  BOOST_TEST(problems() == "");
}

CONFORMANCE_TEST_WHERE(protocol.has_jobs, a_service_handles_what_was_for_later) {
  // The system's clock: time must pass.
  const auto boss = ipcm::connect("boss", info());
  const auto worker = ipcm::connect("worker", info(), hinted());
  ipcm::Service service(worker);
  std::vector<int> handled;
  service.on_message([&](const ipcm::Message& message) {
    handled.push_back(message.content().get<int>());
    service.stop();
  });
  boss->send_message("worker", 1, {.delay = milliseconds(30)});
  std::thread serving([&] { service.run(); });
  serving.join();
  BOOST_TEST(handled == std::vector<int>{1}, boost::test_tools::per_element());
}

CONFORMANCE_TEST(a_service_answers_requests_and_what_its_handler_throws_is_an_answer) {
  const auto boss = connect("boss", hinted());
  ipcm::Service service(connect("adder", hinted()));
  service.on_request([](const ipcm::Message& asked) {
    if (!asked.content().is_number()) throw std::runtime_error("not a number");
    return ipcm::Content(asked.content().get<int>() + 1);
  });
  std::thread serving([&] { service.run(); });
  BOOST_TEST(boss->request("adder", 41, test::kPatience).get().content() == 42);
  auto wrong = boss->request("adder", "x", test::kPatience);
  BOOST_TEST(test::code_of(wrong.wait().outcome) == "RequestFailed");
  BOOST_TEST(std::string(wrong.wait().outcome.error().what()) == "not a number");
  BOOST_TEST(boss->request("adder", 1, test::kPatience).get().content() == 2);
  service.stop();
  serving.join();
}

CONFORMANCE_TEST(a_terminate_message_ends_a_service_and_later_mail_stays) {
  const auto boss = connect("boss");
  const auto worker = connect("worker", hinted());
  boss->send_message("worker", 1);
  boss->send_message("worker", {{"terminate", true}});
  boss->send_message("worker", 2);
  ipcm::Service service(worker);
  int handled = 0;
  service.on_message([&](const ipcm::Message&) { ++handled; });
  service.run();
  BOOST_TEST(handled == 1);
  BOOST_TEST(test::contents(worker->get_messages()) == "[2]");
}

CONFORMANCE_TEST(a_message_whose_handler_throws_stays_and_those_before_it_are_removed) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  for (int n = 1; n <= 4; ++n) boss->send_message("worker", n);
  ipcm::Service service(worker);
  service.on_message([](const ipcm::Message& message) {
    if (message.content() == 3) throw std::runtime_error("three");
  });
  BOOST_CHECK_THROW(service.run(), std::runtime_error);
  BOOST_TEST(test::contents(worker->peek()) == "[3,4]");
}

CONFORMANCE_TEST(a_message_that_no_handler_takes_stays) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  boss->send_message("worker", 1);
  ipcm::Service service(worker);
  service.on_request([](const ipcm::Message&) { return ipcm::Content(1); });
  CHECK_ERROR(InvalidMessage, service.run());
  BOOST_TEST(test::contents(worker->get_messages()) == "[1]");
}

CONFORMANCE_TEST(a_service_can_be_stopped_from_a_signal_handler_and_before_it_runs) {
  const auto worker = connect("worker", hinted());
  ipcm::Service service(worker);
  service.on_message([](const ipcm::Message&) {});
  service.stop();
  service.run();
  signalled = &service;
  struct sigaction action {};
  struct sigaction before {};
  action.sa_handler = [](int) { signalled->stop(); };
  sigaction(SIGUSR1, &action, &before);
  bool first = true;
  service.on_interval(milliseconds(1), [&] {
    if (std::exchange(first, false)) raise(SIGUSR1);
  });
  service.run();
  sigaction(SIGUSR1, &before, nullptr);
  BOOST_TEST(!first);
}

CONFORMANCE_TEST(a_stop_that_races_with_the_end_of_a_run_leaves_the_next_one_asleep) {
  const auto worker = connect("worker", hinted());
  ipcm::Service service(worker);
  std::atomic<int> asked{0};
  std::atomic<bool> over{false};
  std::thread stops([&] {
    for (int seen = 0; !over;) {
      if (asked == seen) continue;
      ++seen;
      service.stop();
    }
  });
  for (int round = 0; round < 300; ++round) {
    ++asked;
    service.run();
  }
  over = true;
  stops.join();
  int turns = 0;
  service.on_interval(milliseconds(100), [&] {
    if (++turns == 3) service.stop();
  });
  const std::clock_t before = std::clock();
  service.run();  // may end at once, by the last stop()
  if (turns < 3) service.run();
  BOOST_TEST(static_cast<double>(std::clock() - before) / CLOCKS_PER_SEC < 0.15);
}

CONFORMANCE_TEST(a_run_that_a_handler_ended_by_throwing_does_not_stop_the_next_one) {
  const auto boss = connect("boss");
  const auto worker = connect("worker", hinted());
  ipcm::Service service(worker);
  int calls = 0;
  service.on_message([&](const ipcm::Message&) {
    service.stop();
    if (++calls == 1) throw std::runtime_error("no");
  });
  boss->send_message("worker", 1);
  BOOST_CHECK_THROW(service.run(), std::runtime_error);
  service.run();  // handles the message that stayed
  BOOST_TEST(calls == 2);
  BOOST_TEST(!worker->have_ready_messages());
}

CONFORMANCE_TEST(a_service_that_watches_peers_sleeps_while_nothing_happens_whatever_the_notifier) {
  const auto other = connect("other");
  for (const ipcm::NotifierKind kind : protocol().notifiers) {
    ipcm::ConnectOptions options = hinted();
    options.notifier = kind;
    const auto worker = connect("worker", options);
    ipcm::Service service(worker);
    service.on_peer_change([](const auto&) {});
    service.on_interval(std::chrono::seconds(1), [&] { service.stop(); });
    const std::clock_t before = std::clock();
    service.run();
    const double used = static_cast<double>(std::clock() - before) / CLOCKS_PER_SEC;
    BOOST_TEST(used < 0.2, ipcm::to_string(kind) << " used " << used << " s");
    BOOST_TEST_MESSAGE(ipcm::to_string(kind) << " used " << used << " s of a second");
  }
}

CONFORMANCE_TEST(intervals_are_kept_and_missed_ones_left_out) {
  ipcm::Service service(connect("worker", hinted()));
  int often = 0;
  int seldom = 0;
  service.on_interval(milliseconds(1), [&] {
    if (++often == 20) service.stop();
  });
  service.on_interval(std::chrono::hours(1), [&] { ++seldom; });
  service.run();
  BOOST_TEST(often == 20);
  BOOST_TEST(seldom == 0);
  CHECK_ERROR(InvalidArgument, service.on_interval(milliseconds(0), [] {}));
}

CONFORMANCE_TEST(a_service_is_told_who_comes_and_goes) {
  const auto boss = connect("boss", hinted());
  const auto old = connect("old");
  ipcm::Service service(boss);
  std::string told;
  std::promise<void> began;
  std::promise<void> came;
  service.on_interval(milliseconds(1), [&, once = true]() mutable {
    if (std::exchange(once, false)) began.set_value();
  });
  service.on_peer_change([&](const ipcm::Service::PeerChange& change) {
    told += change.peer + (change.active ? "+" : change.takes_mail ? "~" : "-");
    if (told == "new+") came.set_value();
    if (told == "new+new-") service.stop();
  });
  std::thread serving([&] { service.run(); });
  began.get_future().get();
  const auto fresh = connect("new");
  came.get_future().get();
  fresh->disconnect();
  serving.join();
  BOOST_TEST(told == "new+new-");
}
