// SPDX-License-Identifier: MIT
#include "signals.hpp"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

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
  [[maybe_unused]] const auto ignored = ::write(write_end, "!", 1);
  errno = saved;
}

}  // namespace

StopSignals::StopSignals() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) != 0) throw Failure(std::string("no pipe: ") + std::strerror(errno));
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

}  // namespace ipcm::cli
