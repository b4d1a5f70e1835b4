// SPDX-License-Identifier: MIT
#include "client/waiting.hpp"

#include <poll.h>

#include <atomic>
#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <boost/test/unit_test.hpp>

#include <ipcm/error.hpp>

#include "notify/hook_notifier.hpp"
#include "notify/local_notifier.hpp"
#include "notify/poll_notifier.hpp"

using namespace ipcm;
using namespace std::chrono_literals;
using notify::Event;

namespace {

constexpr auto kNever = 1h;  // a fallback interval that no test lives to see

// Keeps a record of what it was told, and signals when it is told to.
class RecordingNotifier : public notify::LocalNotifier {
 public:
  RecordingNotifier(std::shared_ptr<notify::LocalHub> hub, std::vector<std::string>& record)
      : LocalNotifier(std::move(hub), 1), record_(record) {}
  void arm(Event event) override {
    record_.push_back("arm");
    LocalNotifier::arm(event);
  }
  void disarm(Event event) noexcept override {
    record_.push_back("disarm");
    LocalNotifier::disarm(event);
  }

 private:
  std::vector<std::string>& record_;
};

// Fails when it is told to arm mail for the first time.
class FailingNotifier : public RecordingNotifier {
 public:
  using RecordingNotifier::RecordingNotifier;
  void arm(Event event) override {
    if (event == Event::mail && !std::exchange(has_failed_, true)) throw Error(ErrorCode::StorageFailure, "no locks");
    RecordingNotifier::arm(event);
  }

 private:
  bool has_failed_ = false;
};

std::unique_ptr<notify::Notifier> poll_notifier() {
  return std::make_unique<notify::PollNotifier>("test", [count = std::uint64_t{0}]() mutable { return ++count; });
}

bool readable_now(int fd) {
  pollfd waiting{fd, POLLIN, 0};
  return poll(&waiting, 1, 0) == 1;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(waiting)

BOOST_AUTO_TEST_CASE(a_message_between_the_first_look_and_the_sleep_is_not_slept_over) {
  const auto hub = std::make_shared<notify::LocalHub>();
  std::vector<std::string> record;
  Waiting waiting(std::make_unique<RecordingNotifier>(hub, record), kNever);
  bool mail = false;
  int looks = 0;
  BOOST_TEST(waiting.wait(Event::mail, platform::deadline_after(1min), [&] {
    record.push_back("look");
    if (++looks == 1) {
      mail = true;  // comes right after this look, from a sender that saw nobody asleep and gave no hint
      return false;
    }
    return mail;
  }));
  const std::vector<std::string> order{"look", "arm", "look", "disarm"};
  BOOST_TEST(record == order, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_hint_ends_the_wait_of_every_thread_that_finds_something) {
  const auto hub = std::make_shared<notify::LocalHub>();
  Waiting waiting(std::make_unique<notify::LocalNotifier>(hub, 1), kNever);
  std::atomic<int> asleep{0};
  std::atomic<bool> mail{false};
  std::vector<std::thread> threads;
  std::atomic<int> woken{0};
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&] {
      bool counted = false;
      waiting.wait(Event::mail, std::nullopt, [&] {
        if (!std::exchange(counted, true)) ++asleep;
        return mail.load();
      });
      ++woken;
    });
  }
  while (asleep < 4) std::this_thread::yield();
  mail = true;
  hub->wake(1);
  for (std::thread& thread : threads) thread.join();
  BOOST_TEST(woken == 4);
}

BOOST_AUTO_TEST_CASE(a_hint_that_one_thread_drained_reaches_the_thread_that_it_was_for) {
  const auto hub = std::make_shared<notify::LocalHub>();
  Waiting waiting(std::make_unique<notify::LocalNotifier>(hub, 1), kNever);
  for (int round = 0; round < 200; ++round) {
    std::atomic<int> asleep{0};
    std::atomic<bool> over{false};
    std::atomic<bool> mail{false};
    const auto sleep_until = [&](const std::atomic<bool>& there) {
      bool counted = false;
      waiting.wait(Event::mail, std::nullopt, [&] {
        if (!std::exchange(counted, true)) ++asleep;
        return there.load();
      });
    };
    std::thread other([&] { sleep_until(over); });  // finds nothing in this hint
    std::thread meant([&] { sleep_until(mail); });
    while (asleep < 2) std::this_thread::yield();
    mail = true;
    hub->wake(1);
    meant.join();
    over = true;
    waiting.look_again();
    other.join();
  }
}

BOOST_AUTO_TEST_CASE(it_waits_for_several_events_and_for_other_descriptors) {
  const auto hub = std::make_shared<notify::LocalHub>();
  Waiting waiting(std::make_unique<notify::LocalNotifier>(hub, 1), kNever);
  const platform::EventFd other;
  int fd = other.get();
  for (const auto& ring :
       {std::function<void()>([&] { hub->wake(1); }), std::function<void()>([&] { hub->announce(nullptr); }),
        std::function<void()>([&] { other.signal(); })}) {
    int looks = 0;
    BOOST_TEST(waiting.wait(
        {Event::mail, Event::peers}, platform::deadline_after(1min),
        [&] {
          if (++looks == 2) ring();
          return looks == 3;
        },
        std::span(&fd, 1)));
    other.drain();
  }
}

