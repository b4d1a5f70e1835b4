// SPDX-License-Identifier: MIT
#include "platform/fork.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <mutex>
#include <thread>

#include <boost/test/unit_test.hpp>

using namespace ipcm::platform;

namespace {

int exit_code_of(pid_t child) {
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

bool is_open(int fd) {
  return fcntl(fd, F_GETFD) != -1;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(forking)

BOOST_AUTO_TEST_CASE(a_child_is_of_another_generation_than_its_parent) {
  const unsigned long before = fork_generation();
  const pid_t child = fork();
  if (child == 0) _exit(fork_generation() == before + 1 ? 0 : 1);
  BOOST_TEST(exit_code_of(child) == 0);
  BOOST_TEST(fork_generation() == before);
}

BOOST_AUTO_TEST_CASE(a_private_descriptor_is_closed_in_the_child_and_open_in_the_parent) {
  const ForkPrivateFd fd(UniqueFd(open("/dev/null", O_RDONLY | O_CLOEXEC)));
  const int number = fd.get();
  const pid_t child = fork();
  if (child == 0) _exit(!is_open(number) && fd.get() == -1 ? 0 : 1);
  BOOST_TEST(exit_code_of(child) == 0);
  BOOST_TEST(is_open(number));
}

BOOST_AUTO_TEST_CASE(no_other_thread_holds_the_mutex_at_the_moment_of_a_fork) {
  ForkSafeMutex mutex;
  std::atomic<bool> stop{false};
  int left = 0;  // both change together under the mutex
  int right = 0;
  std::thread busy([&] {
    while (!stop) {
      const std::lock_guard lock(mutex);
      ++left;
      std::this_thread::yield();
      ++right;
    }
  });
  for (int round = 0; round < 50; ++round) {
    const pid_t child = fork();
    if (child == 0) {
      const std::lock_guard lock(mutex);  // free here
      _exit(left == right ? 0 : 1);
    }
    BOOST_REQUIRE(exit_code_of(child) == 0);
  }
  stop = true;
  busy.join();
}

BOOST_AUTO_TEST_CASE(a_thread_that_holds_the_mutex_may_fork) {
  ForkSafeMutex mutex;
  const std::lock_guard lock(mutex);
  const pid_t child = fork();
  if (child == 0) _exit(0);
  BOOST_TEST(exit_code_of(child) == 0);
}

BOOST_AUTO_TEST_SUITE_END()
