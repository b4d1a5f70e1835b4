// SPDX-License-Identifier: MIT
#include "platform/fork.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <mutex>
#include <thread>
#include <vector>

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

BOOST_AUTO_TEST_CASE(threads_that_hold_mutexes_without_a_pause_do_not_keep_a_fork_waiting) {
  constexpr int kThreads = 8;
  std::array<ForkSafeMutex, kThreads> mutexes;
  std::atomic<bool> stop{false};
  std::vector<std::thread> busy;
  std::atomic<int> began{0};
  for (ForkSafeMutex& mutex : mutexes) {
    busy.emplace_back([&] {
      ++began;
      while (!stop) const std::lock_guard lock(mutex);
    });
  }
  while (began < kThreads) std::this_thread::yield();
  for (int round = 0; round < 50; ++round) {
    const pid_t child = fork();
    if (child == 0) {
      for (ForkSafeMutex& mutex : mutexes) const std::lock_guard lock(mutex);
      _exit(forked_amid_calls() ? 1 : 0);
    }
    BOOST_REQUIRE(exit_code_of(child) == 0);
  }
  stop = true;
  for (std::thread& thread : busy) thread.join();
}

BOOST_AUTO_TEST_CASE(a_thread_that_has_one_mutex_gets_another_while_a_fork_waits) {
  ForkSafeMutex first;
  ForkSafeMutex second;
  std::atomic<bool> stop{false};
  std::vector<std::thread> busy;
  for (int count = 0; count < 2; ++count) {
    busy.emplace_back([&] {
      while (!stop) {
        const std::lock_guard outer(first);
        std::this_thread::yield();
        const std::lock_guard inner(second);
      }
    });
  }
  for (int round = 0; round < 50; ++round) {
    const pid_t child = fork();
    if (child == 0) {
      const std::lock_guard outer(first);
      const std::lock_guard inner(second);
      _exit(forked_amid_calls() ? 1 : 0);
    }
    BOOST_REQUIRE(exit_code_of(child) == 0);
  }
  stop = true;
  for (std::thread& thread : busy) thread.join();
}

BOOST_AUTO_TEST_CASE(a_fork_by_the_holder_does_not_wait_for_those_who_wait_for_the_mutex) {
  ForkSafeMutex mutex;
  std::atomic<bool> begins{false};
  std::unique_lock lock(mutex);
  std::thread waits([&] {
    begins = true;
    const std::lock_guard later(mutex);
  });
  while (!begins) std::this_thread::yield();
  const pid_t child = fork();
  if (child == 0) _exit(forked_amid_calls() ? 1 : 0);
  BOOST_TEST(exit_code_of(child) == 0);
  lock.unlock();
  waits.join();
}

BOOST_AUTO_TEST_CASE(a_fork_that_another_thread_keeps_waiting_goes_ahead_in_the_end_and_its_children_know) {
  std::atomic<bool> holds{false};
  std::atomic<bool> stop{false};
  std::thread in_a_long_call([&] {
    const ForkHold hold;
    holds = true;
    stop.wait(false);
  });
  while (!holds) std::this_thread::yield();
  const ForkHold own;  // shortens the wait
  const pid_t child = fork();
  if (child == 0) {
    const pid_t grandchild = fork();
    if (grandchild == 0) _exit(forked_amid_calls() ? 0 : 1);
    _exit(forked_amid_calls() && exit_code_of(grandchild) == 0 ? 0 : 1);
  }
  BOOST_TEST(exit_code_of(child) == 0);
  BOOST_TEST(!forked_amid_calls());
  stop = true;
  stop.notify_all();
  in_a_long_call.join();
}

BOOST_AUTO_TEST_CASE(where_a_hold_is_suspended_others_may_fork) {
  std::atomic<bool> suspended{false};
  std::atomic<bool> stop{false};
  std::thread in_a_long_call([&] {
    const ForkHold hold;
    {
      const ForkHold::Suspended for_a_hook;
      suspended = true;
      stop.wait(false);
    }
    suspended = !ForkHold::is_held();
  });
  while (!suspended) std::this_thread::yield();
  const pid_t child = fork();
  if (child == 0) _exit(forked_amid_calls() ? 1 : 0);
  BOOST_TEST(exit_code_of(child) == 0);
  stop = true;
  stop.notify_all();
  in_a_long_call.join();
  BOOST_TEST(!suspended);
}

BOOST_AUTO_TEST_CASE(two_threads_may_fork_at_once_even_within_holds) {
  std::atomic<int> ready{0};
  std::atomic<int> wrong{0};
  const auto forks = [&] {
    ++ready;
    while (ready < 2) std::this_thread::yield();
    for (int round = 0; round < 20; ++round) {
      const ForkHold hold;
      const pid_t child = fork();
      if (child == 0) _exit(0);
      if (exit_code_of(child) != 0) ++wrong;
    }
  };
  std::thread other(forks);
  forks();
  other.join();
  BOOST_TEST(wrong == 0);
}

BOOST_AUTO_TEST_SUITE_END()
