// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <ipcm/ipcm.hpp>

#include "conformance/model/operation.hpp"
#include "support/manual_clock.hpp"

namespace model {

/// A real route that does what the model does, and answers in the model's words.
class Subject {
 public:
  explicit Subject(const std::string& protocol);

  std::string apply(const Operation& operation);

  const std::string& protocol() const { return protocol_; }
  /// What does not add up; empty when all is well.
  std::string problems(std::size_t expected_queued) const;

 private:
  using Messages = std::map<int, ipcm::Message>;  // by number

  std::string answer(const Operation& operation);
  std::string leave(ipcm::Client& client, const Operation& operation);
  std::string send(ipcm::Client& client, const Operation& operation);
  std::string read(ipcm::Client& client, const Operation& operation);
  std::string look(ipcm::Client& client, const Operation& operation);
  std::string keep(const std::string& name, std::span<const ipcm::Message> messages, bool taken);
  std::vector<ipcm::Message> find(const Messages& among, const std::vector<int>& numbers) const;

  std::string protocol_;
  ipcm::Spawn store_;
  std::shared_ptr<test::ManualClock> clock_ = std::make_shared<test::ManualClock>();
  test::ManualClock::TimePoint start_ = clock_->now();
  std::map<std::string, std::shared_ptr<ipcm::Client>> clients_;
  std::map<std::string, Messages> seen_;
  std::map<std::string, Messages> taken_;
};

}  // namespace model
