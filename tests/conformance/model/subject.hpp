// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <ipcm/ipcm.hpp>

#include "conformance/model/machine_clock.hpp"
#include "conformance/model/model.hpp"
#include "conformance/model/operation.hpp"
#include "support/manual_clock.hpp"

namespace model {

/// A real route that does what the model does, and answers in the model's words.
class Subject {
 public:
  /// `patience`: after that a thread that waits for mail counts as not woken.
  Subject(ipcm::SpawnOptions options, std::chrono::milliseconds patience);
  ~Subject();
  Subject(const Subject&) = delete;
  Subject& operator=(const Subject&) = delete;

  /// Messages that are sent get the numbers after `last_number`.
  std::string apply(const Operation& operation, int last_number);
  /// The answers of the parts, each of which a thread of its own does, all of them at once.
  std::vector<std::string> apply_at_once(const Operation& operation, int last_number);
  /// What differs from what must hold in that state; empty when all is well.
  std::string differences(const Model& state);
  /// What is wrong with the route itself.
  std::string problems(const Model& state) const;

 private:
  using Messages = std::vector<ipcm::Message>;

  // What the clients have in their hands, by their names.
  struct Hands {
    int last_number = 0;
    bool forgot = false;
    std::map<std::string, Messages> seen{};
    std::map<std::string, Messages> taken{};
    std::map<std::string, std::vector<ipcm::Claim>> claims{};
  };

  std::string apply(const Operation& operation, Hands& hands);
  std::string answer(const Operation& operation, Hands& hands);
  std::string connect(const Operation& operation);
  std::string leave(ipcm::Client& client, const Operation& operation, Hands& hands);
  std::string send(ipcm::Client& client, const Operation& operation, Hands& hands);
  std::string read(ipcm::Client& client, const Operation& operation, Hands& hands);
  std::string look(ipcm::Client& client, const Operation& operation, Hands& hands);
  std::string wait(ipcm::Client& client) const;
  std::string keep(Messages& into, std::span<const ipcm::Message> messages);
  // Part of what is done at once: what it needs of all that the clients have, and what it leaves.
  Hands hands_for(const Operation& part);
  void take_back(const Operation& part, Hands hands);

  // Of jobs: subject_jobs.cpp.
  std::string work(ipcm::Client& client, const Operation& operation, Hands& hands);
  std::string claim(ipcm::Client& client, const Operation& operation, Hands& hands);
  std::string settle(const Operation& operation, Hands& hands);
  std::string ack_many(ipcm::Client& client, const Operation& operation, Hands& hands);
  std::string transaction(ipcm::Client& client, const Operation& operation, Hands& hands);
  std::string dead_letters(ipcm::Client& client, const Operation& operation);
  std::string schedules(ipcm::Client& client, const Operation& operation, Hands& hands);

  ipcm::MessageFields fields(const Letter& letter, int number) const;
  long seconds_since_start(double time) const;

  test::MachineClock machine_;
  std::chrono::milliseconds patience_;
  ipcm::Spawn store_;
  std::shared_ptr<test::ManualClock> clock_ = std::make_shared<test::ManualClock>();
  test::ManualClock::TimePoint start_ = clock_->now();
  std::map<std::string, std::shared_ptr<ipcm::Client>> clients_;
  Hands hands_;
};

/// What the model says of a message.
std::string text_of(const ipcm::Message& message);

/// The positions that an operation means among so many, each once and in their order.
std::vector<std::size_t> positions(const std::vector<int>& picks, std::size_t size);

inline constexpr std::size_t kMaxContent = 100;

}  // namespace model
