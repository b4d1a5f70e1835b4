// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <utility>

#include "notify/notifier.hpp"

namespace ipcm::notify {

/// For file systems without sockets: nobody is told anything, and a client that waits looks at short intervals.
class PollNotifier : public Notifier {
 public:
  explicit PollNotifier(std::string reason) : reason_(std::move(reason)) {}

  int fd(Event) override { return -1; }
  void arm(Event) override {}
  void disarm(Event) noexcept override {}
  void drain(Event) noexcept override {}
  void renew(Event) noexcept override {}
  void wake(Inbox) noexcept override {}
  void announce() noexcept override {}
  void retire() noexcept override {}
  void abandon() noexcept override {}
  std::string describe() const override { return "poll: " + reason_; }

 private:
  std::string reason_;
};

}  // namespace ipcm::notify
