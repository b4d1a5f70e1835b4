// SPDX-License-Identifier: MIT
#include "platform/lock_order.hpp"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>
#include <mutex>

#include <boost/test/unit_test.hpp>

using namespace ipcm::platform;

namespace {

template <LockRank rank>
using Mutex = Ranked<std::mutex, rank>;

// Whether `act` ends its process by a signal.
bool ends_the_process(const std::function<void()>& act) {
  const pid_t child = fork();
  if (child == 0) {
    close(STDERR_FILENO);
    signal(SIGABRT, SIG_DFL);  // which the framework catches
    act();
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFSIGNALED(status);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(lock_order)

BOOST_AUTO_TEST_CASE(locks_may_be_taken_downwards_and_let_go_in_any_order) {
  Mutex<LockRank::reply> reply;
  Mutex<LockRank::call> call;
  Mutex<LockRank::waiting> waiting;
  reply.lock();
  call.lock();
  waiting.lock();
  waiting.assert_held();
  call.unlock();
  reply.unlock();
  waiting.unlock();
  const std::scoped_lock again(call);
}

BOOST_AUTO_TEST_CASE(a_lock_out_of_its_order_or_twice_or_that_is_missed_ends_the_process) {
  Mutex<LockRank::call> call;
  Mutex<LockRank::call> another;
  Mutex<LockRank::waiting> waiting;
  BOOST_TEST(ends_the_process([&] {
    waiting.lock();
    call.lock();
  }));
  BOOST_TEST(ends_the_process([&] {
    call.lock();
    another.lock();
  }));
  BOOST_TEST(ends_the_process([&] { call.assert_held(); }));
  BOOST_TEST(!ends_the_process([&] {
    waiting.lock();
    waiting.unlock();
    call.lock();
  }));
}

BOOST_AUTO_TEST_SUITE_END()
