// SPDX-License-Identifier: MIT
// What a store does for jobs: messages that are not ready yet, that somebody has claimed, that died; and the settings
// of queues. Like the rest of a store it moves rows and decides nothing: src/client/job_rules.hpp does.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "storage/store.hpp"

namespace ipcm::storage {

struct QueueRow {
  PeerId id = 0;
  bool paused = false;
  std::int64_t max_attempts = 0;  ///< 0: any number
  bool exponential = false;       ///< the back-off doubles with each attempt
  // In seconds.
  double retry_delay = 0;
  double max_retry_delay = 0;
  double dedup_window = 0;
};

struct WorkerRow {
  WorkerId id = 0;
  PeerId peer = 0;
  std::int64_t epoch = 0;
  std::optional<std::int64_t> epoch_of_peer;  ///< which that peer has now; nothing: it was forgotten
  std::string peer_name;
  std::optional<double> first_lease_end;  ///< no lease of its claims ends before; seconds since the machine's start
};

/// What a worker has to know of itself before each claim.
struct OwnWorker {
  WorkerId id = 0;
  std::optional<double> first_lease_end{};
  bool paused = false;  ///< its queue is
};

/// Which message, claimed by whom, in which of its calls.
struct ClaimKey {
  Place place = 0;
  WorkerId worker = 0;
  std::int64_t call = 0;
};

struct ClaimedMessage {
  StoredMessage message;
  ClaimKey key;
  double claimed_at = 0;  ///< seconds since 1970
  double lease_end = 0;   ///< seconds since the machine's start
};

struct LaterMessage {
  StoredMessage message;
  std::optional<double> due;  ///< seconds since 1970; nothing: it waits for the one of its group before it
  std::string_view schedule;  ///< empty: none
};

/// A message for later whose time was computed when the clock was ahead.
struct EarlyDelay {
  PeerId inbox = 0;
  Place place = 0;
  double due = 0;          ///< seconds since 1970, as the next one
  double computed_at = 0;  ///< when it was computed, by the clock of then
  std::string schedule;    ///< empty: none
};

struct DeadMessage {
  std::int64_t id = 0;
  PeerId recipient = 0;
  StoredMessage message;
  std::string_view reason;
  double died_at = 0;       ///< seconds since 1970
  std::string_view worker;  ///< who claimed it last; empty: nobody
};

struct JobCounts {
  std::uint64_t ready = 0;
  std::uint64_t later = 0;
  std::uint64_t claimed = 0;
  std::uint64_t dead = 0;
};

/// How many messages of one sender left an inbox, and how.
struct Departed {
  std::int64_t read = 0;
  std::int64_t dead = 0;
  std::int64_t expired = 0;
  std::size_t bytes = 0;  ///< of content, so that the store can give back the space
};

/// Messages that come again and again. The next one of each is for later, at `place`.
struct ScheduleRow {
  enum class Missed { once, all, skip };

  std::string name;
  PeerId recipient = 0;
  std::string recurrence;
  double anchor = 0;  ///< seconds since 1970
  Missed missed = Missed::once;
  Place place = 0;
};

/// What a dedup_key stands for.
struct DedupRow {
  MessageId id;       ///< of the message that was sent with it
  double until = 0;   ///< seconds since 1970
  bool held = false;  ///< that message is still there
};

/// Lives as long as the view or transaction that it is of.
class Jobs {
 public:
  virtual ~Jobs() = default;

  // --- queues
  virtual std::optional<QueueRow> find_queue(PeerId queue) = 0;
  virtual void put_queue(const QueueRow& queue) = 0;

  // --- messages for later
  /// As Transaction::append(), but it is not ready. Returns its place; nothing where append() would return false.
  /// `computed_at`: when a schedule's `due` was computed; nullopt for a time that was given.
  virtual std::optional<Place> append_later(PeerId inbox, const Parcel& parcel, std::optional<double> due,
                                            std::string_view schedule, std::optional<double> computed_at) = 0;
  virtual bool has_later(PeerId inbox) = 0;
  virtual bool has_due(PeerId inbox, double now) = 0;
  /// When the next one is due.
  virtual std::optional<double> next_due(PeerId inbox) = 0;
  /// Those that are due, the longest overdue first. May not be changed meanwhile, as with all that is visited, but for
  /// visit_later_at().
  virtual void visit_due(PeerId inbox, double now, std::size_t limit, FunctionRef<bool(const LaterMessage&)> visit) = 0;
  /// All, in the order of their places.
  virtual void visit_later(PeerId inbox, FunctionRef<bool(const LaterMessage&)> visit) = 0;
  /// The one at that place, if it is there. What is for later may be added to meanwhile.
  virtual void visit_later_at(Place place, FunctionRef<bool(const LaterMessage&)> visit) = 0;
  /// From later to ready.
  virtual void make_ready(Place place) = 0;
  /// From now on it waits for its group, not for a time.
  virtual void forget_due(Place place) = 0;
  /// From ready to later, where it waits for its group.
  virtual void park(Place place) = 0;
  virtual void remove_later(Place place) = 0;
  /// Whether any message for later, of any inbox, has a time that was computed after `time`.
  virtual bool has_computed_after(double time) = 0;
  /// At most `limit` of these, the latest first.
  virtual std::vector<EarlyDelay> computed_after(double time, std::size_t limit) = 0;
  /// nullopt: the time was given.
  virtual void set_due(Place place, double due, std::optional<double> computed_at) = 0;

