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
#include <vector>

#include "core/function_ref.hpp"
#include "core/message_id.hpp"

namespace ipcm::storage {

using PeerId = std::int64_t;

/// Where a message stands in its recipient's inbox: messages are taken in the order of their places.
/// Opaque above the store, but that a later send has a greater place.
using Place = std::int64_t;

/// What was last written about a peer. Whether an `active` one still lives is asked of Store::is_present().
enum class RecordedState { active, suspended, disconnected };

struct PeerRow {
  PeerId id = 0;
  std::string name;
  RecordedState state = RecordedState::suspended;
  std::optional<int> pid;
  std::optional<std::int64_t> pid_started;  ///< clock ticks after boot, as in /proc/PID/stat
  std::string host;
  std::optional<double> suspend_expires;  ///< seconds since 1970
  std::int64_t epoch = 0;                 ///< how many times it was connected
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

/// Counts of one pair of names. sent = read + dead + held in the inbox.
struct PairCount {
  std::string sender;
  std::string recipient;
  std::uint64_t sent = 0;
  std::uint64_t read = 0;
  std::uint64_t dead = 0;
  std::uint64_t queued = 0;
};

/// Shows one message; false stops.
using Visitor = FunctionRef<bool(const StoredMessage&)>;
/// Judges one message that is being taken: nothing, and it counts as read; a reason, and it is set aside as dead.
using Judge = FunctionRef<std::optional<std::string>(const StoredMessage&)>;

/// One consistent view of the store. Lives inside Store::read() or Store::write() only.
class Snapshot {
 public:
  virtual ~Snapshot() = default;

  virtual std::optional<PeerRow> find_peer(std::string_view name) = 0;
  virtual std::vector<PeerRow> peers() = 0;  ///< sorted by name
  virtual bool has_mail(PeerId inbox) = 0;
  /// In the order of places, from the first.
  virtual void peek(PeerId inbox, std::size_t limit, Visitor visit) = 0;
  /// The first message in the inbox with that correlation id and without a reply_to. Fast however full the inbox is.
  virtual std::optional<Standing> find_reply(PeerId inbox, std::string_view correlation_id) = 0;
  virtual std::vector<PairCount> counts() = 0;
};

/// A transaction that may write: all of it happens, or nothing.
class Transaction : public Snapshot {
 public:
  /// Runs `work` as a part of the transaction: what it changed is undone when it throws, and the rest stands.
  virtual void attempt(FunctionRef<void()> work) = 0;

  /// Makes a peer, suspended as nobody is connected under it yet. Throws Error(RouteFull) when there are too many.
  virtual PeerRow insert_peer(std::string_view name) = 0;
  /// Writes everything but id and name.
  virtual void update_peer(const PeerRow& peer) = 0;
  /// Removes the peer with its mail, its dead letters and the counts of its inbox.
  virtual void forget_peer(const PeerRow& peer) = 0;

  /// Appends at the end of the inbox. False: a message with the same chosen id is in that inbox.
  virtual bool append(PeerId inbox, const Parcel& parcel) = 0;

  /// Puts back what was taken from the inbox: at its place, or at the front where no place is known. False: it, or one
  /// with its chosen id, is there already.
  virtual bool put_back(const PeerRow& inbox, std::optional<Place> place, const Parcel& parcel) = 0;

  /// Takes from the front; returns how many were taken, dead ones included.
  virtual std::size_t take(const PeerRow& inbox, std::size_t limit, Judge judge) = 0;

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
  virtual void write(FunctionRef<void(Transaction&)> work) = 0;

  // Presence: a lock that the kernel takes away when the process dies.
  /// Takes the peer's presence for this connection. False: another live connection has it.
  virtual bool hold_presence(PeerId peer) = 0;
  virtual void drop_presence(PeerId peer) noexcept = 0;
  /// True when any live connection, this one included, holds it.
  virtual bool is_present(PeerId peer) = 0;

  /// A number that is another one once the store has changed. Far cheaper than to look.
  virtual std::uint64_t change_count() = 0;

  /// The largest content that append() takes, in bytes.
  virtual std::size_t max_content() const = 0;

  /// Called in a forked child: frees memory without touching what the parent still uses.
  virtual void abandon() noexcept = 0;
};

}  // namespace ipcm::storage
