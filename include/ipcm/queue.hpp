// SPDX-License-Identifier: MIT
// Queues, and what becomes of jobs in them. See Client::create_queue() and claim().
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include <ipcm/message.hpp>

namespace ipcm {

/// How long a job that failed waits before it is tried again.
enum class Backoff {
  fixed,        ///< retry_delay
  exponential,  ///< retry_delay, doubled with each attempt up to max_retry_delay; of which half is certain, half chance
};

/// "fixed", "exponential".
std::string_view to_string(Backoff backoff) noexcept;
/// The reverse; throws Error(InvalidArgument) that lists the words.
Backoff parse_backoff(std::string_view text);

/// What holds for the jobs of a queue. The inboxes of peers have the defaults.
struct QueueSettings {
  /// How many claims of a job may fail, or be lost by a worker that died, before it is dead; 0: any number.
  int max_attempts = 5;
  Backoff backoff = Backoff::exponential;
  std::chrono::milliseconds retry_delay{1'000};
  std::chrono::milliseconds max_retry_delay{300'000};
  /// For how long after a message was sent its dedup_key is not taken again, even if it is done by then.
  std::chrono::milliseconds dedup_window{0};
  /// Nothing can be claimed. Mail is taken all the same.
  bool paused = false;
};

/// A queue, for people.
struct QueueInfo {
  std::string name;
  QueueSettings settings;
  std::uint64_t ready = 0;
  std::uint64_t scheduled = 0;  ///< for later, or waiting for their group
  std::uint64_t in_flight = 0;
  std::uint64_t dead = 0;
  std::uint64_t workers = 0;  ///< that are connected and have claimed from it
};

/// A message in a queue or an inbox, for people.
struct JobInfo {
  enum class State { ready, scheduled, in_flight };

  Message message;
  State state = State::ready;
  /// When it will be ready; nothing for a scheduled one: once the message of its group before it is settled.
  std::optional<double> due{};  ///< seconds since 1970
  std::string schedule{};       ///< the schedule that it comes from; empty: none
  // In flight:
  std::string worker{};                    ///< the peer that claimed it
  bool worker_lives = false;               ///< if not, whoever claims next finds it ready
  double claimed_at = 0;                   ///< seconds since 1970
  std::chrono::milliseconds lease_left{};  ///< below zero: it has run out
};

/// "ready", "scheduled", "in flight".
std::string_view to_string(JobInfo::State state) noexcept;

/// A message that could not be delivered or done.
struct DeadLetter {
  /// What replay_dead() and purge_dead() want. Not given out again when it is gone, as long as no queue or peer is
  /// forgotten.
  std::int64_t number = 0;
  Message message;  ///< with its attempts; its content may not be decodable
  std::string reason;
  double died_at = 0;    ///< seconds since 1970
  std::string worker{};  ///< the peer that claimed it last; empty: nobody did
};

}  // namespace ipcm