  // --- schedules
  virtual std::vector<ScheduleRow> schedules() = 0;  ///< by name
  virtual std::optional<ScheduleRow> find_schedule(std::string_view name) = 0;
  virtual void put_schedule(const ScheduleRow& schedule) = 0;
  virtual void remove_schedule(std::string_view name) = 0;
  /// The name of the zone that all of them go by.
  virtual std::string time_zone() = 0;
  virtual void set_time_zone(std::string_view name) = 0;

  // --- groups
  /// Whether any message of the group is there.
  virtual bool has_group(PeerId inbox, std::string_view group) = 0;
  virtual bool has_claimed_of_group(PeerId inbox, std::string_view group) = 0;
  /// In the order of places.
  virtual std::vector<Place> ready_of_group(PeerId inbox, std::string_view group) = 0;
  /// Whether one of the group is ready or claimed, or stands for later before that place.
  virtual bool has_group_before(PeerId inbox, std::string_view group, Place place) = 0;
  struct Waiting {
    Place place = 0;
    std::optional<double> due;
  };
  /// The first one of the group that is for later.
  virtual std::optional<Waiting> first_later_of_group(PeerId inbox, std::string_view group) = 0;

  // --- claims
  virtual std::vector<WorkerRow> workers(PeerId inbox) = 0;
  /// Nothing: it is not there any more, or is somebody else's.
  virtual std::optional<OwnWorker> find_worker(WorkerId worker, PeerId inbox, PeerId peer, std::int64_t epoch) = 0;
  /// Where that peer is a worker, and as which.
  virtual std::vector<std::pair<PeerId, WorkerId>> workers_of(PeerId peer) = 0;
  virtual WorkerId add_worker(PeerId inbox, PeerId peer, std::int64_t epoch) = 0;
  virtual void set_first_lease_end(WorkerId worker, std::optional<double> lease_end) = 0;
  /// Sets it where it is later, or nothing.
  virtual void lower_first_lease_end(WorkerId worker, double lease_end) = 0;
  virtual void remove_worker(WorkerId worker) = 0;
  virtual bool has_claims(PeerId inbox) = 0;
  virtual JobCounts counts(PeerId inbox) = 0;
  /// All claims on that inbox, in the order of their places.
  virtual void visit_claims(PeerId inbox, FunctionRef<bool(const ClaimedMessage&)> visit) = 0;
  // What follows does nothing and returns false where the claim is not there any more.
  virtual bool extend(const ClaimKey& key, double lease_end) = 0;
  /// Back to its place.
  virtual bool release(const ClaimKey& key, std::int64_t attempts) = 0;
  virtual bool postpone(const ClaimKey& key, std::int64_t attempts, double due, double computed_at) = 0;
  /// Out of the inbox: whoever calls counts it.
  virtual bool remove_claim(const ClaimKey& key) = 0;
  /// All of one call whose places are in a range, if there are `count` of them. False: there are fewer, and nothing
  /// has happened.
  virtual bool remove_claims(const ClaimKey& first, Place last, std::size_t count) = 0;
  /// As remove_claim(), but it becomes a dead letter.
  virtual bool bury_claim(const ClaimKey& key, std::string_view reason, std::string_view worker) = 0;

  /// Counts messages that left the inbox.
  virtual void settle(PeerId inbox, std::string_view sender, const Departed& departed) = 0;

  // --- dead letters
  /// With ids above `after`, in the order of these. `recipient` 0: of all inboxes.
  virtual void visit_dead(PeerId recipient, std::int64_t after, FunctionRef<bool(const DeadMessage&)> visit) = 0;
  /// How many there are, `most` if there are more: the same effort however many.
  virtual std::uint64_t count_dead(std::uint64_t most) = 0;
  /// The highest id; 0: there are none.
  virtual std::int64_t last_dead() = 0;
  virtual bool remove_dead(std::int64_t id) = 0;

  // --- deduplication
  /// How many keys are kept although their messages have left, `most` if there are more.
  virtual std::uint64_t count_kept_dedup(std::uint64_t most) = 0;
  /// Until when the last of these is kept, in seconds since 1970, and of which inbox that is.
  virtual std::optional<std::pair<double, PeerId>> last_kept_dedup() = 0;
  virtual std::optional<DedupRow> find_dedup(PeerId inbox, std::string_view key) = 0;
  virtual void put_dedup(PeerId inbox, std::string_view key, const DedupRow& row) = 0;
  /// The message of that key has left; forgets the key once its time is over.
  virtual void end_dedup(PeerId inbox, std::string_view key, double now) = 0;
};

}  // namespace ipcm::storage
