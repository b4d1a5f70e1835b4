// SPDX-License-Identifier: MIT
#include "client/waiting.hpp"

#include <algorithm>

namespace ipcm {
namespace {

// Where nobody can give a hint: short enough to be of use, long enough to cost little.
constexpr std::chrono::milliseconds kPollInterval{5};

}  // namespace

// Keeps the event armed while at least one thread waits for it.
class Waiting::Waiter {
 public:
  Waiter(Waiting& waiting, notify::Event event) : waiting_(waiting), event_(event) {
    const std::lock_guard lock(waiting_.mutex_);
    Channel& channel = waiting_.channel(event_);
    if (channel.waiters++ == 0 && !channel.poll_fd) waiting_.notifier_->arm(event_);
    fd_ = waiting_.notifier_->fd(event_);
  }
  ~Waiter() {
    const std::lock_guard lock(waiting_.mutex_);
    Channel& channel = waiting_.channel(event_);
    --channel.waiters;
    // This thread may have drained a hint that was for another thread, or for the program's own poll loop.
    if (channel.waiters > 0 || (channel.poll_fd && found_)) waiting_.notifier_->renew(event_);
    if (channel.waiters == 0 && !channel.poll_fd) waiting_.notifier_->disarm(event_);
  }
  Waiter(const Waiter&) = delete;
  Waiter& operator=(const Waiter&) = delete;

  int fd() const noexcept { return fd_; }
  bool found(bool something) noexcept { return found_ = something; }
  void drain() noexcept {
    const std::lock_guard lock(waiting_.mutex_);
    waiting_.notifier_->drain(event_);
  }

 private:
  Waiting& waiting_;
  notify::Event event_;
  int fd_ = -1;
  bool found_ = false;
};

Waiting::Waiting(std::unique_ptr<notify::Notifier> notifier, std::chrono::milliseconds fallback_interval)
    : notifier_(std::move(notifier)), interval_(fallback_interval) {}

Waiting::~Waiting() = default;

std::chrono::milliseconds Waiting::interval_for(int fd) const noexcept {
  return fd < 0 ? std::min(interval_, kPollInterval) : interval_;
}

bool Waiting::wait(notify::Event event, std::optional<platform::MonotonicTime> deadline, Look look) {
  if (look()) return true;
  Waiter waiter(*this, event);
  for (;;) {
    waiter.drain();
    if (waiter.found(look())) return true;
    const auto now = std::chrono::steady_clock::now();
    if (deadline && now >= *deadline) return false;
    const auto next_look = now + interval_for(waiter.fd());
    platform::wait_readable(waiter.fd(), deadline ? std::min(*deadline, next_look) : next_look);
  }
}

int Waiting::fd(notify::Event event, Look look) {
  const std::lock_guard lock(mutex_);
  Channel& asked = channel(event);
  if (!asked.poll_fd) {
    notifier_->arm(event);
    asked.poll_fd =
        std::make_unique<platform::PeriodicPollFd>(notifier_->fd(event), interval_for(notifier_->fd(event)));
    if (look()) notifier_->renew(event);
  }
  return asked.poll_fd->get();
}

void Waiting::before_taking(notify::Event event) noexcept {
  const std::lock_guard lock(mutex_);
  Channel& asked = channel(event);
  if (!asked.poll_fd) return;
  asked.poll_fd->drain_interval();
  notifier_->drain(event);
}

void Waiting::after_taking(notify::Event event, bool more) noexcept {
  if (!more) return;
  const std::lock_guard lock(mutex_);
  if (channel(event).poll_fd) notifier_->renew(event);
}

}  // namespace ipcm