BOOST_AUTO_TEST_CASE(a_wait_that_could_not_begin_leaves_nothing_armed_and_the_next_one_is_woken_as_ever) {
  const auto hub = std::make_shared<notify::LocalHub>();
  std::vector<std::string> record;
  Waiting waiting(std::make_unique<FailingNotifier>(hub, record), kNever);
  const auto nothing = [] { return false; };
  BOOST_CHECK_THROW(waiting.wait({Event::peers, Event::mail}, platform::deadline_after(1min), nothing), Error);
  const std::vector<std::string> undone{"arm", "disarm"};
  BOOST_TEST(record == undone, boost::test_tools::per_element());
  record.clear();
  int looks = 0;
  BOOST_TEST(waiting.wait(Event::mail, std::nullopt, [&] { return ++looks == 2; }));
  BOOST_TEST(record == undone, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(without_a_hint_it_looks_again_after_the_interval) {
  Waiting waiting(poll_notifier(), kNever);
  int looks = 0;
  BOOST_TEST(waiting.wait(Event::mail, std::nullopt, [&] { return ++looks == 5; }));
}

BOOST_AUTO_TEST_CASE(the_time_can_run_out_and_what_looking_throws_passes) {
  Waiting waiting(poll_notifier(), kNever);
  BOOST_TEST(!waiting.wait(Event::mail, platform::deadline_after(10ms), [] { return false; }));
  BOOST_TEST(!waiting.wait(Event::mail, platform::deadline_after(0ms), [] { return false; }));
  BOOST_CHECK_THROW(
      waiting.wait(Event::mail, std::nullopt, []() -> bool { throw Error(ErrorCode::RouteGone, "gone"); }), Error);
}

BOOST_AUTO_TEST_CASE(the_descriptor_is_readable_from_a_hint_until_all_is_taken) {
  const auto hub = std::make_shared<notify::LocalHub>();
  Waiting waiting(std::make_unique<notify::LocalNotifier>(hub, 1), kNever);
  const int fd = waiting.fd(Event::mail, [] { return false; });
  BOOST_TEST(!readable_now(fd));
  hub->wake(1);
  BOOST_TEST(readable_now(fd));
  waiting.before_taking(Event::mail);
  waiting.after_taking(Event::mail, true);
  BOOST_TEST(readable_now(fd));
  waiting.before_taking(Event::mail);
  waiting.after_taking(Event::mail, false);
  BOOST_TEST(!readable_now(fd));
  BOOST_TEST(waiting.fd(Event::mail, [] { return true; }) == fd);
}

BOOST_AUTO_TEST_CASE(the_descriptor_of_an_inbox_with_mail_is_readable_from_the_start) {
  const auto hub = std::make_shared<notify::LocalHub>();
  Waiting waiting(std::make_unique<notify::LocalNotifier>(hub, 1), kNever);
  BOOST_TEST(readable_now(waiting.fd(Event::mail, [] { return true; })));
}

BOOST_AUTO_TEST_CASE(a_descriptor_whose_first_look_failed_is_readable_when_it_is_asked_for_again) {
  const auto hub = std::make_shared<notify::LocalHub>();
  Waiting waiting(std::make_unique<notify::LocalNotifier>(hub, 1), kNever);
  BOOST_CHECK_THROW(waiting.fd(Event::mail, []() -> bool { throw Error(ErrorCode::Busy, "later"); }), Error);
  BOOST_TEST(readable_now(waiting.fd(Event::mail, [] { return false; })));
}

BOOST_AUTO_TEST_CASE(nothing_is_asked_of_the_store_while_the_lock_is_held) {
  std::optional<Waiting> waiting;
  const auto ask = [&] {  // as the store does, whose lock another thread may hold that is about to wake those who wait
    std::thread([&] { waiting->look_again(); }).join();
    return std::uint64_t{1};
  };
  waiting.emplace(std::make_unique<notify::PollNotifier>("test", ask), kNever);
  const auto look = [&] { return ask() == 0; };
  BOOST_TEST(!waiting->wait(Event::mail, platform::deadline_after(5ms), look));
  waiting->fd(Event::mail, look);
  waiting->before_taking(Event::mail);
}

BOOST_AUTO_TEST_CASE(who_is_to_be_woken_may_be_looked_up_while_a_notifier_is_made_and_destroyed) {
  const auto hub = std::make_shared<notify::LocalHub>();
  std::atomic<bool> over{false};
  std::thread wakes([&] {
    while (!over) hub->wake(1);
  });
  for (int n = 0; n < 500; ++n) notify::HookNotifier made(hub, 1);
  over = true;
  wakes.join();
}

BOOST_AUTO_TEST_SUITE_END()
