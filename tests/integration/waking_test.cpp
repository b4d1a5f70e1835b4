// SPDX-License-Identifier: MIT
// Processes that wait are woken by processes that send.
#include <poll.h>

#include <filesystem>
#include <future>
#include <thread>

#include <boost/test/unit_test.hpp>

#include "integration/route_file.hpp"
#include "support/errors.hpp"
#include "support/remote_peer.hpp"
#include "support/text.hpp"

namespace {

// Without it, a wake-up that is lost would be made up for by the next look.
const ipcm::Json kNoFallback = {{"fallback_ms", 3'600'000}};

int milliseconds_of(std::chrono::milliseconds time) {
  return static_cast<int>(time.count());
}

}  // namespace

BOOST_AUTO_TEST_SUITE(waking)

BOOST_AUTO_TEST_CASE(many_processes_that_wait_are_all_woken_by_a_broadcast) {
  const test::RouteFile route;
  const auto boss = route.connect("boss");
  constexpr int kWaiting = 8;
  std::vector<test::RemotePeer> workers(kWaiting);
  for (int n = 0; n < kWaiting; ++n) {
    auto& worker = workers[static_cast<std::size_t>(n)];
    worker.call({"connect", "worker" + std::to_string(n), route.info().to_string(), kNoFallback});
  }
  for (int round = 0; round < 5; ++round) {
    for (auto& worker : workers) worker.start({"wait", milliseconds_of(test::kPatience)});
    BOOST_TEST(boss->broadcast(round).size() == kWaiting);
    for (auto& worker : workers) {
      BOOST_TEST(worker.finish() == true);
      BOOST_TEST(test::contents(worker.get()) == "[" + std::to_string(round) + "]");
    }
  }
}

BOOST_AUTO_TEST_CASE(two_processes_that_answer_each_other_lose_no_wake_up) {
  const test::RouteFile route;
  ipcm::ConnectOptions options;
  options.fallback_interval = std::chrono::hours(1);
  const auto boss = route.connect("boss", options);
  test::RemotePeer echo;
  echo.call({"connect", "echo", route.info().to_string(), kNoFallback});
  constexpr int kRounds = 300;
  echo.start({"echo", kRounds, milliseconds_of(test::kPatience)});
  for (int n = 0; n < kRounds; ++n) {
    boss->send_message("echo", n);
    BOOST_TEST_REQUIRE(boss->wait(test::kPatience));
    BOOST_TEST_REQUIRE(test::contents(boss->get_messages()) == "[" + std::to_string(n) + "]");
  }
  BOOST_TEST(echo.finish() == kRounds);
}

BOOST_AUTO_TEST_CASE(a_change_of_another_process_makes_the_peer_descriptor_readable) {
  const test::RouteFile route;
  ipcm::ConnectOptions options;
  options.fallback_interval = std::chrono::hours(1);
  const auto boss = route.connect("boss", options);
  const int fd = boss->peer_change_fd();
  boss->peers();
  const auto changed = [&] {
    pollfd waiting{fd, POLLIN, 0};
    const bool readable = poll(&waiting, 1, milliseconds_of(test::kPatience)) == 1;
    boss->peers();
    return readable;
  };
  test::RemotePeer worker(route.info(), "worker");
  BOOST_TEST(changed());
  BOOST_TEST(test::joined(boss->peers()) == "worker");
  worker.call({"suspend"});
  BOOST_TEST(changed());
  worker.call({"reconnect", "worker", route.info().to_string()});
  BOOST_TEST(changed());
  worker.call({"disconnect"});
  BOOST_TEST(changed());
  BOOST_TEST(test::joined(boss->peers()) == "");
}

BOOST_AUTO_TEST_CASE(waiting_for_a_peer_of_another_process_ends_when_it_comes) {
  const test::RouteFile route;
  const auto boss = route.connect("boss");
  test::RemotePeer worker;
  worker.start({"connect", "worker", route.info().to_string()});
  BOOST_TEST(boss->peer_active("worker", test::kPatience));
  worker.finish();
}

BOOST_AUTO_TEST_CASE(a_reader_whose_socket_folder_was_removed_still_gets_its_mail) {
  const test::RouteFile route;
  const auto boss = route.connect("boss");
  test::RemotePeer worker(route.info(), "worker");
  for (const auto& entry : std::filesystem::directory_iterator(route.folder().path())) {
    if (entry.is_directory()) std::filesystem::remove_all(entry.path());
  }
  worker.start({"wait", milliseconds_of(test::kPatience)});
  boss->send_message("worker", 1);
  BOOST_TEST(worker.finish() == true);
  BOOST_TEST(test::contents(worker.get()) == "[1]");
}

BOOST_AUTO_TEST_CASE(a_removed_socket_folder_is_made_anew_so_that_hints_arrive_again) {
  const test::RouteFile route;
  ipcm::ConnectOptions options;
  options.fallback_interval = std::chrono::milliseconds(20);
  const auto worker = route.connect("worker", options);
  BOOST_TEST(!worker->wait(std::chrono::milliseconds(0)));  // it has a socket now
  const std::string folder = route.path() + "-wake";
  std::filesystem::remove_all(folder);
  auto waiting = std::async(std::launch::async, [&] { return worker->wait(test::kPatience); });
  while (!std::filesystem::exists(folder) || std::filesystem::is_empty(folder)) std::this_thread::yield();
  route.connect("boss")->send_message("worker", 1);
  BOOST_TEST(waiting.get());
  BOOST_TEST(test::contents(worker->get_messages()) == "[1]");
}

