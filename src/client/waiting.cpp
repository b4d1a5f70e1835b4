// SPDX-License-Identifier: MIT
#include "client/waiting.hpp"

#include <algorithm>
#include <utility>

#include "core/fault_point.hpp"

namespace ipcm {
namespace {

// Where nobody can give a hint: how often a program's own poll loop is woken, and how long a thread that waits sleeps
// at first and at last. Short enough to be of use, long enough to cost little.
constexpr std::chrono::milliseconds kPollInterval{5};
constexpr std::chrono::milliseconds kFirstSleep{1};
constexpr std::chrono::milliseconds kLongestSleep{20};

}  // namespace

// Keeps the events armed while at least one thread waits for them.
class Waiting::Waiter {
 public:
  Waiter(Waiting& waiting, Events events, std::span<const int> more)
      : waiting_(waiting), events_(events), more_(more), fds_(more.size(), -1) {
    fds_.reserve(more.size() + events.size() + 1);
    const platform::LockGuard lock(waiting_.mutex_);
    if (waiting_.spare_.empty()) waiting_.spare_.push_back(std::make_unique<platform::EventFd>());
    waiting_.waiters_.reserve(waiting_.waiters_.size() + 1);
    waiting_.spare_.reserve(waiting_.spare_.size() + waiting_.waiters_.size());  // all come back, without allocating
    arm();
    own_ = std::move(waiting_.spare_.back());
    waiting_.spare_.pop_back();
    fds_.push_back(own_->get());
    waiting_.waiters_.push_back(this);
  }
  ~Waiter() {
    const platform::LockGuard lock(waiting_.mutex_);
    std::erase(waiting_.waiters_, this);
    if (told_) own_->drain();
    waiting_.spare_.push_back(std::move(own_));
    for (const notify::Event event : events_) {
      // It may have drained the program's hint.
      if (waiting_.channel(event).poll_fd && found_) waiting_.notifier_->renew(event);
      disarm(event);
    }
  }
  Waiter(const Waiter&) = delete;
  Waiter& operator=(const Waiter&) = delete;

  /// `more` may have changed since the last call.
  std::span<const int> fds() noexcept {
    std::ranges::copy(more_, fds_.begin());
    return fds_;
  }
  bool must_poll() const noexcept { return fds_[more_.size()] < 0; }
  bool found(bool something) noexcept { return found_ = something; }
  /// True when there was a hint.
  bool drain() noexcept {
    waiting_.notifier_->refresh();
    const platform::LockGuard lock(waiting_.mutex_);
    bool hinted = false;
    for (const notify::Event event : events_) hinted = waiting_.notifier_->drain(event) || hinted;
    if (hinted && !faults::has_bug("a hint reaches one thread only")) waiting_.tell_all_but(this);
    if (!std::exchange(told_, false)) return hinted;
    own_->drain();
    return true;
  }
  void repair() noexcept {
    const platform::LockGuard lock(waiting_.mutex_);
    for (const notify::Event event : events_) waiting_.repair(event);
  }
  void tell() noexcept {
    waiting_.mutex_.assert_held();
    if (!std::exchange(told_, true)) own_->signal();
  }

 private:
  // All or none: what fails throws.
  void arm() {
    std::size_t armed = 0;
    try {
      for (const notify::Event event : events_) {
        Channel& channel = waiting_.channel(event);
        if (channel.waiters == 0 && !channel.poll_fd) waiting_.notifier_->arm(event);
        ++channel.waiters;
        ++armed;
        fds_.push_back(waiting_.notifier_->fd(event));
      }
    } catch (...) {
      for (std::size_t n = 0; n < armed; ++n) disarm(events_.begin()[n]);
      throw;
    }
  }
  void disarm(notify::Event event) noexcept {
    Channel& channel = waiting_.channel(event);
    if (--channel.waiters == 0 && !channel.poll_fd) waiting_.notifier_->disarm(event);
  }

