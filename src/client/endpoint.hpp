// SPDX-License-Identifier: MIT
// What stands behind a Client: one protocol. Client itself builds messages, guards against forks and runs hooks; an
// endpoint moves messages. StoreEndpoint serves every protocol that has a Store.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <ipcm/client.hpp>

#include "core/function_ref.hpp"
#include "platform/poll.hpp"

struct sqlite3;

namespace ipcm {

class JobEndpoint;

/// Whether a peer that is to answer a request can still do so. Lives no longer than its endpoint.
class PeerWatch {
 public:
  virtual ~PeerWatch() = default;

  /// Readable once the peer's process has ended; -1 where nobody tells. May be another one after gone().
  virtual int fd() const noexcept = 0;
  /// Why no answer is to be expected; nothing while one is.
  virtual std::optional<Error> gone() = 0;
};

class Endpoint {
 public:
  virtual ~Endpoint() = default;

  /// Takes the client's name, if the constructor has not. Called once, by who made the endpoint, when all else of the
  /// client is there: what has thrown since the name was taken could not be undone where memory stays short.
  virtual void enter() {}

  // All of these are called in the process that made the endpoint, by any thread.

  /// Messages that were not stored because their dedup_key is known, by their index: with the id of the message that
  /// has the key.
  using Deduplicated = std::map<std::size_t, std::string>;
  /// All or none. The messages are complete and addressed.
  virtual Deduplicated send(std::span<const Message> messages) = 0;
  /// What became of one message: null, it is stored. The id is its own, or that of the message that has its dedup_key.
  /// It may keep that id. Must not throw.
  using SendCompletion = std::function<void(const std::exception_ptr&, std::string&& id)>;
  /// The same for one message, without waiting for it. `completion` is called by a thread of the endpoint's, in the
  /// order of the calls.
  virtual void send_async(const Message& message, SendCompletion completion) = 0;
  virtual std::map<std::string, Outcome> broadcast(const Message& prototype) = 0;

  /// In bytes, encoded.
  virtual std::size_t max_content() const noexcept = 0;

  virtual std::vector<Message> take(std::size_t limit) = 0;
  virtual std::vector<Message> peek(std::size_t limit) = 0;
  virtual std::size_t remove(std::span<const Message> messages) = 0;
  virtual void put_back(std::span<const Message> messages) = 0;
  virtual bool ready() = 0;
  virtual bool pending() = 0;

  /// Without a time: until a message is ready. `signals`: whether one that this thread handles ends it.
  virtual Waited wait(std::optional<std::chrono::milliseconds> timeout, platform::Signals signals) = 0;
  virtual int fd() = 0;
  virtual int peer_change_fd() = 0;

  /// Takes the reply of that correlation id, wherever in the inbox it is.
  virtual std::optional<Message> take_reply(std::string_view correlation_id) = 0;
  /// The correlation ids of the replies in the inbox.
  virtual std::vector<std::string> replies() = 0;
  virtual std::unique_ptr<PeerWatch> watch_peer(std::string_view peer) = 0;
  enum class Changes { mail, peers, mail_and_peers };
  /// Blocks until `look` returns true or the time has come. It looks after these changes, and while one of `more` is
  /// readable; `look` may change these. Who waits for peers makes peer_change_fd() unreadable. Who waits for mail must
  /// look for it: with UnixSocket, what nobody receives makes it look without end.
  virtual bool wait_for(Changes changes, std::optional<std::chrono::steady_clock::time_point> deadline,
                        FunctionRef<bool()> look, std::span<const int> more) = 0;
  /// Makes every thread that waits look once more.
  virtual void look_again() noexcept = 0;

  /// Makes peer_change_fd() unreadable. Returns true if peers may have changed since this, or peers(), was last called.
  virtual bool peers_may_have_changed() = 0;