BOOST_AUTO_TEST_CASE(a_route_can_be_removed_while_clients_make_their_sockets_anew) {
  for (int round = 0; round < 30; ++round) {
    auto store = ipcm::spawn();
    std::vector<std::future<std::string>> waiting;
    for (int n = 0; n < 4; ++n) {
      const auto worker = ipcm::connect("worker-" + std::to_string(n), store.info(),
                                        {.fallback_interval = std::chrono::milliseconds(1)});
      waiting.push_back(std::async(std::launch::async,
                                   [worker] { return test::code_of_call([&] { worker->wait(test::kPatience); }); }));
    }
    const std::filesystem::path folder = std::filesystem::path(store.route()).parent_path();
    BOOST_TEST(test::code_of_call([&] { store.unspawn(); }) == "ok");
    for (auto& one : waiting) BOOST_TEST(one.get() == "RouteGone");
    BOOST_TEST(!std::filesystem::exists(folder));  // nor has one that had just looked made its socket anew
  }
}

BOOST_AUTO_TEST_CASE(a_program_that_polls_is_woken_through_a_folder_that_was_made_anew) {
  const test::RouteFile route;
  ipcm::ConnectOptions options;
  options.fallback_interval = std::chrono::milliseconds(20);
  const auto worker = route.connect("worker", options);
  const int fd = worker->fd();
  const std::string folder = route.path() + "-wake";
  std::filesystem::remove_all(folder);
  while (!std::filesystem::exists(folder) || std::filesystem::is_empty(folder)) {
    pollfd waiting{fd, POLLIN, 0};
    BOOST_TEST_REQUIRE(poll(&waiting, 1, milliseconds_of(test::kPatience)) == 1);
    worker->get_messages();
  }
  route.connect("boss")->send_message("worker", 1);
  pollfd waiting{fd, POLLIN, 0};
  BOOST_TEST(poll(&waiting, 1, milliseconds_of(test::kPatience)) == 1);
  BOOST_TEST(test::contents(worker->get_messages()) == "[1]");
}

BOOST_AUTO_TEST_CASE(a_client_that_only_polls_finds_what_another_process_sent) {
  ipcm::SpawnOptions options;
  options.notifier = ipcm::NotifierKind::poll;
  const test::RouteFile route(options);
  BOOST_TEST(ipcm::route_info(route.info()).notifier.find("poll") == 0U);
  test::RemotePeer worker;
  worker.call({"connect", "worker", route.info().to_string(), kNoFallback});
  const auto boss = route.connect("boss");
  for (int n = 0; n < 3; ++n) {
    worker.start({"wait", milliseconds_of(test::kPatience)});
    boss->send_message("worker", n);
    BOOST_TEST(worker.finish() == true);
    BOOST_TEST(test::contents(worker.get()) == "[" + std::to_string(n) + "]");
  }
  BOOST_TEST(!std::filesystem::exists(route.path() + "-wake"));
}

BOOST_AUTO_TEST_CASE(each_client_may_be_woken_in_its_own_way) {
  const test::RouteFile route;
  BOOST_TEST(ipcm::route_info(route.info()).notifier.find("socket") == 0U);
  const auto boss = route.connect("boss");
  for (const char* kind : {"socket", "poll", "auto"}) {
    ipcm::Json options = kNoFallback;
    options["notifier"] = kind;
    test::RemotePeer worker;
    worker.call({"connect", "worker", route.info().to_string(), options});
    worker.start({"wait", milliseconds_of(test::kPatience)});
    boss->send_message("worker", kind);
    BOOST_TEST(worker.finish() == true);
    BOOST_TEST(worker.get().size() == 1);
  }
}

BOOST_AUTO_TEST_CASE(the_hooks_of_sqlite_wake_the_clients_of_one_process) {
  ipcm::SpawnOptions hooked;
  hooked.notifier = ipcm::NotifierKind::hook;
  const test::RouteFile route(hooked);
  ipcm::ConnectOptions options;
  options.fallback_interval = std::chrono::hours(1);
  const auto boss = route.connect("boss", options);
  const auto worker = route.connect("worker", options);
  const int peers = boss->peer_change_fd();
  boss->peers();
  const auto woken = [&] { return std::async(std::launch::async, [&] { return worker->wait(test::kPatience); }); };
  auto waiting = woken();
  boss->send_message("worker", 1);
  BOOST_TEST(waiting.get());
  auto taken = worker->get_messages();
  BOOST_TEST(test::contents(taken) == "[1]");
  waiting = woken();
  worker->requeue_messages(taken);
  BOOST_TEST(waiting.get());
  worker->get_messages();
  waiting = woken();
  BOOST_TEST(boss->broadcast(2).size() == 1);
  BOOST_TEST(waiting.get());
  const auto other = route.connect("other", options);
  pollfd changed{peers, POLLIN, 0};
  BOOST_TEST(poll(&changed, 1, milliseconds_of(test::kPatience)) == 1);
  BOOST_TEST(!std::filesystem::exists(route.path() + "-wake"));
  BOOST_TEST(ipcm::route_info(route.info()).notifier.find("hook") == 0U);
}

BOOST_AUTO_TEST_CASE(where_sockets_are_asked_for_and_cannot_be_it_says_so) {
  ipcm::SpawnOptions options;
  const test::RouteFile route(options);
  test::write_file(route.path() + "-wake", "in the way");
  ipcm::ConnectOptions sockets;
  sockets.notifier = ipcm::NotifierKind::socket;
  BOOST_CHECK_THROW(route.connect("worker", sockets), ipcm::Error);
  BOOST_TEST(ipcm::route_info(route.info()).notifier.find("poll") == 0U);
  BOOST_TEST(route.connect("worker")->id() == "worker");
}

BOOST_AUTO_TEST_SUITE_END()