  Waiting& waiting_;
  Events events_;
  std::span<const int> more_;
  std::vector<int> fds_;
  std::unique_ptr<platform::EventFd> own_;
  bool told_ = false;
  bool found_ = false;
};

void Waiting::tell_all_but(const Waiter* except) noexcept {
  mutex_.assert_held();
  for (Waiter* waiter : waiters_) {
    if (waiter != except) waiter->tell();
  }
}

void Waiting::look_again() noexcept {
  const platform::LockGuard lock(mutex_);
  tell_all_but(nullptr);
}

void Waiting::retire() noexcept {
  const platform::LockGuard lock(mutex_);
  notifier_->retire();
}

Waiting::Waiting(std::unique_ptr<notify::Notifier> notifier, std::chrono::milliseconds fallback_interval)
    : notifier_(std::move(notifier)), interval_(fallback_interval) {}

Waiting::~Waiting() = default;

std::chrono::milliseconds Waiting::interval_for(int fd) const noexcept {
  return fd < 0 ? std::min(interval_, kPollInterval) : interval_;
}

Waited Waiting::wait(platform::Signals signals, Events events, std::optional<platform::MonotonicTime> deadline,
                     Look look, std::span<const int> more, const std::optional<platform::MonotonicTime>* next_change) {
  if (look()) return Waited::ready;
  Waiter waiter(*this, events, more);
  std::chrono::milliseconds sleep = kFirstSleep;
  platform::MonotonicTime next_look{};  // whatever is hinted: at once, as somebody may have seen nobody asleep
  for (bool readable = true;;) {
    const bool hinted = waiter.drain();
    const auto now = std::chrono::steady_clock::now();
    const bool due = now >= next_look;
    const bool over = deadline && now >= *deadline;
    const bool changed = next_change && *next_change && now >= **next_change;
    if (hinted || due || over || changed || (readable && !more.empty())) {
      if (waiter.found(look())) return Waited::ready;
      if (due && next_look != platform::MonotonicTime{}) waiter.repair();
      next_look = platform::deadline_after(interval_, now);
    }
    if (over) return Waited::timed_out;
    platform::MonotonicTime until = next_look;
    if (next_change && *next_change) until = std::min(until, **next_change);
    if (waiter.must_poll()) {
      until = std::min(until, now + sleep);
      sleep = std::min(sleep * 2, kLongestSleep);
    }
    if (deadline) until = std::min(*deadline, until);
    const platform::Woken woken = platform::sleep_until_readable(waiter.fds(), until, signals);
    if (woken == platform::Woken::by_signal) return Waited::interrupted;
    readable = woken == platform::Woken::readable;
  }
}

void Waiting::repair(notify::Event event) noexcept {
  mutex_.assert_held();
  if (!notifier_->repair(event)) return;
  Channel& repaired = channel(event);
  try {
    if (repaired.poll_fd) repaired.poll_fd->watch_again(notifier_->fd(event));
  } catch (...) {  // then the interval is what wakes the program
  }
}

int Waiting::fd(notify::Event event, Look look) {
  int made = -1;
  {
    const platform::LockGuard lock(mutex_);
    Channel& asked = channel(event);
    if (asked.poll_fd) return asked.poll_fd->get();
    notifier_->arm(event);
    try {
      const int hints = notifier_->fd(event);
      asked.poll_fd = std::make_unique<platform::PeriodicPollFd>(hints, interval_for(hints));
    } catch (...) {
      if (asked.waiters == 0) notifier_->disarm(event);
      throw;
    }
    asked.has_fd = true;
    made = asked.poll_fd->get();
  }
  const auto renew = [&] {
    const platform::LockGuard lock(mutex_);
    notifier_->renew(event);
  };
  try {
    if (look()) renew();
  } catch (...) {
    renew();
    throw;
  }
  return made;
}

bool Waiting::before_taking(notify::Event event) noexcept {
  if (!has_fd(event)) return false;
  notifier_->refresh();
  const platform::LockGuard lock(mutex_);
  if (channel(event).poll_fd->drain_interval()) repair(event);
  if (!notifier_->drain(event)) return false;
  tell_all_but(nullptr);
  return true;
}

void Waiting::after_taking(notify::Event event, bool more) noexcept {
  if (!more || !has_fd(event)) return;
  const platform::LockGuard lock(mutex_);
  notifier_->renew(event);
}

}  // namespace ipcm
