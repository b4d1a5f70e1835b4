// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "notify/notifier.hpp"
#include "platform/fork.hpp"
#include "platform/lock_order.hpp"
#include "platform/poll.hpp"

namespace ipcm::notify {

class LocalNotifier;

/// Where the clients of a route that lives in one process find each other. Thread-safe.
class LocalHub {
 public:
  /// The one of the route with that id, for as long as anybody has it.
  static std::shared_ptr<LocalHub> of_route(const std::string& route_id);

  void join(LocalNotifier* notifier);
  void leave(LocalNotifier* notifier) noexcept;
  void wake(Inbox inbox) noexcept;
  void announce(const LocalNotifier* except) noexcept;

 private:
  platform::Ranked<platform::ForkSafeMutex, platform::LockRank::hub> mutex_;
  std::multimap<Inbox, LocalNotifier*> members_ IPCM_GUARDED_BY(mutex_);
};

/// Wake-ups within one process: an eventfd for each event.
class LocalNotifier : public Notifier {
 public:
  /// `inbox` 0: a client without one.
  LocalNotifier(std::shared_ptr<LocalHub> hub, Inbox inbox);
  ~LocalNotifier() override;

  int fd(Event event) override { return at(event).get(); }
  void arm(Event) override {}
  void disarm(Event) noexcept override {}
  bool drain(Event event) noexcept override { return at(event).drain(); }
  void renew(Event event) noexcept override { signal(event); }
  void wake(Inbox inbox) noexcept override { hub_->wake(inbox); }
  void announce() noexcept override { hub_->announce(this); }
  void retire() noexcept override { hub_->leave(this); }
  void abandon() noexcept override {}
  std::string describe() const override { return "local: within this process"; }

  // For the hub, whose threads may come while a derived class is being made or destroyed: nothing of these is virtual.
  Inbox inbox() const noexcept { return inbox_; }
  void signal(Event event) noexcept { at(event).signal(); }

 private:
  platform::EventFd& at(Event event) noexcept { return fds_[event == Event::mail ? 0 : 1]; }

  std::shared_ptr<LocalHub> hub_;
  Inbox inbox_;
  std::array<platform::EventFd, 2> fds_;
};

}  // namespace ipcm::notify
