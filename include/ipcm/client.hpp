// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <future>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <ipcm/claim.hpp>
#include <ipcm/clock.hpp>
#include <ipcm/message.hpp>
#include <ipcm/notifier_kind.hpp>
#include <ipcm/outcome.hpp>
#include <ipcm/peer_status.hpp>
#include <ipcm/queue.hpp>
#include <ipcm/request.hpp>
#include <ipcm/schedule.hpp>
#include <ipcm/stats.hpp>
#include <ipcm/transaction.hpp>
#include <ipcm/waited.hpp>

struct sqlite3;

namespace ipcm {

class Endpoint;  // the protocol behind a client; src/client
class Requests;  // what it has asked and was not answered yet; src/client

inline constexpr std::size_t kNoLimit = std::numeric_limits<std::size_t>::max();

/// Called around disconnect() and suspend(): `pre` before the operation, which it stops by throwing; `post` after it.
/// What a `post` hook throws is thrown on once the operation is complete.
struct ClientHooks {
  std::function<void()> pre_disconnect{};
  std::function<void()> post_disconnect{};
  std::function<void()> pre_suspend{};
  std::function<void()> post_suspend{};
};

struct ConnectOptions {
  /// What the destructor does with a client that is still connected.
  enum class AtEnd { disconnect, suspend };
  AtEnd at_end = AtEnd::disconnect;

  /// How long a call may wait for other writers, or with UnixSocket for a slow reader, before it fails with Busy. Not
  /// negative.
  std::chrono::milliseconds busy_timeout{10'000};

  /// How often a waiting client looks again although nothing woke it: covers hints that were lost, mail from plain SQL,
  /// and a route that was deleted. Longer than 0.
  std::chrono::milliseconds fallback_interval{900};

  /// How this client is woken, and how it wakes others, if not as the route says.
  std::optional<NotifierKind> notifier{};

  ClientHooks hooks{};

  /// Default: the system's clock.
  std::shared_ptr<const Clock> clock{};
};

/// A live connection to a route under a peer's name. The base class for those who override the hooks; see connect_as().
///
///     auto worker = ipcm::connect("worker", info);
///     while (worker->wait(std::chrono::seconds(10)))
///       for (const ipcm::Message& message : worker->get_messages()) handle(message.content());
///
/// Made by ipcm::connect(), reconnect() or Spawn::connect() and owned through std::shared_ptr.
/// Any number of threads may use one client; its calls take turns, except that wait() holds nothing while it waits, and
/// that sends of several threads are stored together: under `full` one sync of the disk serves all of them.
/// In a forked child every call that touches the store throws Error(WrongProcess) and the destructor does nothing:
/// connect anew there. A fork waits until no other thread is in the middle of a call, for at most 5 seconds; a child of
/// one that did not wait to the end, or that was forked from within a call, is refused to connect with WrongProcess,
/// and should execute a program. A client may be a static object, and live until the process exits. Every call may
/// throw Error with RouteGone, RouteDamaged, RouteFull, Busy or StorageFailure, and Disconnected once the client is
/// disconnected or suspended. A call that throws has stored and taken nothing, unless its text says that the outcome is
/// unknown, or with UnixSocket how many were sent. Where memory runs out any call throws std::bad_alloc.
class Client {
 public:
  virtual ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // --- who and where -------------------------------------------------------------------------------------------------

  /// The peer's name. "_anonymous" for connect_anonymous().
  const std::string& id() const noexcept;
  const std::string& route() const noexcept;
  /// The serializer's name.
  std::string serializer() const;
  /// The most bytes that the content of a message may have on this route, encoded. Who has a longer text need not let
  /// Content::from_text() read it.
  std::size_t max_content() const noexcept;
  /// The process that made this client.
  int pid() const noexcept;
  /// Returns this client; throws WrongProcess in any process but the one that made it.
  Client& pid_check();
  /// 1 running, 0 not, -1 running but not ours to signal.
  static int pid_is_running(int pid);
  /// True after disconnect() and suspend().
  bool disconnected() const noexcept;

