// SPDX-License-Identifier: MIT
// The durable mailbox below every protocol that has one: bytes and primitive transactions. It knows no JSON and no
// policy; which peer may get mail, what a name may look like and what a message means is decided above it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/function_ref.hpp"
#include "core/message_id.hpp"

namespace ipcm::storage {

using PeerId = std::int64_t;

inline constexpr PeerId kHighestPeer = (PeerId{1} << 20) - 1;  // what fits into a place

/// Where a message stands in its recipient's inbox: messages are taken in the order of their places.
/// Opaque above the store, but for arrival_of().
using Place = std::int64_t;

/// The number that the inbox gave out with that place. Each later message has a higher one, whatever its priority.
constexpr std::int64_t arrival_of(Place place) noexcept {
  return place & ((std::int64_t{1} << 40) - 1);
}

/// What was last written about a peer. Whether an `active` one still lives is asked of Store::is_present().
enum class RecordedState { active, suspended, disconnected };

struct PeerRow {
  PeerId id = 0;
  std::string name;
  bool is_queue = false;  ///< an inbox that nobody connects under; its state is `suspended`
  RecordedState state = RecordedState::suspended;
  std::optional<int> pid;
  std::optional<std::int64_t> pid_started;  ///< clock ticks after boot, as in /proc/PID/stat
  std::string host;
  std::optional<double> suspend_expires;  ///< seconds since 1970
  std::int64_t epoch = 0;                 ///< how many times it was connected
  /// Terminate messages that arrived with numbers up to this one were for an earlier life of the peer; nullopt: none.
  std::optional<std::int64_t> stale_until{};
};

inline constexpr int kOrdinaryPriority = 4;
inline constexpr int kHighestPriority = 7;

/// What is said of a message that is a job. Most messages say nothing.
struct JobFields {
  int priority = kOrdinaryPriority;    ///< 0 to kHighestPriority; higher ones are taken first
  std::optional<double> expires_at{};  ///< seconds since 1970; from then on it is not delivered
  std::int64_t attempts = 0;           ///< how many times it was claimed
  std::optional<std::int64_t> max_attempts{};
  std::string_view group_key{};  ///< empty: none
  std::string_view dedup_key{};  ///< empty: none
};

/// A message without its place: what is handed to append().
struct Parcel {
  MessageId id;
  std::string_view sender;
  double stamp = 0;
  bool broadcast = false;
  std::string_view serializer;  ///< its name; empty: JSON
  std::string_view content;
  // Of requests and replies; empty: none.
  std::string_view reply_to{};
  std::string_view correlation_id{};
  std::string_view error{};
  JobFields job{};
};

/// A message as it is stored. The views end with the call that shows them.
struct StoredMessage {
  Place place = 0;
  Parcel parcel;
};

/// Which message stands where.
struct Standing {
  Place place = 0;
  MessageId id;
};

/// Counts of one pair of names. sent = read + dead + expired + queued, which is all that is there: ready, for later, or
/// in flight.
struct PairCount {
  std::string sender;
  std::string recipient;
  std::uint64_t sent = 0;
  std::uint64_t read = 0;
  std::uint64_t dead = 0;
  std::uint64_t expired = 0;
  std::uint64_t queued = 0;
};

/// Shows one message; false stops.
using Visitor = FunctionRef<bool(const StoredMessage&)>;
/// What becomes of a message that is being taken.
struct Verdict {
  enum class Kind { read, dead, expired, claimed };

  // NOLINTBEGIN(google-explicit-constructor): a judge just returns what it found
  Verdict(Kind verdict) : kind(verdict) {}
  /// A reason, and it is set aside as dead; nothing, and it counts as read.
  Verdict(std::optional<std::string> problem)
      : kind(problem ? Kind::dead : Kind::read), reason(std::move(problem).value_or("")) {}
  // NOLINTEND(google-explicit-constructor)

  Kind kind;
  std::string reason{};
};
/// Judges one message that is being taken.
using Judge = FunctionRef<Verdict(const StoredMessage&)>;

/// Given out once: a worker is one connection that claims from one inbox.
using WorkerId = std::int64_t;

/// What a claim is recorded with.
struct ClaimTerms {
  WorkerId worker = 0;
  std::int64_t call = 0;  ///< which of this worker's calls
  double claimed_at = 0;  ///< seconds since 1970
  double lease_end = 0;   ///< seconds since the machine's start
};

class Jobs;

/// One consistent view of the store. Lives inside Store::read() or Store::write() only.
class Snapshot {
 public:
  virtual ~Snapshot() = default;

