// SPDX-License-Identifier: MIT
#include "support/faults/stepper.hpp"

#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <iterator>
#include <stdexcept>

#include "support/faults/child.hpp"

namespace test {
namespace {

// PTRACE_O_TRACESYSGOOD sets it in the signal of a stop at a system call.
constexpr int kAtSystemCall = SIGTRAP | 0x80;

void resume(__ptrace_request how, pid_t thread, int signal) {
  // A thread may have been killed meanwhile: then its end is what comes next.
  ptrace(how, thread, nullptr, reinterpret_cast<void*>(static_cast<long>(signal)));
}

int wait_for_any(pid_t& thread) {
  int status = 0;
  do {
    thread = waitpid(-1, &status, __WALL);
  } while (thread < 0 && errno == EINTR);
  return status;
}

// The stop of begin_to_be_traced() and end_to_be_traced().
bool is_marker(int status) {
  return WSTOPSIG(status) == SIGSTOP && status >> 16 == 0;
}

}  // namespace

boost::test_tools::assertion_result may_trace(boost::unit_test::test_unit_id) {
  const pid_t child = fork_child([] {
    begin_to_be_traced();
    getppid();
    end_to_be_traced();
  });
  const bool stepped = kill_at_system_call(child, 0).moments > 0;
  wait_for_child(child);
  boost::test_tools::assertion_result may(stepped);
  if (!stepped) may.message() << "this process may not trace its children";
  return may;
}

void begin_to_be_traced() {
  if (ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) == 0) raise(SIGSTOP);
}

void end_to_be_traced() {
  raise(SIGSTOP);
}

namespace {

// Calls `at` with the thread at each moment.
void follow_system_calls(pid_t child, const std::function<void(pid_t thread)>& at) {
  int status = 0;
  while (waitpid(child, &status, WUNTRACED) < 0 && errno == EINTR) {}
  if (!WIFSTOPPED(status)) return;  // it ended in its set-up, or may not be traced
  ptrace(PTRACE_SETOPTIONS, child, nullptr, PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | PTRACE_O_EXITKILL);
  __ptrace_request how = PTRACE_SYSCALL;
  resume(how, child, 0);
  for (;;) {
    pid_t thread = 0;
    status = wait_for_any(thread);
    if (thread < 0) throw std::runtime_error("the traced process is gone");
    if (!WIFSTOPPED(status)) {
      if (thread == child) return;  // its threads have ended before
      continue;
    }
    const int signal = WSTOPSIG(status);
    if (signal == kAtSystemCall) {
      if (how == PTRACE_SYSCALL) at(thread);
      resume(how, thread, 0);
    } else if (thread == child && is_marker(status)) {
      how = PTRACE_CONT;
      resume(how, thread, 0);
    } else {  // a new thread begins, or a signal is on its way
      const bool is_new = signal == SIGTRAP || signal == SIGSTOP;
      resume(how, thread, is_new ? 0 : signal);
    }
  }
}

}  // namespace

Stepped kill_at_system_call(pid_t child, long n) {
  Stepped result;
  follow_system_calls(child, [&](pid_t) {
    if (++result.moments != n) return;
    kill(child, SIGKILL);
    result.killed = true;
  });
  return result;
}

std::vector<TracedCall> act_before_system_call(pid_t child, long n, const std::function<void()>& act) {
  std::vector<TracedCall> calls;
  follow_system_calls(child, [&](pid_t thread) {
    __ptrace_syscall_info now{};
    const bool is_told = ptrace(PTRACE_GET_SYSCALL_INFO, thread, sizeof now, &now) > 0;
    if (!is_told || now.op != PTRACE_SYSCALL_INFO_ENTRY) return;
    TracedCall& call = calls.emplace_back();
    call.number = static_cast<long>(now.entry.nr);
    std::copy(std::begin(now.entry.args), std::end(now.entry.args), call.arguments.begin());
    if (static_cast<long>(calls.size()) == n) act();
  });
  return calls;
}

}  // namespace test
