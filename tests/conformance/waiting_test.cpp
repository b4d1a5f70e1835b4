// SPDX-License-Identifier: MIT
// Select handles: `wait(timeout)`, wait(), `fd()`. What wakes a client: sends, requeues, and none of it is ever lost.
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>

#include <atomic>
#include <future>
#include <thread>

#include "conformance.hpp"
#include "support/process.hpp"

using std::chrono::milliseconds;
using std::chrono::steady_clock;

namespace {

bool can_be_read(int fd, milliseconds patience) {
  pollfd waiting{fd, POLLIN, 0};
  return poll(&waiting, 1, static_cast<int>(patience.count())) == 1;
}

// A client that a lost wake-up would leave asleep for longer than any test waits.
ipcm::ConnectOptions without_fallback() {
  ipcm::ConnectOptions options;
  options.fallback_interval = std::chrono::hours(1);
  return options;
}

// The processor time that this thread has used.
milliseconds processor_time() {
  rusage usage{};
  getrusage(RUSAGE_THREAD, &usage);
  const auto of = [](const timeval& time) {
    return std::chrono::seconds(time.tv_sec) + std::chrono::microseconds(time.tv_usec);
  };
  return std::chrono::duration_cast<milliseconds>(of(usage.ru_utime) + of(usage.ru_stime));
}

// Sends signals to a thread, again and again, while it is in scope.
class SignalStorm {
 public:
  explicit SignalStorm(pthread_t target) {
    struct sigaction action {};
    action.sa_handler = [](int) {};  // without SA_RESTART: system calls end with EINTR
    sigaction(SIGUSR1, &action, &before_);
    sender_ = std::thread([this, target] {
      while (!over_) {
        pthread_kill(target, SIGUSR1);
        std::this_thread::sleep_for(milliseconds(1));
      }
    });
  }
  ~SignalStorm() {
    over_ = true;
    sender_.join();
    sigaction(SIGUSR1, &before_, nullptr);
  }

 private:
  struct sigaction before_ {};
  std::atomic<bool> over_{false};
  std::thread sender_;
};

}  // namespace

CONFORMANCE_TEST(waiting_ends_at_once_when_a_message_is_ready) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  boss->send_message("worker", 1);
  BOOST_TEST(worker->wait(milliseconds(0)));
  BOOST_TEST(worker->wait(std::chrono::hours(24)));
  BOOST_TEST(worker->wait(milliseconds::max()));
  worker->wait();
  BOOST_TEST(test::contents(worker->get_messages()) == "[1]");
}

CONFORMANCE_TEST(waiting_without_mail_ends_with_its_time) {
  const auto worker = connect("worker");
  BOOST_TEST(!worker->wait(milliseconds(0)));
  const auto start = steady_clock::now();
  BOOST_TEST(!worker->wait(milliseconds(300)));
  BOOST_TEST((steady_clock::now() - start >= milliseconds(300)));
}

CONFORMANCE_TEST(waiting_costs_hardly_any_processor_time) {
  const auto worker = connect("worker");
  const auto before = processor_time();
  BOOST_TEST(!worker->wait(milliseconds(1000)));
  BOOST_TEST(!worker->peer_active("late", milliseconds(1000)));
  BOOST_TEST((processor_time() - before < milliseconds(200)));
}

CONFORMANCE_TEST(a_negative_time_to_wait_is_an_error) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  CHECK_ERROR(InvalidArgument, worker->wait(milliseconds(-1)));
  CHECK_ERROR(InvalidArgument, worker->wait(milliseconds::min()));
  boss->send_message("worker", 1);
  CHECK_ERROR(InvalidArgument, worker->wait(milliseconds(-1)));
}

CONFORMANCE_TEST(a_message_that_is_sent_while_a_client_waits_wakes_it) {
  const auto boss = connect("boss");
  const auto worker = connect("worker", without_fallback());
  for (int n = 0; n < 20; ++n) {
    auto waiting = std::async(std::launch::async, [&] { return worker->wait(test::kPatience); });
    boss->send_message("worker", n);
    BOOST_TEST(waiting.get());
    BOOST_TEST(worker->get_messages().size() == 1);
  }
}

CONFORMANCE_TEST(waiting_without_a_limit_ends_with_the_next_message) {
  const auto boss = connect("boss");
  const auto worker = connect("worker", without_fallback());
  auto waiting = std::async(std::launch::async, [&] { worker->wait(); });
  boss->send_message("worker", 1);
  BOOST_TEST((waiting.wait_for(test::kPatience) == std::future_status::ready));
  BOOST_TEST(worker->have_ready_messages());
}

CONFORMANCE_TEST(mail_for_others_does_not_end_a_wait) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  const auto third = connect("third");
  auto waiting = std::async(std::launch::async, [&] { return worker->wait(milliseconds(300)); });
  for (int n = 0; n < 10; ++n) boss->send_message("third", n);
  BOOST_TEST(!waiting.get());
}

