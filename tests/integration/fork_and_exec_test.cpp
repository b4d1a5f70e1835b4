// SPDX-License-Identifier: MIT
// What a client's children inherit: nothing. An exec'ed child has none of its descriptors, and neither kind of child
// keeps its name alive.
#include <signal.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <filesystem>

#include "integration/route_file.hpp"
#include "support/remote_peer.hpp"

namespace {

std::vector<std::string> descriptors_of(pid_t pid) {
  std::vector<std::string> all;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/" + std::to_string(pid) + "/fd")) {
    std::error_code gone;
    const auto target = std::filesystem::read_symlink(entry.path(), gone);
    if (!gone) all.push_back(target.string());
  }
  return all;
}

std::size_t count(const std::vector<std::string>& descriptors, const std::string& what) {
  return static_cast<std::size_t>(std::count_if(descriptors.begin(), descriptors.end(), [&](const std::string& one) {
    return one.find(what) != std::string::npos;
  }));
}

// Ends a process that is not a child of this one.
class Orphan {
 public:
  explicit Orphan(pid_t pid) : pid_(pid) {}
  ~Orphan() { kill(pid_, SIGKILL); }
  Orphan(const Orphan&) = delete;
  Orphan& operator=(const Orphan&) = delete;
  bool runs() const { return kill(pid_, 0) == 0; }

 private:
  pid_t pid_;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(fork_and_exec)

BOOST_AUTO_TEST_CASE(a_program_that_is_executed_has_none_of_a_clients_descriptors) {
  test::RemotePeer before;
  const auto plain = before.call({"descriptors"}).get<std::vector<std::string>>();
  const test::RouteFile route;
  const auto boss = route.connect("boss");
  boss->fd();
  boss->peer_change_fd();
  boss->send_message("boss", 1);
  boss->get_messages();
  BOOST_TEST(count(descriptors_of(getpid()), route.folder().path()) > 0);
  test::RemotePeer after;
  const auto inherited = after.call({"descriptors"}).get<std::vector<std::string>>();
  BOOST_TEST(count(inherited, route.folder().path()) == 0);
  BOOST_TEST(count(inherited, "socket:") == count(plain, "socket:"));
  BOOST_TEST(count(inherited, "anon_inode:") == count(plain, "anon_inode:"));
  BOOST_TEST(inherited.size() <= plain.size());
}

BOOST_AUTO_TEST_CASE(a_child_that_was_executed_keeps_neither_the_name_nor_the_file) {
  const test::RouteFile route;
  test::RemotePeer worker(route.info(), "worker");
  const Orphan child(worker.call({"fork_and_exec"}).get<pid_t>());
  BOOST_TEST(test::eventually([&] { return child.runs(); }));
  worker.kill();
  BOOST_TEST(child.runs());
  const auto boss = route.connect("boss");
  // At the latest once the child has had its turn after the fork, in which it lets go of what it inherited.
  BOOST_TEST(test::eventually([&] { return !boss->peer_active("worker"); }));
  route.connect("worker");
}

BOOST_AUTO_TEST_CASE(a_forked_child_that_lives_on_does_not_keep_the_name_of_its_killed_parent) {
  const test::RouteFile route;
  const auto boss = route.connect("boss");
  test::RemotePeer worker(route.info(), "worker");
  const Orphan child(worker.call({"fork"}).get<pid_t>());
  BOOST_TEST(boss->peer_active("worker"));
  worker.kill();
  BOOST_TEST(child.runs());
  BOOST_TEST(test::eventually([&] { return !boss->peer_active("worker"); }));
  boss->send_message("worker", 1);
  BOOST_TEST(route.connect("worker")->get_messages().size() == 1);
  BOOST_TEST(child.runs());
}

BOOST_AUTO_TEST_CASE(a_forked_child_that_ends_does_not_take_the_name_from_its_parent) {
  const test::RouteFile route;
  const auto boss = route.connect("boss");
  test::RemotePeer worker(route.info(), "worker");
  for (int round = 0; round < 3; ++round) {
    const pid_t child = worker.call({"fork"}).get<pid_t>();
    kill(child, SIGKILL);
    worker.call({"reap", child});
    BOOST_TEST(boss->peer_active("worker"));
    worker.send("boss", round);
    BOOST_TEST(boss->get_messages().size() == 1);
  }
}

BOOST_AUTO_TEST_SUITE_END()
