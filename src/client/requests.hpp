// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <ipcm/request.hpp>

#include "client/endpoint.hpp"
#include "platform/fork.hpp"
#include "platform/lock_order.hpp"

namespace ipcm {

/// The requests of one client that were not answered yet. Whoever waits for one of them looks for its reply in the
/// inbox; what takes all messages hands over the replies among them. Requests with a handler are waited for by a thread
/// of their own, which is there while there are any. It looks for what has come, what is due and which peers have gone,
/// not at each request: what a reply costs does not depend on how many are open.
///
/// Thread-safe. In a forked child only left behind: see SendQueue, whose thread is kept in the same way.
class Requests : public std::enable_shared_from_this<Requests> {
 public:
  using ReplyMutex = platform::Ranked<platform::ForkSafeMutex, platform::LockRank::reply>;

  /// A peer that requests with handlers were sent to, as long as it is the same client of that name.
  struct Asked {
    ReplyMutex mutex{};
    std::unique_ptr<PeerWatch> watch IPCM_GUARDED_BY(mutex){};
  };

  struct Pending {
    std::string id;  // of the correlation
    std::string peer;
    std::chrono::steady_clock::time_point deadline{};
    ReplyHandler handler{};
    std::unique_ptr<PeerWatch> watch{};    // of one without a handler
    std::shared_ptr<Asked> asked{};        // of one with a handler
    std::optional<Reply> reply{};          // written once
    std::atomic<bool> settled{false};      // then reply stays as it is
    std::atomic<bool> sent{false};         // before that its handler is told nothing: it may still be refused
    std::shared_ptr<Pending> next_done{};  // in the chain of those whose handlers are to be called
    // Guards watch; and held from taking a reply out of the inbox until it is handed over, so that nothing else can
    // settle the request in between, which would lose that reply.
    ReplyMutex looking{};
  };
  using PendingPtr = std::shared_ptr<Pending>;

  explicit Requests(Endpoint& endpoint);

  /// What close() says of requests whose client has left. Made before, as memory may have run out by then.
  const Error& left() const noexcept { return left_; }

  /// Registers the request and sends it. Throws what Endpoint::send() throws, Disconnected, and DuplicateMessage.
  PendingPtr send(const Message& request, std::chrono::steady_clock::time_point deadline, ReplyHandler handler);
  /// Nobody waits for it any more.
  void forget(const PendingPtr& pending);

  /// Blocks until it is settled, or until `until`. True when it is settled.
  bool wait(const PendingPtr& pending, std::optional<std::chrono::steady_clock::time_point> until);

  /// Takes out of `messages`, which were taken from the inbox, the replies that are waited for.
  void sort_out(std::vector<Message>& messages);
  /// The same for messages that are still in the inbox: it takes these replies from there, too.
  void sort_out_peeked(std::vector<Message>& messages);

  /// The end: settles all with `reason`. Returns once no thread uses the endpoint any more and, with
  /// `wait_for_handlers`, once the last handler has returned, unless called by one. Again: waits.
  void close(const Error& reason, bool wait_for_handlers) noexcept;

  /// Whether a handler is what calls.
  bool on_own_thread() const noexcept { return own_thread_.load() == std::this_thread::get_id(); }

  /// False in a forked child.
  bool in_own_process() const noexcept { return fork_generation_ == platform::fork_generation(); }

 private:
  using Mutex = platform::Ranked<platform::ForkSafeMutex, platform::LockRank::requests>;
  using Lock = platform::LockGuard<Mutex>;
  using Looking = platform::LockGuard<ReplyMutex>;

  class Use;

  static int process_of(Pending& pending);
  // True when it is settled, or by now.
  bool look(Pending& pending);
  // False: it was settled before.
  bool settle(Pending& pending, Outcome outcome, Message* answer = nullptr) noexcept;
  // Moves the reply away, unless it was settled before.
  bool settle(Pending& pending, Message& reply) noexcept;
  void fail(Pending& pending, const Error& reason) noexcept;
  // Takes out the replies that are waited for and that `hand_over` handed over.
  void erase_awaited(std::vector<Message>& messages, FunctionRef<bool(Pending&, Message&)> hand_over);
  PendingPtr find(const std::string& id);
  std::shared_ptr<Asked> asked_peer(Endpoint& endpoint, const std::string& name);
  void erase(std::map<std::string, PendingPtr>::iterator pending) noexcept IPCM_REQUIRES(mutex_);
  // Its handler is to be called.
  void add_done(const PendingPtr& pending) noexcept IPCM_REQUIRES(mutex_);
  PendingPtr first_open();
  void run_own_thread();
  void run_handlers() noexcept;
  PendingPtr next_done() noexcept;
  void wait_for_handled(std::uint64_t seen) noexcept;
  void wait_for_any(std::uint64_t seen, Endpoint& endpoint);
  std::vector<std::shared_ptr<Asked>> asked_peers();
  PendingPtr first_sent() noexcept;
  std::vector<PendingPtr> sent_to(const Asked& asked);
  void look_for_replies(Endpoint& endpoint);
  void look_at_deadlines();
  int look_at_peer(Asked& asked, Endpoint& endpoint);
  void handlers_changed(Endpoint& endpoint) noexcept;

  const unsigned long fork_generation_ = platform::fork_generation();
  std::atomic<Endpoint*> endpoint_;     // null once closed
  std::atomic<std::uint32_t> uses_{0};  // threads in the middle of a use of it that close() must wait for
  const Error left_;

  using Due = std::pair<std::chrono::steady_clock::time_point, Pending*>;

  Mutex mutex_;
  std::map<std::string, PendingPtr> pending_ IPCM_GUARDED_BY(mutex_);
  std::multimap<std::string, std::weak_ptr<Asked>> asked_ IPCM_GUARDED_BY(mutex_);
  std::set<Due> by_deadline_ IPCM_GUARDED_BY(mutex_);     // of those with handlers that are not settled
  std::size_t with_handler_ IPCM_GUARDED_BY(mutex_) = 0;  // of pending_
  PendingPtr first_done_ IPCM_GUARDED_BY(mutex_);         // a chain, which needs no memory
  Pending* last_done_ IPCM_GUARDED_BY(mutex_) = nullptr;
  bool own_thread_runs_ IPCM_GUARDED_BY(mutex_) = false;

  std::atomic<std::size_t> count_{0};      // of pending_, so that reading costs nothing where nobody asked
  std::atomic<std::uint64_t> added_{0};    // changes of the requests with handlers that their thread looks for, ever
  std::atomic<std::uint32_t> changes_{0};  // of own_thread_runs_
  std::atomic<std::thread::id> own_thread_{};
};

}  // namespace ipcm