CONFORMANCE_TEST(batches_broadcasts_and_requeues_wake_too) {
  const auto boss = connect("boss");
  const auto worker = connect("worker", without_fallback());
  std::vector<ipcm::Message> taken;
  const std::vector<ipcm::MessageFields> batch = {{.to = "worker", .content = 1}};
  const std::vector<std::function<void()>> ways = {
      [&] { boss->send_messages(batch); },
      [&] { boss->broadcast(2); },
      [&] { worker->requeue_messages(taken); },
      [&] { boss->try_message("worker", 3); },
  };
  for (const auto& way : ways) {
    auto waiting = std::async(std::launch::async, [&] { return worker->wait(test::kPatience); });
    way();
    BOOST_TEST(waiting.get());
    taken = worker->get_messages();
  }
}

CONFORMANCE_TEST(signals_neither_shorten_a_wait_nor_lengthen_it_nor_hide_a_message) {
  const auto boss = connect("boss");
  const auto worker = connect("worker", without_fallback());
  const SignalStorm storm(pthread_self());
  const auto start = steady_clock::now();
  BOOST_TEST(!worker->wait(milliseconds(300)));
  const auto waited = steady_clock::now() - start;
  BOOST_TEST((waited >= milliseconds(300)));
  BOOST_TEST((waited < test::kPatience / 2));
  BOOST_TEST(!boss->peer_active("late", milliseconds(50)));
  auto sent = std::async(std::launch::async, [&] { boss->send_message("worker", 1); });
  BOOST_TEST(worker->wait(test::kPatience));
  sent.get();
}

CONFORMANCE_TEST(a_signal_ends_a_wait_that_may_be_interrupted) {
  const auto boss = connect("boss");
  const auto worker = connect("worker", without_fallback());
  {
    const SignalStorm storm(pthread_self());
    BOOST_TEST((worker->wait_interruptibly(test::kPatience) == ipcm::Waited::interrupted));
    BOOST_TEST((worker->wait_interruptibly(milliseconds(0)) != ipcm::Waited::ready));
  }
  BOOST_TEST((worker->wait_interruptibly(milliseconds(5)) == ipcm::Waited::timed_out));
  boss->send_message("worker", 1);
  BOOST_TEST((worker->wait_interruptibly(test::kPatience) == ipcm::Waited::ready));
  CHECK_ERROR(InvalidArgument, worker->wait_interruptibly(milliseconds(-1)));
}

CONFORMANCE_TEST(waiting_for_peers_costs_hardly_any_processor_time_while_mail_lies_unread) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  boss->send_message("worker", 1);
  const auto before = processor_time();
  BOOST_TEST(!worker->peer_inactive("boss", milliseconds(500)));
  BOOST_TEST(!worker->peer_active("late", milliseconds(500)));
  BOOST_TEST((processor_time() - before < milliseconds(200)));
}

CONFORMANCE_TEST(the_wall_clock_plays_no_part_in_waiting) {
  const auto worker = connect("worker");
  auto waiting = std::async(std::launch::async, [&] { return worker->wait(milliseconds(200)); });
  clock()->advance(std::chrono::hours(24));
  const auto start = steady_clock::now();
  BOOST_TEST(!waiting.get());
  clock()->advance(-std::chrono::hours(48));
  BOOST_TEST(!worker->wait(milliseconds(10)));
  BOOST_TEST((steady_clock::now() - start < test::kPatience / 2));
}

CONFORMANCE_TEST(no_wake_up_is_lost_between_two_who_answer_each_other) {
  const auto one = connect("one", without_fallback());
  const auto two = connect("two", without_fallback());
  constexpr int kRounds = 500;
  auto answering = std::async(std::launch::async, [&] {
    for (int n = 0; n < kRounds; ++n) {
      if (!two->wait(test::kPatience)) return n;
      for (const auto& message : two->get_messages()) two->send_message("one", message.raw_content());
    }
    return kRounds;
  });
  int answered = 0;
  for (; answered < kRounds; ++answered) {
    one->send_message("two", answered);
    if (!one->wait(test::kPatience)) break;
    if (test::contents(one->get_messages()) != "[" + std::to_string(answered) + "]") break;
  }
  BOOST_TEST(answered == kRounds);
  BOOST_TEST(answering.get() == kRounds);
}

CONFORMANCE_TEST(no_wake_up_is_lost_by_a_reader_that_sleeps_again_and_again_under_senders) {
  const auto worker = connect("worker", without_fallback());
  constexpr int kSenders = 3;
  constexpr int kEach = 150;
  std::vector<std::future<void>> senders;
  for (int s = 0; s < kSenders; ++s) {
    senders.push_back(std::async(std::launch::async, [&, s] {
      const auto sender = connect("sender" + std::to_string(s));
      for (int n = 0; n < kEach; ++n) sender->send_message("worker", n);
    }));
  }
  std::size_t received = 0;
  while (received < kSenders * kEach && worker->wait(test::kPatience)) received += worker->get_messages(1).size();
  BOOST_TEST(received == kSenders * kEach);
  for (auto& sender : senders) sender.get();
}

