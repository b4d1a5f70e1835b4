// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>

#include "notify/notifier.hpp"

namespace ipcm::notify {

/// For file systems without sockets: nobody is told anything. A client that waits looks by itself, at short intervals,
/// whether the store has changed at all, which costs far less than to look for what it waits for.
class PollNotifier : public Notifier {
 public:
  /// A number that is another one after each change of the store. May throw: then it counts as changed.
  using ChangeCount = std::function<std::uint64_t()>;

  PollNotifier(std::string reason, ChangeCount change_count)
      : reason_(std::move(reason)), change_count_(std::move(change_count)) {}

  int fd(Event) override { return -1; }
  void arm(Event) override {}
  void disarm(Event) noexcept override {}
  void refresh() noexcept override {
    try {
      latest_ = change_count_();
    } catch (...) {  // whoever looks will be told why
      for (Seen& seen : seen_) seen.renewed = true;
    }
  }
  bool drain(Event event) noexcept override {
    Seen& seen = seen_of(event);
    const bool renewed = seen.renewed.exchange(false);
    const std::uint64_t latest = latest_;
    return std::exchange(seen.count, latest) != latest || renewed;
  }
  void renew(Event event) noexcept override { seen_of(event).renewed = true; }
  void wake(Inbox) noexcept override {}
  void announce() noexcept override {}
  void retire() noexcept override {}
  void abandon() noexcept override {}
  std::string describe() const override { return "poll: " + reason_; }

 private:
  struct Seen {
    std::uint64_t count = 0;
    std::atomic<bool> renewed{false};
  };

  Seen& seen_of(Event event) noexcept { return seen_[event == Event::mail ? 0 : 1]; }

  std::string reason_;
  ChangeCount change_count_;
  std::atomic<std::uint64_t> latest_{0};
  std::array<Seen, 2> seen_;
};

}  // namespace ipcm::notify