  // --- sending -------------------------------------------------------------------------------------------------------
  // Returns once the message is stored as durably as the route promises; returns the message's id.
  // Throws UnknownPeer, PeerDisconnected, PeerGone, InvalidName, InvalidMessage, TooLarge, or DuplicateMessage: a
  // chosen id is one given in the fields, or that of a Message object. With a dedup_key that is known:
  // nothing is stored, and the id is that of the message that has it.
  // With UnixSocket it returns once the message lies in the recipient's queue. Busy: that is full, nothing was sent.
  // PeerGone: the recipient crashed. There a chosen id is compared with one's own queue and batch only.

  std::string send_message(const Message& message, const MessageFields& overrides = {});
  std::string send_message(std::string_view peer, const Content& content, const MessageFields& fields = {});
  std::string send_message(const MessageFields& fields);

  /// As send_message(), but an error is a return value. Throws only WrongProcess, and std::bad_alloc.
  Outcome try_message(const Message& message, const MessageFields& overrides = {});
  Outcome try_message(std::string_view peer, const Content& content, const MessageFields& fields = {});
  Outcome try_message(const MessageFields& fields);

  /// The message that send_message() would send; sends nothing.
  Message build_message(const Message& message, const MessageFields& overrides = {}) const;
  Message build_message(std::string_view peer, const Content& content, const MessageFields& fields = {}) const;
  Message build_message(const MessageFields& fields) const;

  /// Many messages in one transaction: all are stored, or none and it throws. Returns their ids in order.
  /// With UnixSocket what can be known to be wrong is found before any is sent; a queue that fills up in the middle, or
  /// a peer that leaves, is an error whose text begins with how many were sent.
  std::vector<std::string> send_messages(std::span<const MessageFields> messages);
  std::vector<std::string> send_messages(std::span<const Message> messages);

  /// Sends without waiting, so that one thread can keep many messages in flight; in the order of the calls, also with
  /// regard to the other calls that send. What is wrong with the message itself is thrown at once, what the store says
  /// comes through the future. Blocks while 10,000 messages, or 64 MiB of contents, are in flight. disconnect(),
  /// suspend() and the destructor wait for what is in flight.
  std::future<std::string> send_async(const Message& message, const MessageFields& overrides = {});
  std::future<std::string> send_async(std::string_view peer, const Content& content, const MessageFields& fields = {});
  std::future<std::string> send_async(const MessageFields& fields);

  /// What became of a message that send_async() sent, by its id.
  using SendHandler = std::function<void(const std::string& id, const Outcome& outcome)>;
  /// The same with a handler instead of a future. A thread of the client's own calls it, one call at a time, in the
  /// order in which the messages were handed over. It may use the client, and must not throw; while it runs no other is
  /// called. In it this form does not block, and the one that returns a future stores the message before it returns.
  /// The destructor waits for handlers, unless a handler of the client is what runs it.
  void send_async(const Message& message, SendHandler handler);
  void send_async(std::string_view peer, const Content& content, SendHandler handler);
  void send_async(const MessageFields& fields, SendHandler handler);

  /// To everyone in peers(), in one transaction: all get it, or none. Each copy has an id of its own.
  /// Returns the outcome by peer; empty when alone. With UnixSocket some may fail, as their outcome says.
  std::map<std::string, Outcome> broadcast(const Message& message);
  std::map<std::string, Outcome> broadcast(const Content& content);
  /// Takes MessageFields{...} by its name, so that broadcast({{"n", 1}}) can only mean content.
  template <std::same_as<MessageFields> Fields>
  std::map<std::string, Outcome> broadcast(const Fields& fields) {
    return broadcast_fields(fields);
  }

  // --- reading -------------------------------------------------------------------------------------------------------
  // Oldest first: arrival order, which per sender is send order.

  /// Takes all ready messages, or the first `limit`, in one transaction. What cannot be decoded is set aside as dead
  /// with the reason and does not block the rest.
  std::vector<Message> get_messages(std::size_t limit = kNoLimit);

