// SPDX-License-Identifier: MIT
#include "platform/poll.hpp"

#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <string>

#include "platform/system_error.hpp"

namespace ipcm::platform {
namespace {

timespec to_timespec(std::chrono::nanoseconds time) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(time);
  return {seconds.count(), static_cast<long>((time - seconds).count())};
}

void watch(int poll, int fd) {
  epoll_event event{};
  event.events = EPOLLIN;
  if (::epoll_ctl(poll, EPOLL_CTL_ADD, fd, &event) != 0) throw_errno(errno, "cannot watch a descriptor");
}

}  // namespace

MonotonicTime deadline_after(std::chrono::milliseconds time) {
  if (time < std::chrono::milliseconds::zero()) {
    throw Error(ErrorCode::InvalidArgument,
                "a time to wait cannot be negative: " + std::to_string(time.count()) + " ms.");
  }
  const auto now = std::chrono::steady_clock::now();
  const auto most = std::chrono::duration_cast<std::chrono::milliseconds>(MonotonicTime::max() - now);
  return time < most ? now + time : MonotonicTime::max();
}

bool wait_readable(int fd, MonotonicTime until) {
  return wait_readable(fd, -1, until);
}

bool wait_readable(int first, int second, MonotonicTime until) {
  for (;;) {
    const auto left = std::max(until - std::chrono::steady_clock::now(), std::chrono::steady_clock::duration::zero());
    const timespec time = to_timespec(left);
    std::array<pollfd, 2> waiting{pollfd{first, POLLIN, 0}, pollfd{second, POLLIN, 0}};
    const int ready = ::ppoll(waiting.data(), waiting.size(), &time, nullptr);
    if (ready > 0) return true;
    if (ready == 0) return false;
    if (errno != EINTR) throw_errno(errno, "cannot wait");
  }
}

SignalFd::SignalFd() {
  UniqueFd fd(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
  if (!fd) throw_errno(errno, "cannot make an event descriptor");
  fd_.reset(std::move(fd));
}

void SignalFd::set() noexcept {
  const std::uint64_t one = 1;
  while (::write(fd_.get(), &one, sizeof one) < 0 && errno == EINTR) {}
}

void SignalFd::clear() noexcept {
  std::uint64_t count = 0;
  while (::read(fd_.get(), &count, sizeof count) < 0 && errno == EINTR) {}
}

EitherFd::EitherFd(int first, int second) {
  UniqueFd poll(::epoll_create1(EPOLL_CLOEXEC));
  if (!poll) throw_errno(errno, "cannot make a descriptor to poll");
  watch(poll.get(), first);
  watch(poll.get(), second);
  poll_.reset(std::move(poll));
}

PeriodicPollFd::PeriodicPollFd(int fd, std::chrono::milliseconds interval) {
  UniqueFd poll(::epoll_create1(EPOLL_CLOEXEC));
  UniqueFd timer(::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC));
  if (!poll || !timer) throw_errno(errno, "cannot make a descriptor to poll");
  const timespec time = to_timespec(std::max(interval, std::chrono::milliseconds(1)));
  const itimerspec period{time, time};
  if (::timerfd_settime(timer.get(), 0, &period, nullptr) != 0) throw_errno(errno, "cannot set a timer");
  watch(poll.get(), timer.get());
  if (fd >= 0) watch(poll.get(), fd);
  poll_.reset(std::move(poll));
  timer_.reset(std::move(timer));
}

void PeriodicPollFd::drain_interval() noexcept {
  std::uint64_t ticks = 0;
  while (::read(timer_.get(), &ticks, sizeof ticks) < 0 && errno == EINTR) {}
}

}  // namespace ipcm::platform