  virtual std::vector<std::string> peers() = 0;
  virtual bool peer_exists(std::string_view peer) = 0;
  /// Waits until it is active, for at most that time.
  virtual bool peer_active(std::string_view peer, std::chrono::milliseconds timeout) = 0;
  virtual std::optional<PeerStatus> peer_status(std::string_view peer) = 0;
  virtual std::optional<std::chrono::system_clock::time_point> peer_suspend_expires(std::string_view peer) = 0;
  virtual void forget(std::string_view peer) = 0;

  enum class Goodbye {
    clean,           ///< it is said, and no mail but terminate messages was waiting
    with_mail,       ///< it is said although mail was waiting, as `even_with_mail` wanted
    not_yet,         ///< mail is waiting
    said_by_others,  ///< by another thread, or before
  };
  /// Says goodbye, and drops the terminate messages that are ready.
  virtual Goodbye disconnect(bool even_with_mail) = 0;
  virtual void suspend(std::optional<std::chrono::system_clock::time_point> expires_at) = 0;
  virtual bool disconnected() const noexcept = 0;
  /// Returns once every send that was handed in is stored or has failed and, with `wait_for_handlers`, once the last
  /// completion of send_async() has returned, unless one of them calls.
  virtual void stop_sends(bool wait_for_handlers) noexcept = 0;
  /// Whether a completion of send_async() is what calls.
  virtual bool in_send_completion() const noexcept = 0;
  /// False: suspend() throws NotSupported, and what is waiting when the client leaves is lost.
  virtual bool can_suspend() const noexcept { return true; }

  /// Sends in a transaction of somebody else's, on their connection; once that has committed, `committed` is called
  /// with the recipients' names, on their thread. Returns the id as send_async() would. Throws NotSupported where there
  /// is no such thing.
  using Committed = std::function<void(const std::set<std::string>& recipients)>;
  virtual std::string send_in(sqlite3* connection, const Message& message, Committed committed);
  /// Tells those who read the mail of these peers and queues that there may be some.
  virtual void wake_readers(const std::set<std::string>&) noexcept {}

  /// Throws NotSupported where the protocol keeps no jobs.
  virtual JobEndpoint& jobs();

  virtual Stats stats() = 0;
  virtual void write_stats() = 0;
  virtual std::map<std::string, Stats> all_stats() = 0;

  /// In a forked child: let go of everything without touching what the parent uses. Only the destructor may follow.
  virtual void abandon() noexcept = 0;

  // Constant for the life of the endpoint.
  const std::string& id() const noexcept { return id_; }
  const std::string& route() const noexcept { return route_; }
  const ConnectOptions& options() const noexcept { return options_; }
  const Serializer& serializer() const noexcept { return *serializer_; }
  const Clock& clock() const noexcept { return *options_.clock; }
  int pid() const noexcept { return pid_; }
  /// False in a forked child.
  bool in_own_process() const noexcept;

  /// While it lives, only the thread that made it takes messages: it hands over what is waiting. Empty where another
  /// thread has one; a thread may have several.
  class HandingOver {
   public:
    explicit HandingOver(Endpoint& endpoint) noexcept;
    ~HandingOver();
    HandingOver(const HandingOver&) = delete;
    HandingOver& operator=(const HandingOver&) = delete;
    explicit operator bool() const noexcept { return is_ours_; }

   private:
    Endpoint& endpoint_;
    bool is_outermost_ = false;
    bool is_ours_ = false;
  };
  bool another_thread_hands_over() const noexcept;
  /// Throws Error(Disconnected) while another thread hands over.
  void require_reader() const;

 protected:
  /// Fills in the system's clock where the options name none.
  Endpoint(std::string id, std::string route, std::shared_ptr<const Serializer> serializer, ConnectOptions options);

 private:
  std::string id_;
  std::string route_;
  std::shared_ptr<const Serializer> serializer_;
  ConnectOptions options_;
  int pid_;
  unsigned long fork_generation_;
  std::atomic<std::thread::id> handing_over_{};
};

}  // namespace ipcm
