// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "client/parcels.hpp"
#include "platform/fork.hpp"
#include "platform/lock_order.hpp"

namespace ipcm {

/// What one call sends: all of it is stored, or nothing.
struct SendRequest {
  /// Told once what became of the request. Must not throw.
  using Completion = std::function<void(SendRequest&)>;

  std::vector<PackedMessage> messages{};
  Completion completion{};                            // of one that nobody waits for
  std::exception_ptr failure{};                       // why it was not stored
  std::map<std::size_t, std::string> deduplicated{};  // see Endpoint::Deduplicated
  bool done = false;
  SendRequest* next_completed = nullptr;  // of the queue

  std::size_t bytes() const noexcept;
};

/// The sends of one client, in the order in which its threads handed them in. While one thread commits, the others
/// queue; whoever comes next commits for all of them, in one transaction with one sync of the disk. The idea is the
/// writers' queue of LevelDB (DBImpl::Write). Requests that nobody waits for are committed by the same rule; a thread
/// of the queue's own, started with the first of them, sees to it that somebody does, and runs their completions.
///
/// Thread-safe. In a forked child only abandoned: made without a destructor that waits, so that it can be left behind.
class SendQueue : public std::enable_shared_from_this<SendQueue> {
 public:
  /// Stores a group and notes what failed in the requests. Called by one thread at a time; must not throw.
  using Commit = std::function<void(std::span<SendRequest* const> group)>;

  // The limits of what one transaction takes, so that it does not keep other processes waiting for long. A single
  // request may be larger.
  static constexpr std::size_t kMostRequests = 1000;
  static constexpr std::size_t kMostBytes = std::size_t{1} << 20;

  // What send_async() lets wait, in requests and in bytes of content, before it blocks. One may be larger.
  static constexpr std::size_t kMostInFlight = 10'000;
  static constexpr std::size_t kMostBytesInFlight = std::size_t{64} << 20;

  explicit SendQueue(Commit commit) : commit_(std::move(commit)) { group_.reserve(1); }

  /// Returns once the request is stored; throws its failure.
  void send(SendRequest& request);

  /// Returns at once, but while too much is in flight. The completion is called by the queue's own thread, in the order
  /// of the calls. Called from a completion it never blocks.
  void send_async(std::unique_ptr<SendRequest> request);

  /// Returns once everything that was handed in before is stored or has failed.
  void flush();

  /// The end: flushes and, with `wait_for_completions`, returns once the last one has returned, unless called by one.
  void stop(bool wait_for_completions) noexcept;

  /// Whether a completion is what calls.
  bool on_own_thread() const noexcept { return own_thread_.load() == std::this_thread::get_id(); }

 private:
  using Mutex = platform::Ranked<platform::ForkSafeMutex, platform::LockRank::send_queue>;
  using Lock = std::unique_lock<Mutex>;

  void finish(SendRequest& request, Lock& lock);
  bool has_room_for(const SendRequest& request) const noexcept;
  void take_group() noexcept;
  void add_completed(SendRequest* request) noexcept;
  /// Needs no memory, but for what the commit needs: requests whose threads are gone must not be left behind.
  void lead(Lock& lock) noexcept;
  void drain(Lock& lock) noexcept;
  void sleep_until_something_changes(Lock& lock);
  void something_changed() noexcept;
  void run_completions(Lock& lock);
  void run_own_thread();

  const Commit commit_;

  // Invariant: not held while a group is stored or a completion runs.
  Mutex mutex_;  // guards what follows
  std::vector<SendRequest*> waiting_;
  std::vector<SendRequest*> group_;  // the leader's, while there is one
  bool leading_ = false;
  SendRequest* first_completed_ = nullptr;  // a chain of those that nobody waits for, which it owns
  SendRequest* last_completed_ = nullptr;
  std::size_t in_flight_ = 0;  // of those that nobody waits for
  std::size_t bytes_in_flight_ = 0;
  bool own_thread_runs_ = false;
  bool stopping_ = false;

  std::atomic<std::uint32_t> changes_{0};  // not a condition variable: those cannot be left behind by a fork
  std::atomic<std::thread::id> own_thread_{};
};

}  // namespace ipcm