  virtual std::optional<PeerRow> find_peer(std::string_view name) = 0;
  virtual std::vector<PeerRow> peers() = 0;  ///< sorted by name
  /// Whether anything could be taken at `now`, in seconds since 1970.
  virtual bool has_mail(PeerId inbox, double now) = 0;
  /// Whether a message of that sender was read from the inbox and is not back in it.
  virtual bool has_read_from(PeerId inbox, std::string_view sender) = 0;
  /// In the order of places, from the first.
  virtual void peek(PeerId inbox, std::size_t limit, Visitor visit) = 0;
  /// The first message in the inbox with that correlation id and without a reply_to. Fast however full the inbox is.
  virtual std::optional<Standing> find_reply(PeerId inbox, std::string_view correlation_id) = 0;
  /// The correlation ids of all that find_reply() finds. Fast however full the inbox is of other messages.
  virtual std::vector<std::string> replies(PeerId inbox) = 0;
  virtual std::vector<PairCount> counts() = 0;
  /// How many messages the inbox holds: ready, for later, or in flight. Told by the counters of what was given out and
  /// what has left, so that it costs the same for any number; counts() reads all of them.
  virtual std::uint64_t depth(PeerId inbox) = 0;

  /// Null: this store keeps no jobs. In a view that is read only, only what changes nothing may be called.
  virtual Jobs* jobs() noexcept { return nullptr; }
};

/// A transaction that may write: all of it happens, or nothing.
class Transaction : public Snapshot {
 public:
  /// Runs `work` as a part of the transaction: what it changed is undone when it throws, and the rest stands.
  virtual void attempt(FunctionRef<void()> work) = 0;

  /// Makes a peer, or a queue, suspended as nobody is connected under it yet. Throws Error(RouteFull) when there are
  /// too many.
  virtual PeerRow insert_peer(std::string_view name, bool is_queue = false) = 0;
  /// Writes everything but id, name and kind.
  virtual void update_peer(const PeerRow& peer) = 0;
  /// The highest number that the inbox has given out: see arrival_of().
  virtual std::int64_t last_arrival(PeerId inbox) = 0;
  /// Removes the peer or queue with its mail, its dead letters, its settings and the counts of its inbox.
  virtual void forget_peer(const PeerRow& peer) = 0;

  /// Appends at the end of the inbox. False: a message with the same chosen id is in that inbox.
  virtual bool append(PeerId inbox, const Parcel& parcel) = 0;

  /// Puts back what was taken from the inbox: at its place, or at the front where no place is known. False: it, or one
  /// with its chosen id, is there already.
  virtual bool put_back(const PeerRow& inbox, std::optional<Place> place, const Parcel& parcel) = 0;

  /// Takes from the front; returns how many were taken, dead ones included. What is judged to be claimed does not leave
  /// the inbox: it is claimed by `terms`, which counts as an attempt.
  virtual std::size_t take(const PeerRow& inbox, std::size_t limit, Judge judge, const ClaimTerms* terms = nullptr) = 0;

  /// Takes the one at that place if it still has that id, and as the judge says.
  virtual bool take_one(const PeerRow& inbox, Place place, const MessageId& id, Judge judge) = 0;
};

/// A connection to a message store, of one process. Not safe for several threads at once: the layer above takes turns.
///
/// Every call may throw Error: RouteGone, RouteDamaged, RouteFull, ReadOnly, Busy, StorageFailure; then it had no
/// effect, but for a broken connection whose text says that the outcome is unknown.
class Store {
 public:
  virtual ~Store() = default;

  /// Runs `work` in one read-only view.
  virtual void read(FunctionRef<void(Snapshot&)> work) = 0;
  /// Runs `work` in one transaction and returns once it is as durable as the route promises. Rolled back if it throws.
  /// If the disk was full, `work` may run twice: the first run came to nothing.
  virtual void write(FunctionRef<void(Transaction&)> work) = 0;

  // Presence: a lock that the kernel takes away when the process dies.
  /// Takes the peer's presence for this connection. False: another live connection has it.
  virtual bool hold_presence(PeerId peer) = 0;
  virtual void drop_presence(PeerId peer) noexcept = 0;
  /// True when any live connection, this one included, holds it.
  virtual bool is_present(PeerId peer) = 0;

  /// A number that is another one once the store has changed. Far cheaper than to look.
  virtual std::uint64_t change_count() = 0;

  /// Whether its views and transactions have jobs().
  virtual bool keeps_jobs() const noexcept { return false; }

  /// The largest content that append() takes, in bytes.
  virtual std::size_t max_content() const = 0;

  /// Called in a forked child: frees memory without touching what the parent still uses.
  virtual void abandon() noexcept = 0;
};

}  // namespace ipcm::storage
