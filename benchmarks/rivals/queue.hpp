// SPDX-License-Identifier: MIT
// What ipcm and its rivals are all asked to do: keep texts in their order, hand each out once.
#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string>

#include "raw_store.hpp"
#include "route.hpp"

namespace bench {

/// The same twice: a value for ipcm, which encodes it while it is measured, and its bytes for who takes only bytes.
struct Load {
  ipcm::Json content;
  std::string text;
};

/// Who puts: a connection of its own, for one process. Both calls return once all is acknowledged.
class Producer {
 public:
  virtual ~Producer() = default;
  virtual void put(Load& load) = 0;
  /// In one go: nobody waits for an answer in between.
  virtual void put_all(std::span<Load> loads) = 0;
};

/// One queue, and the only consumer of it. For the process that made it.
class Queue {
 public:
  virtual ~Queue() = default;

  /// With its version.
  virtual std::string name() = 0;

  /// Works in a forked process, too.
  virtual std::unique_ptr<Producer> connect(const std::string& name) const = 0;

  /// Gets the oldest and then, as the second step, acknowledges it: a crash in between would not lose it.
  virtual std::string get_and_acknowledge() = 0;

  /// How many it says that it holds.
  virtual std::size_t length() = 0;

  /// Empties it; returns how many there were.
  virtual std::size_t clear() = 0;
};

/// A route. clear() throws unless each producer's messages come in their order, numbered from 0.
std::unique_ptr<Queue> make_route_queue(const Context& context, ipcm::Durability durability);

// Servers, which run as children of this process and keep their data in `folder`. They sync before they acknowledge,
// or now and then, as they do by default: beanstalkd every 50 ms, Redis every second.

std::unique_ptr<Queue> start_beanstalkd(const std::string& program, const std::filesystem::path& folder, Sync sync);
std::unique_ptr<Queue> start_redis(const std::string& program, const std::filesystem::path& folder, Sync sync);

}  // namespace bench
