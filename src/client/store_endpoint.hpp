// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <set>

#include "client/peer_state.hpp"
#include "client/protocol.hpp"
#include "client/send_queue.hpp"
#include "client/waiting.hpp"
#include "notify/notifier.hpp"
#include "platform/fork.hpp"
#include "platform/lock_order.hpp"
#include "storage/store.hpp"

namespace ipcm {

class JobRules;
class StoreJobs;

/// What a protocol with a store is made of.
struct StoreParts {
  /// storage::Store::change_count(), for any thread.
  using ChangeCount = std::function<std::uint64_t()>;

  std::unique_ptr<storage::Store> store;
  /// Makes the notifier of the client that reads that inbox; 0: of one without an inbox.
  std::function<std::unique_ptr<notify::Notifier>(notify::Inbox inbox, const ChangeCount& change_count)> make_notifier;
  /// See Endpoint::send_in(); the content is JSON. Null: there is no such thing.
  std::function<std::string(sqlite3* connection, const std::string& recipient, const storage::Parcel& parcel,
                            std::optional<double> deliver_at, Endpoint::Committed committed)>
      send_in{};
};

/// The policy of a message store, over any Store and any Notifier: who may get mail, what each state means, who is
/// woken, what the books say.
class StoreEndpoint : public Endpoint {
 public:
  /// It and enter() connect: see ipcm::connect(), reconnect() and connect_anonymous() for what they throw.
  StoreEndpoint(StoreParts parts, ConnectRequest request);
  ~StoreEndpoint() override;

  void enter() override;
  Deduplicated send(std::span<const Message> messages) override;
  void send_async(const Message& message, SendCompletion completion) override;
  std::map<std::string, Outcome> broadcast(const Message& prototype) override;
  std::size_t max_content() const noexcept override { return store_->max_content(); }
  std::vector<Message> take(std::size_t limit) override;
  std::vector<Message> peek(std::size_t limit) override;
  std::size_t remove(std::span<const Message> messages) override;
  void put_back(std::span<const Message> messages) override;
  bool ready() override;
  bool pending() override;
  Waited wait(std::optional<std::chrono::milliseconds> timeout, platform::Signals signals) override;
  int fd() override;
  int peer_change_fd() override;
  std::optional<Message> take_reply(std::string_view correlation_id) override;
  std::vector<std::string> replies() override;
  std::unique_ptr<PeerWatch> watch_peer(std::string_view peer) override;
  bool wait_for(Changes changes, std::optional<std::chrono::steady_clock::time_point> deadline,
                FunctionRef<bool()> look, std::span<const int> more) override;
  void look_again() noexcept override {
    if (waiting_) waiting_->look_again();
  }
  bool peers_may_have_changed() override;
  std::vector<std::string> peers() override;
  bool peer_exists(std::string_view peer) override;
  bool peer_active(std::string_view peer, std::chrono::milliseconds timeout) override;
  std::optional<PeerStatus> peer_status(std::string_view peer) override;
  std::optional<std::chrono::system_clock::time_point> peer_suspend_expires(std::string_view peer) override;
  void forget(std::string_view peer) override;
  Goodbye disconnect(bool even_with_mail) override;
  void suspend(std::optional<std::chrono::system_clock::time_point> expires_at) override;
  bool disconnected() const noexcept override { return disconnected_; }
  void stop_sends(bool wait_for_handlers) noexcept override { sends_->stop(wait_for_handlers); }
  bool in_send_completion() const noexcept override { return sends_->on_own_thread(); }
  std::string send_in(sqlite3* connection, const Message& message, Committed committed) override;
  void wake_readers(const std::set<std::string>& recipients) noexcept override;
  JobEndpoint& jobs() override;
  Stats stats() override;
  void write_stats() override {}
  std::map<std::string, Stats> all_stats() override;
  void abandon() noexcept override;

 private:
  class Watch;
  friend class StoreJobs;

  using Read = FunctionRef<void(storage::Snapshot&)>;
  using Write = FunctionRef<void(storage::Transaction&)>;

