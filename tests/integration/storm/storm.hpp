// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <future>
#include <memory>
#include <random>
#include <stop_token>
#include <string>
#include <vector>

#include "integration/route_file.hpp"
#include "integration/storm/checker.hpp"
#include "integration/storm/readers.hpp"
#include "integration/storm/shells.hpp"
#include "support/process.hpp"

namespace storm {

struct StormOptions {
  ipcm::Durability durability = ipcm::Durability::full;
  std::string reader_mode = "remove";  ///< or "take": children/storm_reader.cpp
  bool kill_readers = true;
  bool with_shells = true;
  std::uint64_t seed = 0;
};

/// Senders and readers on one route, each a process that is killed at random and started anew, and people with the
/// sqlite3 shell between them.
class Storm {
 public:
  static constexpr int kSenders = 8;

  /// Starts them all.
  explicit Storm(const StormOptions& options);
  ~Storm();
  Storm(const Storm&) = delete;
  Storm& operator=(const Storm&) = delete;

  /// For that long, and for some tens of kills.
  void rage(std::chrono::milliseconds how_long);
  /// Kills whoever is left.
  void end();

  // Once it has ended:

  /// What is known of each reader and its mail.
  std::vector<Evidence> evidence() const;
  /// What the processes and the shells had to complain about, and what is wrong with the route.
  std::vector<std::string> complaints() const;
  int kills() const { return kills_; }
  const ShellReport& looks() const { return looks_; }
  const ShellReport& mail_by_sql() const { return mail_by_sql_; }

 private:
  struct Actor {
    std::string name;
    std::vector<std::string> command;
    std::unique_ptr<test::Process> process;
  };

  void add(const std::string& name, std::vector<std::string> command);
  void kill(Actor& actor);
  std::string journal(const std::string& name) const { return route_.folder().file(name + ".journal"); }

  StormOptions options_;
  std::mt19937_64 random_;
  test::RouteFile route_;
  std::vector<Actor> actors_;  // the senders, then the readers
  std::vector<std::string> complaints_;
  int kills_ = 0;
  std::stop_source stop_shells_;
  std::vector<std::future<ShellReport>> shells_;
  ShellReport looks_;
  ShellReport mail_by_sql_;
};

}  // namespace storm
