// SPDX-License-Identifier: MIT
#include "storm/children/actor/shared.hpp"

namespace storm {

std::int64_t WrongClock::milliseconds() const {
  return std::chrono::duration_cast<std::chrono::milliseconds>(now().time_since_epoch()).count();
}

Shared::Shared(const ActorSettings& given)
    : settings(given), journal(given.journal, given.life), last_number_(given.life * std::int64_t{1'000'000}) {}

void Shared::use(std::shared_ptr<ipcm::Client> client) {
  const std::lock_guard lock(mutex_);
  client_.swap(client);
  changed_.notify_all();
}

void Shared::end() {
  const std::lock_guard lock(mutex_);
  ended_ = true;
  changed_.notify_all();
}

Shared::Use::Use(Shared& shared) : shared_(shared) {
  std::unique_lock lock(shared_.mutex_);
  shared_.changed_.wait(lock, [&] { return shared_.ended_ || (shared_.client_ != nullptr && !shared_.paused_); });
  ++shared_.users_;
  if (!shared_.ended_) client = shared_.client_;
}

// It may be the last one that has the client: then it is destroyed here.
Shared::Use::~Use() {
  client.reset();
  const std::lock_guard lock(shared_.mutex_);
  --shared_.users_;
  shared_.changed_.notify_all();
}

void Shared::set_clock_wrong(int by) {
  std::unique_lock lock(mutex_);
  paused_ = true;
  changed_.wait(lock, [&] { return users_ == 0; });
  clock->set_wrong(by);
  paused_ = false;
  changed_.notify_all();
}

}  // namespace storm