CONFORMANCE_TEST(a_descriptor_is_readable_while_mail_may_be_ready_and_not_once_all_was_taken) {
  const auto boss = connect("boss");
  const auto worker = connect("worker", without_fallback());
  const int fd = worker->fd();
  BOOST_REQUIRE(fd >= 0);
  BOOST_TEST(worker->fd() == fd);
  while (!worker->get_messages().empty()) {}
  BOOST_TEST(!can_be_read(fd, milliseconds(0)));
  boss->send_message("worker", 1);
  BOOST_TEST(can_be_read(fd, test::kPatience));
  BOOST_TEST(can_be_read(fd, milliseconds(0)));
  while (!worker->get_messages().empty()) {}
  BOOST_TEST(!can_be_read(fd, milliseconds(0)));
}

CONFORMANCE_TEST(a_descriptor_that_is_asked_for_late_knows_of_earlier_mail) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  boss->send_message("worker", 1);
  BOOST_TEST(can_be_read(worker->fd(), test::kPatience));
}

CONFORMANCE_TEST(a_descriptor_stays_readable_when_only_a_part_was_taken) {
  const auto boss = connect("boss");
  const auto worker = connect("worker", without_fallback());
  const int fd = worker->fd();
  for (int n = 0; n < 3; ++n) boss->send_message("worker", n);
  for (int n = 0; n < 3; ++n) {
    BOOST_TEST(can_be_read(fd, test::kPatience));
    BOOST_TEST(worker->get_messages(1).size() == 1);
  }
  BOOST_TEST(worker->get_messages(1).empty());
  BOOST_TEST(!can_be_read(fd, milliseconds(0)));
}

CONFORMANCE_TEST(a_requeued_message_makes_the_descriptor_readable) {
  const auto boss = connect("boss");
  const auto worker = connect("worker", without_fallback());
  const int fd = worker->fd();
  boss->send_message("worker", 1);
  const auto taken = worker->get_messages();
  BOOST_TEST(worker->get_messages().empty());
  BOOST_TEST(!can_be_read(fd, milliseconds(0)));
  worker->requeue_messages(taken);
  BOOST_TEST(can_be_read(fd, test::kPatience));
}

CONFORMANCE_TEST(a_loop_over_the_descriptor_loses_no_message) {
  const auto worker = connect("worker", without_fallback());
  const int fd = worker->fd();
  constexpr std::size_t kCount = 400;
  auto sending = std::async(std::launch::async, [&] {
    const auto boss = connect("boss");
    for (std::size_t n = 0; n < kCount; ++n) boss->send_message("worker", n);
  });
  std::size_t received = 0;
  while (received < kCount && can_be_read(fd, test::kPatience)) {
    for (auto batch = worker->get_messages(7); !batch.empty(); batch = worker->get_messages(7)) {
      received += batch.size();
    }
  }
  BOOST_TEST(received == kCount);
  sending.get();
}

CONFORMANCE_TEST(a_wait_does_not_make_the_descriptor_forget_mail_that_is_still_there) {
  const auto boss = connect("boss");
  const auto worker = connect("worker", without_fallback());
  const int fd = worker->fd();
  boss->send_message("worker", 1);
  BOOST_TEST(can_be_read(fd, test::kPatience));
  BOOST_TEST(worker->wait(test::kPatience));
  BOOST_TEST(can_be_read(fd, milliseconds(0)));
}

CONFORMANCE_TEST(a_wait_and_a_descriptor_of_one_client_do_not_steal_from_each_other) {
  const auto boss = connect("boss");
  const auto worker = connect("worker", without_fallback());
  const int fd = worker->fd();
  for (int n = 0; n < 20; ++n) {
    auto waiting = std::async(std::launch::async, [&] { return worker->wait(test::kPatience); });
    boss->send_message("worker", n);
    BOOST_TEST(waiting.get());
    BOOST_TEST_REQUIRE(can_be_read(fd, test::kPatience / 4));
    while (!worker->get_messages().empty()) {}
    BOOST_TEST(!can_be_read(fd, milliseconds(0)));
  }
}

CONFORMANCE_TEST(a_client_that_waits_learns_that_its_route_is_gone) {
  const auto worker = connect("worker");
  auto waiting =
      std::async(std::launch::async, [&] { return test::code_of_call([&] { worker->wait(test::kPatience); }); });
  store().unspawn();
  const auto start = steady_clock::now();
  BOOST_TEST(waiting.get() == "RouteGone");
  BOOST_TEST((steady_clock::now() - start < test::kPatience / 2));  // "within a second", on a loaded machine
}
