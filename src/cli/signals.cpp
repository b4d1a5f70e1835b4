// SPDX-License-Identifier: MIT
#include "signals.hpp"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "errors.hpp"

namespace ipcm::cli {
namespace {

constexpr std::array kStops = {SIGINT, SIGTERM, SIGHUP};

volatile std::sig_atomic_t raised_signal = 0;
int write_end = -1;
std::array<struct sigaction, kStops.size()> before;

extern "C" void on_stop_signal(int number) {
  const int saved = errno;
  raised_signal = number;
  const auto byte = static_cast<char>(number);
  [[maybe_unused]] const auto ignored = ::write(write_end, &byte, 1);
  errno = saved;
}

int child_write_end = -1;
struct sigaction child_before;
sigset_t mask_before;

extern "C" void on_child_signal(int) {
  const int saved = errno;
  [[maybe_unused]] const auto ignored = ::write(child_write_end, "!", 1);  // a pipe that is full tells, too
  errno = saved;
}

std::array<int, 2> make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) != 0) throw Failure(std::string("no pipe: ") + std::strerror(errno));
  return ends;
}

}  // namespace

bool is_stop_signal(int number) noexcept {
  return std::find(kStops.begin(), kStops.end(), number) != kStops.end();
}

StopSignals::StopSignals() {
  const std::array<int, 2> ends = make_pipe();
  read_end_ = ends[0];
  write_end = ends[1];
  raised_signal = 0;
  struct sigaction action {};
  action.sa_handler = on_stop_signal;  // without SA_RESTART: a blocking call returns
  sigemptyset(&action.sa_mask);
  for (std::size_t i = 0; i < kStops.size(); ++i) {
    ::sigaction(kStops[i], nullptr, &before[i]);
    if (before[i].sa_handler != SIG_IGN) ::sigaction(kStops[i], &action, nullptr);
  }
}

StopSignals::~StopSignals() {
  for (std::size_t i = 0; i < kStops.size(); ++i) ::sigaction(kStops[i], &before[i], nullptr);
  ::close(read_end_);
  ::close(write_end);
  write_end = -1;
}

int StopSignals::raised() const noexcept {
  return raised_signal;
}

int StopSignals::take() noexcept {
  char number = 0;
  return ::read(read_end_, &number, 1) == 1 ? number : 0;
}

ChildSignals::ChildSignals() {
  const std::array<int, 2> ends = make_pipe();
  read_end_ = ends[0];
  child_write_end = ends[1];
  struct sigaction action {};
  action.sa_handler = on_child_signal;
  action.sa_flags = SA_RESTART | SA_NOCLDSTOP;
  sigemptyset(&action.sa_mask);
  ::sigaction(SIGCHLD, &action, &child_before);
  sigset_t child;
  sigemptyset(&child);
  sigaddset(&child, SIGCHLD);
  ::pthread_sigmask(SIG_UNBLOCK, &child, &mask_before);
}

ChildSignals::~ChildSignals() {
  ::pthread_sigmask(SIG_SETMASK, &mask_before, nullptr);
  ::sigaction(SIGCHLD, &child_before, nullptr);
  ::close(read_end_);
  ::close(child_write_end);
  child_write_end = -1;
}

void ChildSignals::clear() noexcept {
  std::array<char, 64> bytes{};
  while (::read(read_end_, bytes.data(), bytes.size()) > 0) continue;
}

}  // namespace ipcm::cli
