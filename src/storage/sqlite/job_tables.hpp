// SPDX-License-Identifier: MIT
#pragma once

#include <functional>

#include <SQLiteCpp/Database.h>

#include "storage/jobs.hpp"
#include "storage/sqlite/message_table.hpp"
#include "storage/sqlite/statement.hpp"
#include "storage/sqlite/stats_table.hpp"

namespace ipcm::storage::sqlite {

/// The tables later, claims, workers, queue_settings, dedup_keys, schedules and dead. Who never uses jobs prepares none
/// of their statements, but for the look at what is due. Throws SQLite::Exception.
class JobTables : public Jobs {
 public:
  /// Gives the next message to an inbox its place, whose number is noted as given out.
  using GivePlace = std::function<Place(PeerId inbox, int priority)>;

  /// All must live longer.
  JobTables(SQLite::Database& database, MessageTable& messages, StatsTable& stats, GivePlace give_place);

  std::optional<QueueRow> find_queue(PeerId queue) override;
  void put_queue(const QueueRow& queue) override;
  std::optional<Place> append_later(PeerId inbox, const Parcel& parcel, std::optional<double> due,
                                    std::string_view schedule, std::optional<double> computed_at) override;
  bool has_later(PeerId inbox) override;
  bool has_due(PeerId inbox, double now) override;
  std::optional<double> next_due(PeerId inbox) override;
  void visit_due(PeerId inbox, double now, std::size_t limit, FunctionRef<bool(const LaterMessage&)> visit) override;
  void visit_later(PeerId inbox, FunctionRef<bool(const LaterMessage&)> visit) override;
  void visit_later_at(Place place, FunctionRef<bool(const LaterMessage&)> visit) override;
  void make_ready(Place place) override;
  void forget_due(Place place) override;
  void park(Place place) override;
  void remove_later(Place place) override;
  bool has_computed_after(double time) override;
  std::vector<EarlyDelay> computed_after(double time, std::size_t limit) override;
  void set_due(Place place, double due, std::optional<double> computed_at) override;
  std::vector<ScheduleRow> schedules() override;
  std::optional<ScheduleRow> find_schedule(std::string_view name) override;
  void put_schedule(const ScheduleRow& schedule) override;
  void remove_schedule(std::string_view name) override;
  std::string time_zone() override;
  void set_time_zone(std::string_view name) override;
  bool has_group(PeerId inbox, std::string_view group) override;
  bool has_claimed_of_group(PeerId inbox, std::string_view group) override;
  std::vector<Place> ready_of_group(PeerId inbox, std::string_view group) override;
  bool has_group_before(PeerId inbox, std::string_view group, Place place) override;
  std::optional<Waiting> first_later_of_group(PeerId inbox, std::string_view group) override;
  std::vector<WorkerRow> workers(PeerId inbox) override;
  std::optional<OwnWorker> find_worker(WorkerId worker, PeerId inbox, PeerId peer, std::int64_t epoch) override;
  std::vector<std::pair<PeerId, WorkerId>> workers_of(PeerId peer) override;
  WorkerId add_worker(PeerId inbox, PeerId peer, std::int64_t epoch) override;
  void set_first_lease_end(WorkerId worker, std::optional<double> lease_end) override;
  void lower_first_lease_end(WorkerId worker, double lease_end) override;
  void remove_worker(WorkerId worker) override;
  bool has_claims(PeerId inbox) override;
  JobCounts counts(PeerId inbox) override;
  void visit_claims(PeerId inbox, FunctionRef<bool(const ClaimedMessage&)> visit) override;
  bool extend(const ClaimKey& key, double lease_end) override;
  bool release(const ClaimKey& key, std::int64_t attempts) override;
  bool postpone(const ClaimKey& key, std::int64_t attempts, double due, double computed_at) override;
  bool remove_claim(const ClaimKey& key) override;
  bool remove_claims(const ClaimKey& first, Place last, std::size_t count) override;
  bool bury_claim(const ClaimKey& key, std::string_view reason, std::string_view worker) override;
  void settle(PeerId inbox, std::string_view sender, const Departed& departed) override;
  void visit_dead(PeerId recipient, std::int64_t after, FunctionRef<bool(const DeadMessage&)> visit) override;
  std::uint64_t count_dead(std::uint64_t most) override;
  std::int64_t last_dead() override;
  bool remove_dead(std::int64_t id) override;
  std::uint64_t count_kept_dedup(std::uint64_t most) override;
  std::optional<std::pair<double, PeerId>> last_kept_dedup() override;
  std::optional<DedupRow> find_dedup(PeerId inbox, std::string_view key) override;
  void put_dedup(PeerId inbox, std::string_view key, const DedupRow& row) override;
  void end_dedup(PeerId inbox, std::string_view key, double now) override;

  // --- beyond Jobs, for SqliteTransaction
  /// Copies a ready message to claims, as one more attempt.
  void claim(const StoredMessage& message, const ClaimTerms& terms);
  /// The same for many, whose places have nothing else between them.
  void claim(Place first, Place last, const ClaimTerms& terms);
  /// To be called at the begin of each transaction.
  void begin_anew() noexcept;
  /// How much content has left in this transaction.
  std::size_t& removed_bytes() noexcept { return removed_bytes_; }
  /// How much it has stored in these tables or moved between them.
  std::size_t added_bytes() const noexcept { return added_bytes_; }
  /// Whether it has stored messages for later that were sent.
  bool sends() const noexcept { return sends_; }
  /// The message at that place, if it is for later or claimed.
  std::optional<MessageId> id_at(Place place);
  /// Whether a message with that chosen id is in the inbox: ready, for later, or claimed.
  bool has_chosen_id(PeerId inbox, const MessageId& id);
  void remove_inbox(PeerId inbox);

 private:
  void visit_later(Use& select, FunctionRef<bool(const LaterMessage&)> visit);
  bool run_for(LazyStatement& statement, const ClaimKey& key);

  SQLite::Database& database_;
  MessageTable& messages_;
  StatsTable& stats_;
  GivePlace give_place_;
  std::size_t removed_bytes_ = 0;
  std::size_t added_bytes_ = 0;
  bool sends_ = false;

  LazyStatement find_queue_, put_queue_;
  LazyStatement insert_later_, has_later_, has_due_, next_due_, visit_due_, visit_later_, ready_from_later_,
      forget_due_, park_, remove_later_, has_computed_after_, computed_after_, set_due_;
  LazyStatement visit_later_at_, schedules_, find_schedule_, put_schedule_, remove_schedule_, time_zone_,
      set_time_zone_;
  LazyStatement has_claimed_of_group_, ready_of_group_, has_group_, has_group_before_, first_later_of_group_;
  LazyStatement workers_, find_worker_, workers_of_, add_worker_, set_first_lease_end_, lower_first_lease_end_,
      remove_worker_;
  LazyStatement claim_, claim_one_, has_claims_, counts_, visit_claims_, extend_, release_, postpone_, bury_;
  LazyStatement remove_claim_, count_claims_, remove_claims_;
  LazyStatement visit_dead_, visit_all_dead_, count_dead_, last_dead_, remove_dead_;
  LazyStatement find_dedup_, put_dedup_, forget_dedup_, end_dedup_, clear_dedup_, count_kept_dedup_, last_kept_dedup_;
  LazyStatement id_at_, chosen_, remove_inbox_later_, remove_inbox_claims_, remove_inbox_workers_, remove_inbox_dedup_,
      remove_inbox_queue_, remove_inbox_schedules_, remove_inbox_dead_;
};

}  // namespace ipcm::storage::sqlite