  /// The same messages, left where they are. What cannot be decoded is set aside as dead, and what has expired is
  /// removed and counted, as by get_messages().
  std::vector<Message> peek(std::size_t limit = kNoLimit);

  /// Takes exactly these messages, which peek() returned. Returns how many of them were still there.
  std::size_t remove_messages(std::span<const Message> messages);

  /// Puts a message back: same id, same sender, same stamp, in its old place, before whatever came later.
  /// Throws DuplicateMessage when it is in the inbox already, InvalidMessage when it was not addressed to this client.
  void requeue_message(const Message& message);
  /// The same for many, in one transaction.
  void requeue_messages(std::span<const Message> messages);

  /// True when a message could be taken now.
  bool have_ready_messages();
  /// True when a message is on its way but not ready: it is for later, or claimed.
  bool have_pending_messages();

  // --- requests and replies ------------------------------------------------------------------------------------------

  /// Sends a message that asks for an answer: its reply_to is this client, its correlation_id a new one, or the one in
  /// the fields. Throws what send_message() throws, and NotSupported for a client without an inbox.
  Request request(std::string_view peer, const Content& content, std::chrono::milliseconds timeout,
                  const MessageFields& fields = {});
  /// The same with a handler. disconnect(), suspend() and the destructor settle what is open with Disconnected and wait
  /// for handlers, unless a handler of the client is what calls: one of a request, or of send_async().
  void request(std::string_view peer, const Content& content, std::chrono::milliseconds timeout, ReplyHandler handler);

  /// Answers a message that asks for it: to whom its reply_to says. Returns the id of the answer. Throws
  /// InvalidMessage for a message that is no request, and what send_message() throws.
  std::string reply(const Message& request, const Content& content);
  /// Says why there is no answer, in 1 to 4096 bytes of UTF-8.
  std::string reply_error(const Message& request, std::string_view error);

  // --- jobs ----------------------------------------------------------------------------------------------------------
  // For routes of SQLite; others throw NotSupported.

  /// Takes messages for a while instead of for good: each is this client's until it is settled, its lease runs out, or
  /// this process ends; then somebody else gets it. First what has the highest priority, then oldest first. From a
  /// queue, or without a name from the client's own inbox. Empty: there is nothing, or the queue is paused. A client
  /// that has claimed from a queue is also woken for it: wait for it by ClaimOptions::wait, or by fd().
  /// Throws UnknownPeer when there is no such queue, InvalidArgument for the name of a peer or a lease of no length.
  std::vector<Claim> claim(std::string_view queue, const ClaimOptions& options = {});
  std::vector<Claim> claim(const ClaimOptions& options = {});

  /// Acknowledges many, in one transaction. Returns how many of them were still held; the others count as settled, too,
  /// and are somebody else's.
  std::size_t ack(std::span<Claim> claims);

  /// What `note` notes happens in one transaction, or nothing and it throws: what the calls of Transaction and
  /// send_message() throw, LostClaim, and whatever `note` throws.
  void transaction(const std::function<void(Transaction&)>& note);

  /// Makes an inbox that nobody connects under and any number of clients claim from. Mail is sent to it as to a peer.
  /// True: it is new; one that exists keeps its settings. Throws InvalidName, NameInUse when a peer has that name, and
  /// InvalidArgument for settings below 0. forget() removes it.
  bool create_queue(std::string_view name, const QueueSettings& settings = {});
  /// Throw UnknownPeer, as does what follows.
  QueueSettings queue_settings(std::string_view queue);
  /// `change` gets the settings as they are, in the transaction that stores what it makes of them. It must not use the
  /// client.
  void change_queue(std::string_view queue, const std::function<void(QueueSettings&)>& change);
  void pause_queue(std::string_view queue);
  void resume_queue(std::string_view queue);
  /// All of them, sorted by name. Counts what is in them, so it takes its time where much is.
  std::vector<QueueInfo> queues();
  /// What is in flight, ready and scheduled in a queue or the inbox of a peer, in this order; "": in all of them.
  std::vector<JobInfo> jobs(std::string_view inbox = {}, std::size_t limit = kNoLimit);

