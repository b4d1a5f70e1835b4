// SPDX-License-Identifier: MIT
// A round trip between two processes, each on a processor of its own: both sleep while the other works.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>

#include <ipcm/spawn.hpp>

namespace bench {

/// Of a round trip, in microseconds.
struct Latency {
  double p50 = 0;
  double p99 = 0;
};

/// One end of a conversation.
class Talker {
 public:
  virtual ~Talker() = default;
  virtual void send(std::size_t number) = 0;
  virtual std::size_t receive() = 0;
};

/// Made in its own process: 0 begins, 1 answers. Neither does before both are made.
using MakeTalker = std::function<std::unique_ptr<Talker>(std::size_t process)>;

/// Throws unless each answer is to its question.
Latency converse(std::size_t rounds, const MakeTalker& make);

/// By two clients, with some 100 bytes. Throws unless the books balance afterwards.
Latency converse_over(const ipcm::Spawn& store, std::size_t rounds);

/// By two bare datagrams of the same size.
Latency converse_over_datagrams(std::size_t rounds);

}  // namespace bench
