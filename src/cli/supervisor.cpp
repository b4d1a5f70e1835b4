// SPDX-License-Identifier: MIT
#include "supervisor.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <vector>

#include "errors.hpp"

namespace ipcm::cli {
namespace {

// What goes through the pipe: a group that is added, or its negative if it is removed. A write of so few bytes is
// whole. Each child has the writing end until it executes its command: so all that ever ran are known at its end.
[[noreturn]] void supervise(int read_end) {
  ::setsid();  // the signals of a terminal are not for it
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2}) ::signal(number, SIG_IGN);
  const int nothing = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  for (const int standard : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) ::dup2(nothing, standard);
  std::vector<pid_t> groups;
  for (;;) {
    pid_t change = 0;
    const ssize_t count = ::read(read_end, &change, sizeof change);
    if (count < 0 && errno == EINTR) continue;
    if (count != sizeof change) break;
    if (change > 0) groups.push_back(change);
    if (change < 0) std::erase(groups, -change);
  }
  for (const pid_t group : groups) ::kill(-group, SIGKILL);
  ::_exit(0);
}

void tell(int pipe, pid_t change) noexcept {
  while (::write(pipe, &change, sizeof change) < 0 && errno == EINTR) continue;
}

}  // namespace

Supervisor::Supervisor() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw Failure(std::string("no pipe: ") + std::strerror(errno));
  pid_ = ::fork();
  if (pid_ == 0) {
    ::close(ends[1]);
    supervise(ends[0]);
  }
  const int error = errno;
  ::close(ends[0]);
  write_end_ = ends[1];
  if (pid_ > 0) return;
  ::close(write_end_);
  throw Failure(std::string("cannot start a process: ") + std::strerror(error));
}

Supervisor::~Supervisor() {
  ::close(write_end_);
  while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) continue;
}

void Supervisor::add_self() const noexcept {
  tell(write_end_, ::getpid());
}

void Supervisor::remove(pid_t group) const noexcept {
  tell(write_end_, -group);
}

}  // namespace ipcm::cli
