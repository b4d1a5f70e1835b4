// SPDX-License-Identifier: MIT
#include "start_limit.hpp"

#include <algorithm>

namespace ipcm::cli {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kFirstDelay{1'000};
constexpr milliseconds kLongestDelay{60'000};
constexpr int kMostDoublings = 6;

}  // namespace

std::size_t StartLimit::room(std::size_t running, Time now) const noexcept {
  const std::size_t allowed = limit_ < most_ && now >= retry_at_ ? limit_ + 1 : limit_;
  return allowed > running ? allowed - running : 0;
}

void StartLimit::started(std::size_t running) noexcept {
  if (running <= limit_) return;
  limit_ = running;
  failures_ = 0;
  alone_ = 0;
}

void StartLimit::failed(std::size_t running, Time now) noexcept {
  limit_ = running;
  ++failures_;
  if (running == 0) ++alone_;
  retry_at_ = now + delay();
}

milliseconds StartLimit::delay() const noexcept {
  const int doublings = std::clamp(failures_ - 1, 0, kMostDoublings);
  return std::min(kFirstDelay * (1 << doublings), kLongestDelay);
}

std::optional<StartLimit::Time> StartLimit::next_try() const noexcept {
  if (failures_ == 0) return std::nullopt;
  return retry_at_;
}

}  // namespace ipcm::cli
