// SPDX-License-Identifier: MIT
#include "delivery.hpp"

#include <limits.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <utility>

namespace ipcm::cli {
namespace {

using std::chrono::microseconds;

constexpr int kYields = 100;  // an eager reader has read by then
constexpr microseconds kShortestPause{20};
constexpr microseconds kLongestPause{20'000};

bool has_unread_bytes(int pipe) {
  int count = 0;
  return ::ioctl(pipe, FIONREAD, &count) == 0 && count > 0;
}

struct Pause {
  bool ended_by_signal;
  bool reader_gone;
};

/// Until a signal comes, the reader of the pipe goes away, or the time is up.
Pause pause(int pipe, int signal_fd, microseconds time) {
  std::array<pollfd, 2> waiting{{{signal_fd, POLLIN, 0}, {pipe, 0, 0}}};
  const timespec timeout{0, static_cast<long>(time.count()) * 1000};
  ::ppoll(waiting.data(), waiting.size(), &timeout, nullptr);
  return {(waiting[0].revents & POLLIN) != 0, (waiting[1].revents & (POLLERR | POLLHUP | POLLNVAL)) != 0};
}

}  // namespace

Delivery::Delivery(int descriptor, const StopSignals& signals) : descriptor_(descriptor), signals_(signals) {
  struct stat status {};
  if (::fstat(descriptor, &status) != 0) return;  // write() will say why
  if (S_ISFIFO(status.st_mode)) kind_ = Kind::pipe;
  if (S_ISREG(status.st_mode)) kind_ = Kind::file;
}

std::size_t Delivery::print(std::span<const std::string> texts, Waiting waiting) {
  arrived_ = 0;
  waiting_ = std::move(waiting);
  if (kind_ == Kind::pipe) {
    print_one_by_one(texts);
  } else {
    print_at_once(texts);
  }
  waiting_ = nullptr;
  return arrived_;
}

void Delivery::print_one_by_one(std::span<const std::string> texts) {
  for (const std::string& text : texts) {
    if (write(text) < text.size() || !wait_until_read()) return;
    ++arrived_;
  }
}

void Delivery::print_at_once(std::span<const std::string> texts) {
  std::string all;
  for (const std::string& text : texts) all += text;
  std::size_t written = write(all);
  if (kind_ == Kind::file && ::fdatasync(descriptor_) != 0) {
    fail(errno);
    return;
  }
  while (arrived_ < texts.size() && texts[arrived_].size() <= written) written -= texts[arrived_++].size();
}

/// Returns how much of it was written: all, unless state() says why not.
std::size_t Delivery::write(std::string_view text) {
  std::size_t done = 0;
  while (done < text.size()) {
    std::array<pollfd, 2> waiting{{{signals_.fd(), POLLIN, 0}, {descriptor_, POLLOUT, 0}}};
    const int ready = ::poll(waiting.data(), waiting.size(), waiting_ ? kLongestPause.count() / 1000 : -1);
    if (signals_) {
      state_ = State::stopped;
      return done;
    }
    if (ready == 0) tell_that_it_waits();
    if (ready <= 0) continue;
    // What polls writable takes PIPE_BUF bytes without blocking, so no signal is waited out in write().
    const std::size_t most = kind_ == Kind::file ? text.size() : std::size_t{PIPE_BUF};
    const ssize_t count = ::write(descriptor_, text.data() + done, std::min(text.size() - done, most));
    if (count >= 0) {
      done += static_cast<std::size_t>(count);
    } else if (errno != EINTR && errno != EAGAIN) {
      fail(errno);
      return done;
    }
  }
  return done;
}

bool Delivery::wait_until_read() {
  for (int i = 0; i < kYields && has_unread_bytes(descriptor_); ++i) ::sched_yield();
  for (microseconds time = kShortestPause; has_unread_bytes(descriptor_); time = std::min(time * 2, kLongestPause)) {
    if (time == kLongestPause) tell_that_it_waits();
    const Pause ended = pause(descriptor_, signals_.fd(), time);
    if (!ended.ended_by_signal && !ended.reader_gone) continue;
    if (!has_unread_bytes(descriptor_)) return true;  // to read it was the last thing that it did
    state_ = ended.reader_gone ? State::closed : State::stopped;
    return false;
  }
  return true;
}

void Delivery::wait_for(int other) {
  const int pipe = kind_ == Kind::pipe ? descriptor_ : -1;
  std::array<pollfd, 3> waiting{{{signals_.fd(), POLLIN, 0}, {other, POLLIN, 0}, {pipe, 0, 0}}};
  ::poll(waiting.data(), waiting.size(), -1);
  if ((waiting[2].revents & (POLLERR | POLLHUP | POLLNVAL)) != 0) state_ = State::closed;
}

void Delivery::tell_that_it_waits() {
  if (const Waiting waiting = std::exchange(waiting_, nullptr)) waiting(arrived_);
}

void Delivery::fail(int error) {
  state_ = error == EPIPE ? State::closed : State::failed;
  error_ = error;
}

}  // namespace ipcm::cli
