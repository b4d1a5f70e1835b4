// SPDX-License-Identifier: MIT
// The jobs of an endpoint whose store keeps some.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <ipcm/claim.hpp>
#include <ipcm/queue.hpp>
#include <ipcm/schedule.hpp>

#include "core/function_ref.hpp"
#include "storage/jobs.hpp"

namespace ipcm {

/// A message that was claimed, and what is needed to settle it.
struct ClaimTicket {
  Message message;
  storage::PeerId inbox = 0;
  storage::ClaimKey key{};
  std::size_t bytes = 0;  ///< of content, as it is stored
  /// Tickets of one call whose numbers follow each other have nothing of that call between their places.
  std::size_t number = 0;
};

struct Settlement {
  enum class Kind { ack, release, fail, kill, extend };
  enum class Result { done, dead, lost };

  const ClaimTicket* claim = nullptr;
  Kind kind = Kind::ack;
  std::chrono::milliseconds time{};  ///< the delay of `release`, the lease of `extend`
  std::string reason{};              ///< of `fail` and `kill`
  Result result = Result::done;      ///< set by JobEndpoint::run(); dead: `fail` used up its attempts
};

/// One of the things that happen in a transaction: a claim is settled, a message is sent.
using JobStep = std::variant<Settlement, Message>;

/// Throws what Client says. Thread-safe.
class JobEndpoint {
 public:
  virtual ~JobEndpoint() = default;

  /// `queue` empty: the client's own inbox.
  virtual std::vector<ClaimTicket> claim(std::string_view queue, const ClaimOptions& options) = 0;
  /// In one transaction. A claim that is lost is an error with `all_or_none`, and nothing happens; else its result.
  virtual void run(std::span<JobStep> steps, bool all_or_none) = 0;

  virtual bool create_queue(std::string_view name, const QueueSettings& settings) = 0;
  virtual QueueSettings queue_settings(std::string_view queue) = 0;
  virtual void change_queue(std::string_view queue, FunctionRef<void(QueueSettings&)> change) = 0;
  virtual std::vector<QueueInfo> queues() = 0;
  /// `inbox` empty: all.
  virtual std::vector<JobInfo> jobs(std::string_view inbox, std::size_t limit) = 0;
  virtual std::vector<DeadLetter> dead_letters(std::string_view inbox, std::int64_t after, std::size_t limit) = 0;
  /// No ids: all. Returns how many became ready.
  virtual std::size_t promote_delayed(std::string_view inbox, std::span<const std::string> ids) = 0;
  /// Return how many there were.
  virtual std::size_t replay(std::span<const std::int64_t> letters) = 0;
  virtual std::size_t purge(std::span<const std::int64_t> letters) = 0;

  virtual void add_schedule(std::string_view name, std::string_view recurrence, const Message& message,
                            Missed missed) = 0;
  virtual std::vector<Schedule> schedules() = 0;
  virtual bool remove_schedule(std::string_view name) = 0;
  virtual std::string time_zone() = 0;
  virtual void set_time_zone(std::string_view name) = 0;
};

}  // namespace ipcm