  // A view or a transaction of the store, when it is this thread's turn; for a client that is still connected, or for
  // what works afterwards too.
  void read(Read work);
  void write(Write work);
  void read_even_disconnected(Read work);
  void require_connected() const;
  void require_inbox(std::string_view call) const;

  void claim_name();
  void prepare_to_wait();
  storage::PeerRow row_after_leaving(storage::RecordedState state, std::optional<double> suspend_expires) const;
  void let_go_of_name() noexcept;
  bool has_mail_to_keep(storage::Snapshot& view);
  bool is_terminate(const storage::StoredMessage& message) const;
  // One for an earlier life of this peer. It counts as read, and nobody gets it.
  bool is_stale(const storage::StoredMessage& message) const;
  // Of the first kLookedThrough. Returns what is to be stale_until then.
  std::optional<std::int64_t> drop_terminates(storage::Transaction& transaction);
  struct Recipient {
    storage::PeerId inbox = 0;
    std::set<storage::PeerId> readers{};  // of whom one or more are to be woken
  };
  using Recipients = std::map<std::string, Recipient, std::less<>>;

  PackedMessage packed(const Message& message) const;
  void commit_group(std::span<SendRequest* const> group) noexcept;
  void store_group(std::span<SendRequest* const> group);
  void append_all(storage::Transaction& transaction, SendRequest& request, Recipients& recipients);
  // The message that has its dedup_key, if that is known already: then it is not stored.
  std::optional<MessageId> append(storage::Transaction& transaction, const PackedMessage& message,
                                  Recipients& recipients);
  void take_some(storage::Transaction& transaction, JobRules* rules, std::size_t limit, std::vector<Message>& messages);
  struct Unfit {
    storage::Place place = 0;
    MessageId id;
    std::optional<std::string> problem{};  // nothing: it has expired, or is stale
    bool is_stale = false;
  };
  void set_aside(std::span<const Unfit> unfit);
  // True when others became ready, whose turn in their group it is now.
  bool set_aside(storage::Transaction& transaction, std::span<const Unfit> unfit);
  // Counts them as read. Returns how many were there, and whether others became ready.
  std::pair<std::size_t, bool> remove_from(storage::Transaction& transaction, std::span<const storage::Standing> those);
  bool let_expire(storage::Transaction& transaction);  // what is ready, and too late; returns the same
  struct Peeked {
    std::vector<Message> messages{};
    std::vector<Unfit> unfit{};
    bool more_comes = false;  // once somebody sees to what is due, or was claimed for too long
  };
  Peeked look_at_ready(std::size_t limit);
  std::optional<storage::PeerRow> find(std::string_view peer);
  struct Seen {
    storage::PeerRow row;
    PeerState state;
  };
  // What is recorded and whether it lives, within one turn.
  std::optional<Seen> look_at(std::string_view peer);
  bool has_mail(storage::Snapshot& view) { return has_mail(view, self_.id); }
  bool has_mail(storage::Snapshot& view, storage::PeerId inbox) { return view.has_mail(inbox, now()); }
  double now() const;
  // Nothing where the store keeps no jobs.
  std::optional<JobRules> rules_for(storage::Transaction& transaction) const;

  using CallMutex = platform::Ranked<platform::ForkSafeMutex, platform::LockRank::call>;

  // Invariant: held for every use of the store. Of the other locks of the client only those of a higher rank are taken
  // meanwhile, and nothing is waited for but the route's own write lock.
  CallMutex turn_;
  std::unique_ptr<storage::Store> store_;
  decltype(StoreParts::send_in) send_in_;
  const decltype(StoreParts::make_notifier) make_notifier_;
  const ConnectRequest::Mode mode_;
  std::unique_ptr<Waiting> waiting_;
  storage::PeerRow self_;  // id 0: without a name
  std::unique_ptr<StoreJobs> jobs_;
  std::atomic<bool> disconnected_{true};
  std::shared_ptr<SendQueue> sends_;
};

}  // namespace ipcm
