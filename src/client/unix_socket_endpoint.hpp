// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>

#include "client/parcels.hpp"
#include "client/protocol.hpp"
#include "client/send_queue.hpp"
#include "client/waiting.hpp"
#include "notify/notifier.hpp"
#include "platform/fork.hpp"
#include "platform/lock_order.hpp"
#include "transport/mailbox.hpp"
#include "transport/outbox.hpp"
#include "transport/peer_table.hpp"

namespace ipcm {

/// The policy of messages that go from process to process without a store: what waits for a client is in its memory
/// and the kernel's, and ends with it.
class UnixSocketEndpoint : public Endpoint {
 public:
  /// Makes what tells of changes among peers, for the client with that number; 0: for one without a name.
  using MakeNotifier = std::function<std::unique_ptr<notify::Notifier>(notify::Inbox)>;

  /// Connects: see ipcm::connect() and connect_anonymous() for what it throws. Cannot reconnect.
  UnixSocketEndpoint(ConnectRequest request, const MakeNotifier& make_notifier);
  ~UnixSocketEndpoint() override;

  Deduplicated send(std::span<const Message> messages) override;
  void send_async(const Message& message, SendCompletion completion) override;
  std::map<std::string, Outcome> broadcast(const Message& prototype) override;
  std::size_t max_content() const noexcept override { return max_content_; }
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
  void look_again() noexcept override { peer_changes_->look_again(); }
  bool peers_may_have_changed() override;
  std::vector<std::string> peers() override;
  bool peer_exists(std::string_view peer) override;
  bool peer_active(std::string_view peer, std::chrono::milliseconds timeout) override;
  std::optional<PeerStatus> peer_status(std::string_view peer) override;
  std::optional<std::chrono::system_clock::time_point> peer_suspend_expires(std::string_view peer) override;
  void forget(std::string_view peer) override;
  Goodbye disconnect(bool even_with_mail) override;
  void suspend(std::optional<std::chrono::system_clock::time_point> expires_at) override;
  void stop_sends(bool wait_for_handlers) noexcept override { sends_->stop(wait_for_handlers); }
  bool in_send_completion() const noexcept override { return sends_->on_own_thread(); }
  bool can_suspend() const noexcept override { return false; }
  bool disconnected() const noexcept override { return disconnected_; }
  Stats stats() override;
  void write_stats() override;
  std::map<std::string, Stats> all_stats() override;
  void abandon() noexcept override;

 private:
  class Watch;

  void require_connected() const;
  [[noreturn]] void throw_disconnected() const;
  void require_inbox(std::string_view call) const;
  /// Connected, and the route is still there.
  void require_use() const;

  /// `verdict`: take or keep, of what can be decoded.
  std::vector<Message> read(std::size_t limit, transport::Mailbox::Verdict verdict);
  PackedMessage packed(const Message& message) const;
  void check_all(std::span<const PackedMessage> messages) const;
  void send_now(std::span<const PackedMessage> messages);
  void send_one(const std::string& recipient, transport::Letter letter, std::string_view content);
  /// Without its content.
  static transport::Letter letter_of(const PackedMessage& message);
  void send_group(std::span<SendRequest* const> group) noexcept;
  std::optional<std::string> undecodable(const transport::Letter& letter) const;
  Message message_of(transport::Place place, const transport::Letter& letter) const;
  bool has_mail_to_hand_over();
  void claim_name();
  void claim_nothing();
  void let_go() noexcept IPCM_REQUIRES(leaving_);
  void save_books();
  /// Throws Error(InvalidMessage) for one that was never read here.
  void check_was_read(const Message& message);
  /// One more, or one less.
  void count_read(const std::string& sender, int change);
  void count_sent(const std::string& recipient);
  std::optional<transport::Peer> find(std::string_view peer) const;

  /// A use of what was received by a thread, which is over before disconnect() looks whether mail waits.
  class Use {
   public:
    /// Throws Error(Disconnected), and RouteGone.
    explicit Use(UnixSocketEndpoint& endpoint);
    ~Use() { end(); }
    Use(const Use&) = delete;
    Use& operator=(const Use&) = delete;

   private:
    void end() noexcept;

    const platform::ForkHold hold_;  // it may wait for a mutex, and disconnect() for it
    UnixSocketEndpoint& endpoint_;
  };

  std::unique_ptr<transport::PeerTable> table_;
  std::uint64_t max_content_;
  transport::Peer self_;  // id 0: without a name
  std::int64_t presence_ = 0;
  std::shared_ptr<transport::Mailbox> mailbox_;  // null: without a name
  std::unique_ptr<transport::Outbox> outbox_;
  std::unique_ptr<Waiting> peer_changes_;
  std::shared_ptr<SendQueue> sends_;
  std::atomic<std::size_t> sends_in_queue_{0};
  std::atomic<bool> disconnected_{false};
  std::atomic<bool> uses_end_{false};  // disconnect() waits for those that there are, and no new ones begin
  std::atomic<std::uint32_t> uses_{0};

  template <platform::LockRank rank>
  using Mutex = platform::Ranked<platform::ForkSafeMutex, rank>;

  Mutex<platform::LockRank::leaving> leaving_;  // one at a time
  Mutex<platform::LockRank::counters> books_mutex_;
  Stats books_ IPCM_GUARDED_BY(books_mutex_);
  std::uint64_t dead_before_ IPCM_GUARDED_BY(books_mutex_) = 0;  // under earlier clients of the name
};

}  // namespace ipcm
