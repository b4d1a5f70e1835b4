// SPDX-License-Identifier: MIT
#include "platform/poll.hpp"

#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <string>
#include <vector>

#include "platform/system_error.hpp"

namespace ipcm::platform {
namespace {

timespec to_timespec(std::chrono::nanoseconds time) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(time);
  return {seconds.count(), static_cast<long>((time - seconds).count())};
}

constexpr std::chrono::milliseconds kShortestPeriod{1};
constexpr std::chrono::milliseconds kLongestPeriod = std::chrono::hours(24 * 365);  // whose nanoseconds are a number

void watch(int poll, int fd) {
  epoll_event event{};
  event.events = EPOLLIN;
  if (::epoll_ctl(poll, EPOLL_CTL_ADD, fd, &event) != 0) throw_errno(errno, "cannot watch a descriptor");
}

}  // namespace

MonotonicTime deadline_after(std::chrono::milliseconds time, MonotonicTime now) {
  if (time < std::chrono::milliseconds::zero()) {
    throw Error(ErrorCode::InvalidArgument,
                "a time to wait cannot be negative: " + std::to_string(time.count()) + " ms.");
  }
  const auto most = std::chrono::duration_cast<std::chrono::milliseconds>(MonotonicTime::max() - now);
  return time < most ? now + time : MonotonicTime::max();
}

Woken sleep_until_readable(std::span<const int> fds, MonotonicTime until, Signals signals) {
  // On the stack where it can be: what a thread has on the heap while it sleeps is lost in a forked child.
  constexpr std::size_t kFew = 16;
  std::array<pollfd, kFew> few{};
  std::vector<pollfd> many;
  if (fds.size() > kFew) many.resize(fds.size());
  const std::span<pollfd> waiting(fds.size() > kFew ? many.data() : few.data(), fds.size());
  std::ranges::transform(fds, waiting.begin(), [](int fd) { return pollfd{fd, POLLIN, 0}; });
  for (;;) {
    const auto left = std::max(until - std::chrono::steady_clock::now(), std::chrono::steady_clock::duration::zero());
    const timespec time = to_timespec(left);
    const int ready = ::ppoll(waiting.data(), waiting.size(), &time, nullptr);
    if (ready > 0) return Woken::readable;
    if (ready == 0) return Woken::time_is_up;
    if (errno != EINTR) throw_errno(errno, "cannot wait");
    if (signals == Signals::end_the_sleep) return Woken::by_signal;
  }
}

EventFd::EventFd() {
  UniqueFd made(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
  if (!made) throw_errno(errno, "cannot make a descriptor to wake a thread");
  fd_.reset(std::move(made));
}

void EventFd::signal() const noexcept {
  const int before = errno;
  const std::uint64_t one = 1;
  while (::write(fd_.get(), &one, sizeof one) < 0 && errno == EINTR) {}
  errno = before;
}

bool EventFd::drain() const noexcept {
  std::uint64_t signals = 0;
  ssize_t count = 0;
  do count = ::read(fd_.get(), &signals, sizeof signals);
  while (count < 0 && errno == EINTR);
  return count > 0;
}

EitherFd::EitherFd(int first, int second) {
  UniqueFd poll(::epoll_create1(EPOLL_CLOEXEC));
  if (!poll) throw_errno(errno, "cannot make a descriptor to poll");
  watch(poll.get(), first);
  watch(poll.get(), second);
  poll_.reset(std::move(poll));
}

PeriodicPollFd::PeriodicPollFd(int fd, std::chrono::milliseconds interval) {
  interval = std::clamp(interval, kShortestPeriod, kLongestPeriod);
  UniqueFd poll(::epoll_create1(EPOLL_CLOEXEC));
  UniqueFd timer(::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC));
  if (!poll || !timer) throw_errno(errno, "cannot make a descriptor to poll");
  const timespec time = to_timespec(interval);
  const itimerspec period{time, time};
  if (::timerfd_settime(timer.get(), 0, &period, nullptr) != 0) throw_errno(errno, "cannot set a timer");
  watch(poll.get(), timer.get());
  if (fd >= 0) watch(poll.get(), fd);
  poll_.reset(std::move(poll));
  timer_.reset(std::move(timer));
}

bool PeriodicPollFd::drain_interval() noexcept {
  std::uint64_t ticks = 0;
  ssize_t count = 0;
  do count = ::read(timer_.get(), &ticks, sizeof ticks);
  while (count < 0 && errno == EINTR);
  return count > 0;
}

void PeriodicPollFd::watch_again(int fd) {
  ::epoll_ctl(poll_.get(), EPOLL_CTL_DEL, fd, nullptr);  // where it was closed it is gone already
  watch(poll_.get(), fd);
}

}  // namespace ipcm::platform
