// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace model {

/// What is sent. A message is told by its content, a number that the model gives it when it is sent.
struct Letter {
  std::string to;
  int number = 0;
  std::optional<std::string> chosen_id{};
  // Of jobs; times in seconds from now.
  std::optional<int> priority{};
  std::optional<int> delay{};
  std::optional<int> ttl{};
  std::optional<int> max_attempts{};
  std::string dedup_key{};
  std::string group_key{};

  bool is_job() const { return priority || delay || ttl || max_attempts || !dedup_key.empty() || !group_key.empty(); }
  std::string text() const;
};

/// What is to become of a claim: the one at a position among those that its client holds.
struct Settling {
  enum class Kind { ack, release, fail, kill, extend, let_go };

  Kind kind = Kind::ack;
  int pick = 0;
  int seconds = 0;  ///< release: the delay; extend: the lease

  std::string text() const;
};

/// One call, the same for the model and for every protocol. What it names among many is a position in a list that both
/// keep, counted anew from its beginning where it is beyond its end: so it stays a call when others before it are left
/// out.
struct Operation {
  enum class Kind {
    connect,
    reconnect,
    suspend,
    suspend_for,
    disconnect,
    drain,  // disconnect() with a handler
    drop,   // the client's destructor
    send,
    send_too_large,
    send_batch,
    broadcast,
    take,
    peek,
    remove,
    requeue,
    forget,
    peers,
    peer_state,
    stats,
    advance_clock,
    wait,     // part of at_once only
    at_once,  // several calls of one client, each by a thread of its own
    // Of jobs.
    create_queue,
    pause_queue,
    resume_queue,
    claim,
    settle,
    ack_many,
    transaction,
    advance_uptime,  // leases end by it
    queues,
    jobs,
    dead_letters,
    replay_dead,
    purge_dead,
    add_schedule,
    remove_schedule,
    schedules
  };

  Kind kind = Kind::stats;
  std::string actor{};                ///< whose client makes the call
  std::string target{};               ///< another peer, or a queue
  std::size_t limit = 0;              ///< take, peek, claim
  int seconds = 0;                    ///< suspend_for, advance_*, the lease of claim, the interval of a schedule
  std::vector<Letter> letters{};      ///< what is sent
  std::vector<int> picks{};           ///< what is removed, requeued, acknowledged, replayed or purged
  std::vector<Settling> settlings{};  ///< settle, transaction
  std::string schedule{};             ///< its name
  std::string missed{};               ///< once, all, skip
  std::optional<int> max_attempts{};  ///< of a new queue
  std::optional<int> retry_delay{};
  std::optional<int> dedup_window{};
  std::vector<Operation> parts{};  ///< at_once

  std::string text() const;
};

/// Which operations only move a clock: they are nobody's.
bool moves_a_clock(Operation::Kind kind);
bool is_of_jobs(Operation::Kind kind);

/// Which operations settle some of the claims that their client has.
bool uses_claims(Operation::Kind kind);

/// How many of the numbers that messages are told by an operation uses up.
int numbers_of(const Operation& operation);

}  // namespace model
