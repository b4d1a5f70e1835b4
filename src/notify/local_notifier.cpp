// SPDX-License-Identifier: MIT
#include "notify/local_notifier.hpp"

namespace ipcm::notify {

namespace {

// Never destroyed: clients with static storage may still leave.
struct Hubs {
  platform::ForkSafeMutex mutex;
  std::map<std::string, std::weak_ptr<LocalHub>> by_route;
};
Hubs& all_hubs() {
  static Hubs& hubs = *new Hubs;
  return hubs;
}

}  // namespace

std::shared_ptr<LocalHub> LocalHub::of_route(const std::string& route_id) {
  auto& [mutex, hubs] = all_hubs();
  const platform::LockGuard lock(mutex);
  std::erase_if(hubs, [](const auto& hub) { return hub.second.expired(); });
  std::shared_ptr<LocalHub> hub = hubs[route_id].lock();
  if (!hub) hubs[route_id] = hub = std::make_shared<LocalHub>();
  return hub;
}

void LocalHub::join(LocalNotifier* notifier) {
  const platform::LockGuard lock(mutex_);
  members_.emplace(notifier->inbox(), notifier);
}

void LocalHub::leave(LocalNotifier* notifier) noexcept {
  const platform::LockGuard lock(mutex_);
  std::erase_if(members_, [notifier](const auto& member) { return member.second == notifier; });
}

void LocalHub::wake(Inbox inbox) noexcept {
  const platform::LockGuard lock(mutex_);
  const auto [first, last] = members_.equal_range(inbox);
  for (auto member = first; member != last; ++member) member->second->signal(Event::mail);
}

void LocalHub::announce(const LocalNotifier* except) noexcept {
  const platform::LockGuard lock(mutex_);
  for (const auto& [inbox, member] : members_) {
    if (member != except) member->signal(Event::peers);
  }
}

LocalNotifier::LocalNotifier(std::shared_ptr<LocalHub> hub, Inbox inbox) : hub_(std::move(hub)), inbox_(inbox) {
  hub_->join(this);
}

LocalNotifier::~LocalNotifier() {
  hub_->leave(this);
}

}  // namespace ipcm::notify
