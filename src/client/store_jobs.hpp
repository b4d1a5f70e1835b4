// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <map>
#include <set>
#include <vector>

#include "client/job_endpoint.hpp"
#include "client/job_rules.hpp"
#include "client/store_endpoint.hpp"

namespace ipcm {

/// Jobs over a store. A part of its endpoint, whose turns and waiting it shares.
class StoreJobs : public JobEndpoint {
 public:
  explicit StoreJobs(StoreEndpoint& endpoint) : endpoint_(endpoint) {}

  std::vector<ClaimTicket> claim(std::string_view queue, const ClaimOptions& options) override;
  void run(std::span<JobStep> steps, bool all_or_none) override;
  bool create_queue(std::string_view name, const QueueSettings& settings) override;
  QueueSettings queue_settings(std::string_view queue) override;
  void change_queue(std::string_view queue, FunctionRef<void(QueueSettings&)> change) override;
  std::vector<QueueInfo> queues() override;
  std::vector<JobInfo> jobs(std::string_view inbox, std::size_t limit) override;
  std::vector<DeadLetter> dead_letters(std::string_view inbox, std::int64_t after, std::size_t limit) override;
  std::size_t promote_delayed(std::string_view inbox, std::span<const std::string> ids) override;
  std::size_t replay(std::span<const std::int64_t> letters) override;
  std::size_t purge(std::span<const std::int64_t> letters) override;
  void add_schedule(std::string_view name, std::string_view recurrence, const Message& message, Missed missed) override;
  std::vector<Schedule> schedules() override;
  bool remove_schedule(std::string_view name) override;
  std::string time_zone() override;
  void set_time_zone(std::string_view name) override;

  // --- for the endpoint

  /// If the clock may have been set back since the last call, or this is the first one: computes again what was
  /// computed by a clock that was ahead. Costs a look at two clocks else. Not to be called within a transaction.
  void check_clock();

  // --- for the endpoint, when it is this thread's turn

  /// In the transaction in which the client leaves: what it holds is ready again.
  void release_all(storage::Transaction& transaction, std::set<storage::PeerId>& readers);
  /// In the transaction in which a peer that is not connected is forgotten: what it held is ready again.
  void release_all_of(storage::Transaction& transaction, storage::PeerId peer, std::set<storage::PeerId>& readers);
  /// Takes their claims on that inbox away from workers that are gone, and those whose lease has run out. True when
  /// anything is ready again.
  bool bring_back(storage::Transaction& transaction, storage::PeerId inbox);
  /// What will be in an inbox that has nothing ready.
  struct Outlook {
    bool comes_back = false;                               ///< bring_back() is worth trying
    std::optional<platform::MonotonicTime> next_change{};  ///< when something in it changes by itself
  };
  Outlook outlook(storage::Snapshot& view, storage::PeerId inbox);
  /// Who is to be woken for what is in that inbox.
  static void add_readers(storage::Snapshot& view, storage::PeerId inbox, std::set<storage::PeerId>& readers);

 private:
  // Whoever has come this far has asked Store::keeps_jobs().
  static storage::Jobs& jobs_of(storage::Snapshot& view) { return *view.jobs(); }
  struct Look;
  storage::PeerRow find_queue(storage::Snapshot& view, std::string_view name) const;
  storage::PeerRow find_inbox(storage::Snapshot& view, std::string_view name) const;
  bool is_alive(const storage::WorkerRow& worker) const;
  bool is_claimable(storage::Snapshot& view, Look& look);
  void watch_workers(storage::Snapshot& view, storage::PeerId inbox, Look& look);
  std::vector<ClaimTicket> try_claim(std::string_view queue, const ClaimOptions& options);
  struct Enlisted {
    storage::PeerRow inbox;
    storage::WorkerId worker = 0;
  };
  void enlist(std::string_view queue, Enlisted worker);
  std::pair<storage::PeerRow, storage::OwnWorker> own_worker(storage::Transaction& transaction,
                                                             std::string_view queue) const;
  std::vector<ClaimTicket> take_claims(storage::Transaction& transaction, JobRules& rules,
                                       const storage::PeerRow& inbox, const storage::OwnWorker& self,
                                       const ClaimOptions& options);
  void settle(JobRules& rules, Settlement& step, bool all_or_none);
  std::size_t settle_run(JobRules& rules, std::span<JobStep> steps);
  void wake(const std::set<storage::PeerId>& readers) noexcept;
  /// check_clock() before something is shown, which needs no right to write.
  void check_clock_if_writable();

  StoreEndpoint& endpoint_;
  static constexpr double kNeverChecked = 1e300;
  std::atomic<double> clock_offset_ = kNeverChecked;  // what the wall clock had more than the uptime, when last checked
  // Guarded by the endpoint's turn:
  std::map<std::string, Enlisted, std::less<>> enlisted_;  // by queue; "": the client's own inbox
  std::int64_t calls_ = 0;
  std::map<storage::PeerId, std::chrono::steady_clock::time_point> next_roll_calls_;  // by inbox
};

}  // namespace ipcm