  /// Makes delayed messages to a queue or peer ready now: those with these ids, or all of them. The next messages of
  /// schedules stay, and so does what waits for its group. Returns how many became ready. Throws UnknownPeer.
  std::size_t promote_delayed(std::string_view inbox, std::span<const std::string> ids = {});

  /// What could not be delivered to a queue or peer, or to all of them, the oldest first; numbers above `after` only.
  std::vector<DeadLetter> dead_letters(std::string_view inbox = {}, std::int64_t after = 0,
                                       std::size_t limit = kNoLimit);
  /// Sends dead letters again, as they were, but with attempts from 0 on and without an end of their time; no dedup_key
  /// stands in their way. All or none. Returns how many there were. Throws what send_message() throws.
  std::size_t replay_dead(std::span<const std::int64_t> numbers);
  /// Removes dead letters for good. Returns how many there were.
  std::size_t purge_dead(std::span<const std::int64_t> numbers);

  /// From now on a message like that is sent whenever the recurrence says so, once for each due time: by whichever
  /// client looks into the inbox then. Clients that wait for it do, and calls that take from it. A schedule of that
  /// name is replaced. The ttl of the message counts from each due time. Throws InvalidName, InvalidArgument for a
  /// recurrence that cannot be or never comes, InvalidMessage for fields that make no sense here (id, stamp, delay,
  /// deliver_at, keys, broadcast), and what send_message() throws.
  void add_schedule(std::string_view name, std::string_view recurrence, const MessageFields& message,
                    Missed missed = Missed::once);
  /// All, sorted by name.
  std::vector<Schedule> schedules();
  /// False: there was none of that name.
  bool remove_schedule(std::string_view name);
  /// The zone that the schedules of this route go by, as the IANA names it; that of the machine that made the route.
  std::string time_zone();
  /// Throws InvalidArgument for a name that this machine does not know.
  void set_time_zone(std::string_view name);

  // --- waiting -------------------------------------------------------------------------------------------------------

  /// Blocks until a message is ready or the time is up; true when one is ready. Monotonic time; signals do not shorten
  /// it. Throws InvalidArgument for a negative time, RouteGone within a second of the route's end.
  bool wait(std::chrono::milliseconds timeout);
  /// Blocks until a message is ready.
  void wait();
  /// As wait(timeout), but a signal that this thread handles while it sleeps ends it: for interpreters, whose handlers
  /// run between calls. A signal that was handled before the sleep began does not; nor does one that another thread
  /// handles.
  Waited wait_interruptibly(std::chrono::milliseconds timeout);

  /// A descriptor that is readable when a message may be ready: for poll, epoll, asio. Owned by the client; never read
  /// from it. Once it is readable call get_messages(), until it returns nothing.
  int fd();
  /// The same for changes among peers: connect, suspend, disconnect. peers() makes it unreadable again.
  int peer_change_fd();

  // --- peers ---------------------------------------------------------------------------------------------------------

  /// The names of all peers that take mail, sorted, never one's own.
  std::vector<std::string> peers();
  bool peer_exists(std::string_view peer);
  bool peer_active(std::string_view peer);
  /// Waits for the peer to become active. Throws InvalidArgument for a negative time.
  bool peer_active(std::string_view peer, std::chrono::milliseconds timeout);
  /// Waits for the peer to be active no more: it died, left or was suspended. True at once for one that does not exist.
  /// The death of a process of this host is seen at once. Throws InvalidArgument for a negative time.
  bool peer_inactive(std::string_view peer, std::chrono::milliseconds timeout);
  /// The peer's process; nothing when it does not exist or is not active.
  std::optional<int> peer_pid(std::string_view peer);
  /// What state the peer is in, and its process, also of one that crashed. Nothing when it does not exist.
  std::optional<PeerStatus> peer_status(std::string_view peer);
  /// When the peer's suspension runs out; nothing when it is not suspended or has no deadline.
  std::optional<std::chrono::system_clock::time_point> peer_suspend_expires(std::string_view peer);
  /// Removes a peer that is not active, with its mail. Throws UnknownPeer; NameInUse when it is active.
  void forget(std::string_view peer);

