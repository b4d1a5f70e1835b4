// SPDX-License-Identifier: MIT
// What jobs mean: when a message is ready, who may have it, what ends its life. Written once, over any store that keeps
// jobs, and inside one transaction of it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ipcm/queue.hpp>

#include "client/parcels.hpp"
#include "core/function_ref.hpp"
#include "core/time_zone.hpp"
#include "storage/jobs.hpp"
#include "storage/store.hpp"

namespace ipcm {

/// Whether it is not to be delivered any more. `now` in seconds since 1970.
bool is_expired(const storage::StoredMessage& message, double now) noexcept;

/// The two clocks of jobs.
struct JobTime {
  double now = 0;     ///< seconds since 1970: when messages are due and expire
  double uptime = 0;  ///< seconds since the machine's start: when leases end
};

/// What counts of a message that is claimed. The views belong to whoever made it.
struct HeldMessage {
  std::string_view sender;
  std::int64_t attempts = 0;
  std::optional<std::int64_t> max_attempts{};
  std::string_view group_key{};
  std::string_view dedup_key{};
  std::size_t bytes = 0;  ///< of content
};

/// The rules for one transaction. A message that is read, dead or expired has departed; whoever makes it depart says so
/// to depart(), and calls finish() before the transaction ends.
class JobRules {
 public:
  JobRules(storage::Transaction& transaction, storage::Jobs& jobs, JobTime time)
      : transaction_(transaction), jobs_(jobs), time_(time) {}

  const JobTime& time() const noexcept { return time_; }

  struct Posted {
    bool stored = true;
    /// Where it was not: the message that has its dedup_key. Else its chosen id is in the inbox already.
    std::optional<MessageId> first{};
  };
  /// Puts a message into an inbox: ready, or for later.
  Posted post(storage::PeerId inbox, const storage::Parcel& parcel, std::optional<double> deliver_at);
  /// Puts a dead letter into its inbox as if it had just been sent, but for its time to live; no dedup_key stands in
  /// its way. False: its chosen id is in the inbox already.
  bool post_again(storage::PeerId inbox, storage::Parcel parcel);

  /// Puts back what was taken for good from the inbox: as Transaction::put_back(), and it has its dedup_key again,
  /// unless another message has it, and its turn in its group.
  bool put_back(const storage::PeerRow& inbox, std::optional<storage::Place> place, storage::Parcel parcel);

  /// Moves what is due to its place among the ready, some 1000 at a time, and puts the next ones of schedules into
  /// later. True when anything became ready.
  bool bring_due(storage::PeerId inbox);

  /// What `computed_at` may be ahead of the clock: for less, nothing is computed again.
  static constexpr double kClockTolerance = 60;  // seconds
  /// Computes again what was computed while the clock was ahead of what it is now: back-offs and delays of released
  /// jobs, and the next times of schedules, of all inboxes, some 1000 at a time. Returns whether anything changed.
  bool compute_again();
  /// Makes what is for later ready now: those with these ids, or all if there are none, but for the next messages of
  /// schedules and what waits for its group. Returns how many.
  std::size_t promote_delayed(storage::PeerId inbox, std::span<const std::string> ids);

  /// Makes a schedule, or makes it anew, whose messages are like `parcel`. False: it never comes.
  bool put_schedule(storage::ScheduleRow schedule, const storage::Parcel& parcel);
  /// Removes it with its next message, which counts as expired. False: there was none.
  bool remove_schedule(std::string_view name);
  /// The clock by which it goes is another one now: moves its next message, unless that is due already.
  void reschedule(storage::ScheduleRow schedule);

  /// Whether that worker can still settle what it claimed.
  using IsAlive = FunctionRef<bool(const storage::WorkerRow&)>;
  /// Takes their claims away from workers that are gone, and from others those whose lease has run out.
  bool bring_back(storage::PeerId inbox, const std::vector<storage::WorkerRow>& workers, IsAlive is_alive);

  /// A message with these keys has left, and the books say so.
  void depart(storage::PeerId inbox, std::string_view group_key, std::string_view dedup_key);
  /// The same for one that was claimed, with its place in the books.
  void depart(storage::PeerId inbox, const HeldMessage& message, const storage::Departed& how);
  /// Lets those that waited for what has departed be ready. True when anything became so.
  bool finish();

  // What becomes of a claim. False: it is not there any more.
  bool ack(storage::PeerId inbox, const storage::ClaimKey& key, const HeldMessage& message);
  /// All of one call whose places are in a range, which are these. False: not all are there, and nothing has happened.
  bool ack(storage::PeerId inbox, const storage::ClaimKey& first, storage::Place last,
           const std::vector<HeldMessage>& messages);
  /// Not counted as an attempt. `delay` in seconds.
  bool release(storage::PeerId inbox, const storage::ClaimKey& key, const HeldMessage& message, double delay);
  bool kill(storage::PeerId inbox, const storage::ClaimKey& key, const HeldMessage& message, std::string_view reason,
            std::string_view worker);
  struct Failed {
    bool held = true;
    bool is_dead = false;
  };
  /// Dead, or ready again once the back-off is over.
  Failed fail(storage::PeerId inbox, const storage::ClaimKey& key, const HeldMessage& message, std::string_view reason,
              std::string_view worker);
  /// `lease` in seconds from now.
  bool extend(const storage::ClaimKey& key, double lease);
  /// All claims of a worker that leaves, and the worker.
  void release_all(storage::PeerId inbox, storage::WorkerId worker);

  /// The inboxes in which something became ready.
  const std::set<storage::PeerId>& woken() const noexcept { return woken_; }

 private:
  struct Departure {
    storage::PeerId inbox = 0;
    std::string group_key{};
    std::string dedup_key{};
  };
  struct Due;
  struct Next;
  struct Returned;
  bool move(storage::PeerId inbox, const Due& due);
  bool compute_again(const storage::ScheduleRow& schedule, double computed_at);
  bool fire(storage::PeerId inbox, const Due& due);
  std::optional<double> next_of(const storage::ScheduleRow& schedule, double after);
  std::optional<storage::Place> append_next(const storage::ScheduleRow& schedule, storage::Parcel parcel,
                                            double counted_from, double due);
  void drop_next(const storage::ScheduleRow& schedule, const Next& next);
  TimeZone zone();
  bool give_back(storage::PeerId inbox, const std::vector<Returned>& claims);
  bool store(storage::PeerId inbox, const storage::Parcel& parcel, std::optional<double> deliver_at);
  bool promote(storage::PeerId inbox, std::string_view group);
  void keep_one_of_group(storage::PeerId inbox, std::string_view group);
  bool postpone(storage::PeerId inbox, const storage::ClaimKey& key, const HeldMessage& message, std::int64_t attempts,
                double delay);
  /// The queue's; the defaults for the inbox of a peer.
  const storage::QueueRow& settings(storage::PeerId inbox);
  std::int64_t max_attempts(storage::PeerId inbox, const HeldMessage& message);
  double backoff(storage::PeerId inbox, std::int64_t attempts);

  storage::Transaction& transaction_;
  storage::Jobs& jobs_;
  JobTime time_;
  std::vector<Departure> departures_;
  std::map<std::pair<storage::PeerId, std::string>, storage::Departed> books_;
  std::map<storage::PeerId, storage::QueueRow> settings_;
  std::set<storage::PeerId> woken_;
};

storage::QueueRow row_of(storage::PeerId queue, const QueueSettings& settings);
QueueSettings settings_of(const storage::QueueRow& row);

}  // namespace ipcm
