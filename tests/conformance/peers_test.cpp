// SPDX-License-Identifier: MIT
// Instance methods `peers`, `peer_exists`, `peer_active([timeout])`, `peer_pid`, `pid`, `pid_check`,
// `pid_is_running`, and
// peer_change_fd(). The states themselves: states_test.cpp.
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <future>

#include "conformance.hpp"
#include "support/process.hpp"

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

namespace {

bool readable(int fd, milliseconds patience) {
  pollfd waiting{fd, POLLIN, 0};
  return poll(&waiting, 1, static_cast<int>(patience.count())) == 1;
}

}  // namespace

CONFORMANCE_TEST(peers_are_sorted_by_their_bytes_and_never_name_oneself) {
  const auto boss = connect("m");
  std::vector<test::ClientPtr> others;
  for (const char* name : {"b", "a", "Z", "é", "z", "a1"}) others.push_back(connect(name));
  others.push_back(connect("n"));
  BOOST_TEST(test::joined(boss->peers()) == "Z,a,a1,b,n,z,é");
  BOOST_TEST(test::joined(others[0]->peers()) == "Z,a,a1,m,n,z,é");
}

CONFORMANCE_TEST(waiting_for_a_peer_ends_when_it_becomes_active) {
  const auto boss = connect("boss");
  make_disconnected("known");
  for (const char* name : {"known", "unknown"}) {
    auto waiting = std::async(std::launch::async, [&] { return boss->peer_active(name, test::kPatience); });
    const auto peer = connect(name);
    BOOST_TEST(waiting.get());
  }
}

CONFORMANCE_TEST(waiting_for_a_peer_that_does_not_come_ends_with_its_time) {
  const auto boss = connect("boss");
  make_disconnected("worker");
  const auto start = Clock::now();
  BOOST_TEST(!boss->peer_active("worker", milliseconds(200)));
  BOOST_TEST((Clock::now() - start >= milliseconds(200)));
  BOOST_TEST(!boss->peer_active("worker", milliseconds(0)));
}

CONFORMANCE_TEST(waiting_for_a_peer_that_is_active_does_not_wait) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  BOOST_TEST(boss->peer_active("worker", milliseconds(0)));
  BOOST_TEST(boss->peer_active("worker", std::chrono::hours(24)));
  BOOST_TEST(boss->peer_active("worker", milliseconds::max()));
}

CONFORMANCE_TEST(a_negative_time_to_wait_for_a_peer_is_an_error) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  CHECK_ERROR(InvalidArgument, boss->peer_active("worker", milliseconds(-1)));
  CHECK_ERROR(InvalidArgument, boss->peer_active("unknown", milliseconds::min()));
}

CONFORMANCE_TEST(other_calls_of_a_client_go_on_while_it_waits_for_a_peer) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  auto waiting = std::async(std::launch::async, [&] { return boss->peer_active("late", test::kPatience); });
  for (int n = 0; n < 20; ++n) boss->send_message("worker", n);
  BOOST_TEST(worker->get_messages().size() == 20);
  const auto late = connect("late");
  BOOST_TEST(waiting.get());
}

CONFORMANCE_TEST(a_change_among_the_peers_makes_a_descriptor_readable_until_they_are_looked_at) {
  ipcm::ConnectOptions options;
  options.fallback_interval = std::chrono::hours(1);  // which makes it readable, too
  const auto boss = connect("boss", options);
  const int fd = boss->peer_change_fd();
  BOOST_REQUIRE(fd >= 0);
  boss->peers();
  BOOST_TEST(!readable(fd, milliseconds(0)));
  const auto changed = [&](const std::string& expected) {
    BOOST_TEST(readable(fd, test::kPatience));
    BOOST_TEST(test::joined(boss->peers()) == expected);
    BOOST_TEST(!readable(fd, milliseconds(0)));
  };
  auto worker = connect("worker");
  changed("worker");
  if (protocol().has_store) {
    worker->suspend();
    changed("worker");
    worker = reconnect("worker");
    changed("worker");
  }
  worker->disconnect();
  changed("");
}

CONFORMANCE_TEST(a_client_is_of_the_process_that_made_it) {
  const auto boss = connect("boss");
  BOOST_TEST(boss->pid() == getpid());
  BOOST_TEST(&boss->pid_check() == boss.get());
}

CONFORMANCE_TEST(whether_a_process_runs_can_be_asked) {
  BOOST_TEST(ipcm::Client::pid_is_running(getpid()) == 1);
  const pid_t child = fork();
  if (child == 0) _exit(0);
  waitpid(child, nullptr, 0);
  BOOST_TEST(ipcm::Client::pid_is_running(child) == 0);
  BOOST_TEST(ipcm::Client::pid_is_running(1) == (geteuid() == 0 ? 1 : -1));
  for (const int none : {0, -1, -12345}) BOOST_TEST(ipcm::Client::pid_is_running(none) == 0);
}
