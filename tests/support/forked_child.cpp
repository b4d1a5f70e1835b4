// SPDX-License-Identifier: MIT
#include "support/forked_child.hpp"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <stdexcept>

// The memory that other threads of the parent had in their hands is lost in a child: LeakSanitizer would call it leaks.
// It asks this function, if there is one, before it looks (sanitizer/lsan_interface.h).
static bool in_child = false;
extern "C" int __lsan_is_turned_off();
extern "C" int __lsan_is_turned_off() {
  return in_child ? 1 : 0;
}

namespace test {
namespace {

std::string outcome_of(const std::function<std::string()>& work) {
  try {
    return work();
  } catch (const std::exception& error) {
    return std::string("threw: ") + error.what();
  }
}

[[noreturn]] void run_child(const std::function<std::string()>& work, ChildExit how, int out) {
  in_child = true;
  // The test framework's own handlers would go on with the next test, in the child.
  for (const int number : {SIGABRT, SIGALRM, SIGBUS, SIGFPE, SIGILL, SIGSEGV}) signal(number, SIG_DFL);
  alarm(60);  // a child that hangs must not hang the test
  const std::string outcome = outcome_of(work);
  if (write(out, outcome.data(), outcome.size()) < 0) _exit(3);
  if (how == ChildExit::immediate) _exit(0);
  std::exit(0);
}

std::string read_to_end(int in) {
  std::string all;
  std::array<char, 4096> buffer;
  for (;;) {
    const ssize_t count = read(in, buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return all;
    all.append(buffer.data(), static_cast<std::size_t>(count));
  }
}

}  // namespace

std::string in_forked_child(const std::function<std::string()>& work, ChildExit how) {
  std::array<int, 2> ends{};
  if (pipe(ends.data()) != 0) throw std::runtime_error("pipe failed");
  std::cout.flush();  // or the child's orderly exit prints it a second time
  std::fflush(nullptr);
  const pid_t pid = fork();
  if (pid < 0) throw std::runtime_error("fork failed");
  if (pid == 0) run_child(work, how, ends[1]);
  close(ends[1]);
  std::string outcome = read_to_end(ends[0]);
  close(ends[0]);
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {}
  if (WIFSIGNALED(status)) outcome += "ended by signal " + std::to_string(WTERMSIG(status));
  if (WIFEXITED(status) && WEXITSTATUS(status) != 0) outcome += "exit code " + std::to_string(WEXITSTATUS(status));
  return outcome;
}

}  // namespace test
