// SPDX-License-Identifier: MIT
#include "unit/support/forked.hpp"

#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstddef>
#include <stdexcept>

namespace test {
namespace {

pid_t start(ForkBy how) {
  if (how == ForkBy::fork) return fork();
  return static_cast<pid_t>(syscall(SYS_clone, SIGCHLD, nullptr, nullptr, nullptr, nullptr));
}

[[noreturn]] void run_child(int out, const std::function<std::string()>& work) {
  int status = 1;
  try {
    const std::string result = work();
    std::size_t done = 0;
    while (done < result.size()) {
      const ssize_t wrote = write(out, result.data() + done, result.size() - done);
      if (wrote <= 0) _exit(2);
      done += static_cast<std::size_t>(wrote);
    }
    status = 0;
  } catch (...) {}
  _exit(status);
}

}  // namespace

std::string in_child(const std::function<std::string()>& work, ForkBy how) {
  int ends[2];
  if (pipe(ends) != 0) throw std::runtime_error("pipe failed");
  const pid_t child = start(how);
  if (child < 0) throw std::runtime_error("fork failed");
  if (child == 0) run_child(ends[1], work);
  close(ends[1]);
  std::string result;
  char buffer[4096];
  for (ssize_t got = 0; (got = read(ends[0], buffer, sizeof buffer)) > 0;) {
    result.append(buffer, static_cast<std::size_t>(got));
  }
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  if (status != 0) throw std::runtime_error("the child failed");
  return result;
}

}  // namespace test