  // --- leaving -------------------------------------------------------------------------------------------------------

  /// Gets what is waiting, a batch at a time, until nothing is. A batch whose handler throws stays in the store.
  using DrainHandler = std::function<void(std::span<const Message>)>;

  /// Says goodbye: the peer takes no more mail. Messages that are waiting stay stored for when it connects again, and
  /// the outcome is MessagesWaiting. Terminate messages do not count: those that are ready are removed, as if they had
  /// been read. With UnixSocket all are lost. Again, or while another thread disconnects: no effect.
  Outcome disconnect();
  /// The same, but first hands over what is waiting. Rethrows what the handler throws; then the client is still
  /// connected; with UnixSocket it may happen that it takes no more mail, and can still read and disconnect.
  /// While it hands over, get_messages(), peek() and claim() of other threads throw Disconnected: no message is handled
  /// twice.
  Outcome disconnect(const DrainHandler& handler);

  /// Offline with intent to return: the peer keeps getting mail. Throws NotSupported where the protocol cannot.
  void suspend();
  /// Only until a deadline; after it mail is refused with PeerGone. Throws InvalidArgument for a negative time.
  void suspend(std::chrono::milliseconds expires_in);
  void suspend(std::chrono::system_clock::time_point expires_at);

  // --- stats ---------------------------------------------------------------------------------------------------------

  Stats stats();
  /// What the store has; on a store the same as stats(). Works after disconnect(), too.
  Stats read_stats();
  /// For UnixSocket, which counts in memory: shows the counts to others. On a store there is nothing left to do.
  void write_stats();
  /// By peer. Works after disconnect(), too.
  std::map<std::string, Stats> all_stats();

  // --- for those who override hooks ----------------------------------------------------------------------------------

  /// Proof that ipcm made the connection: what a derived class hands to its base.
  class Connection {
   public:
    Connection(Connection&&) noexcept;
    ~Connection();

   private:
    friend class Client;
    friend class Composition;
    explicit Connection(std::unique_ptr<Endpoint> endpoint);
    std::unique_ptr<Endpoint> endpoint_;
    bool is_entered_later_ = false;
  };

  explicit Client(Connection connection);

 protected:
  // By default each calls the hook of ConnectOptions.
  virtual void pre_disconnect_hook();
  virtual void post_disconnect_hook();
  virtual void pre_suspend_hook();
  virtual void post_suspend_hook();

 private:
  friend class Composition;
  friend class Service;
  friend std::string send_in(sqlite3*, Client&, std::string_view, const Content&, const MessageFields&);
  friend std::string send_in(sqlite3*, Client&, const MessageFields&);

  Endpoint& endpoint() const;  // throws WrongProcess in a forked child
  Endpoint& reader() const;    // and Disconnected while another thread hands over what is waiting
  bool in_handler() const noexcept;
  void settle_requests() noexcept;
  bool hand_over(const DrainHandler& handler);
  std::string send_built(const Message& message);
  std::string send_by(sqlite3* connection, const Message& message);
  std::future<std::string> send_built_async(const Message& message);
  void send_built_async(const Message& message, SendHandler handler);
  Message build_request(std::string_view peer, const Content& content, MessageFields fields) const;
  std::string answer(const Message& request, MessageFields fields);
  void hand_over_replies(std::vector<Claim>& claims);
  std::vector<std::string> send_all(std::span<const Message> messages);
  std::map<std::string, Outcome> broadcast_fields(const MessageFields& fields);
  void suspend_until(std::optional<std::chrono::system_clock::time_point> expires_at);
  void close() noexcept;  // what the destructor owes, called while hooks still reach the derived class

  std::shared_ptr<Endpoint> endpoint_;  // claims know it, and do not keep it
  std::shared_ptr<Requests> requests_;
};

}  // namespace ipcm
