// SPDX-License-Identifier: MIT
#include "notify/local_notifier.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>

#include "platform/system_error.hpp"

namespace ipcm::notify {

void LocalHub::join(LocalNotifier* notifier) {
  const std::lock_guard lock(mutex_);
  members_.emplace(notifier->inbox(), notifier);
}

void LocalHub::leave(LocalNotifier* notifier) noexcept {
  const std::lock_guard lock(mutex_);
  std::erase_if(members_, [notifier](const auto& member) { return member.second == notifier; });
}

void LocalHub::wake(Inbox inbox) noexcept {
  const std::lock_guard lock(mutex_);
  const auto [first, last] = members_.equal_range(inbox);
  for (auto member = first; member != last; ++member) member->second->renew(Event::mail);
}

void LocalHub::announce(const LocalNotifier* except) noexcept {
  const std::lock_guard lock(mutex_);
  for (const auto& [inbox, member] : members_) {
    if (member != except) member->renew(Event::peers);
  }
}

LocalNotifier::LocalNotifier(std::shared_ptr<LocalHub> hub, Inbox inbox) : hub_(std::move(hub)), inbox_(inbox) {
  for (platform::ForkPrivateFd& fd : fds_) {
    platform::UniqueFd made(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
    if (!made) platform::throw_errno(errno, "cannot make a descriptor to wake a client");
    fd.reset(std::move(made));
  }
  hub_->join(this);
}

LocalNotifier::~LocalNotifier() {
  hub_->leave(this);
}

void LocalNotifier::drain(Event event) noexcept {
  std::uint64_t count = 0;
  while (::read(at(event).get(), &count, sizeof count) < 0 && errno == EINTR) {}
}

void LocalNotifier::renew(Event event) noexcept {
  const std::uint64_t one = 1;
  while (::write(at(event).get(), &one, sizeof one) < 0 && errno == EINTR) {}
}

}  // namespace ipcm::notify
