// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>

#include <ipcm/ipcm.hpp>

#include "storm/journal.hpp"

namespace storm {

struct ActorSettings {
  std::string route;
  std::string name;
  std::string journal;
  int life = 0;
  std::uint64_t seed = 0;
  int chatters = 0;     ///< how many there are: p0, p1, ...
  std::string partner;  ///< of a player; empty: this is a chatter
  ipcm::NotifierKind notifier = ipcm::NotifierKind::automatic;
};

/// Goes wrong by up to kMostWrong, both ways, when it is told to.
class WrongClock : public ipcm::Clock {
 public:
  static constexpr int kMostWrong = 1500;  // ms

  std::chrono::system_clock::time_point now() const override {
    return std::chrono::system_clock::now() + std::chrono::milliseconds(offset_.load());
  }
  void set_wrong(int by) { offset_ = by; }
  std::int64_t milliseconds() const;

 private:
  std::atomic<int> offset_{0};
};

/// What the threads that use one client share. Thread-safe.
class Shared {
 public:
  explicit Shared(const ActorSettings& settings);

  const ActorSettings settings;
  Journal journal;
  const std::shared_ptr<WrongClock> clock = std::make_shared<WrongClock>();

  std::int64_t next_number() { return ++last_number_; }

  /// The client that the threads use from now on. Null: for the moment there is none.
  void use(std::shared_ptr<ipcm::Client> client);
  /// From now on there is none any more.
  void end();

  /// A client in use by a helping thread, from use() on; null at the end.
  class Use {
   public:
    explicit Use(Shared& shared);
    ~Use();
    Use(const Use&) = delete;
    Use& operator=(const Use&) = delete;

    std::shared_ptr<ipcm::Client> client;

   private:
    Shared& shared_;
  };

  /// Sets the clock wrong while no helping thread is in the middle of a call.
  void set_clock_wrong(int by);

  /// The life of a child that is about to be forked.
  int next_life() { return settings.life + ++children_ * kLivesApart; }

  // Each is held by the thread whose call the other threads must leave alone.
  std::mutex handling;        ///< from looking at messages until they are removed: another one would see them as well
  std::shared_mutex serving;  ///< a service reads alone; whoever takes or claims from the inbox shares it
  std::mutex opening;         ///< a plain connection of SQLite is open, which a forked child must not inherit

 private:
  std::atomic<std::int64_t> last_number_;
  std::atomic<int> children_{0};
  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  std::shared_ptr<ipcm::Client> client_;
  bool paused_ = false;
  bool ended_ = false;
  int users_ = 0;
};

}  // namespace storm
