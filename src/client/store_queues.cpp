// SPDX-License-Identifier: MIT
// Queues, what is in them, and dead letters.
#include <algorithm>

#include "client/parcels.hpp"
#include "client/peer_state.hpp"
#include "client/store_jobs.hpp"
#include "core/names.hpp"
#include "platform/uptime.hpp"

namespace ipcm {
namespace {

using storage::PeerId;
using storage::PeerRow;

void check(const QueueSettings& settings) {
  const auto zero = std::chrono::milliseconds::zero();
  if (settings.max_attempts < 0 || settings.retry_delay < zero || settings.max_retry_delay < zero ||
      settings.dedup_window < zero) {
    throw Error(ErrorCode::InvalidArgument, "the settings of a queue are numbers from 0 on.");
  }
}

}  // namespace

// --- queues ----------------------------------------------------------------------------------------------------------

bool StoreJobs::create_queue(std::string_view name, const QueueSettings& settings) {
  check_name(name);
  check(settings);
  bool created = false;
  endpoint_.write([&](storage::Transaction& transaction) {
    storage::Jobs& jobs = jobs_of(transaction);
    const std::optional<PeerRow> found = transaction.find_peer(name);
    created = !found;
    if (found && !found->is_queue) {
      throw Error(ErrorCode::NameInUse, "cannot make the queue " + in_quotes(name) + " on " + endpoint_.route() +
                                            ": a peer has that name. Choose another one, or `ipcm forget` the peer.");
    }
    if (created) jobs.put_queue(row_of(transaction.insert_peer(name, true).id, settings));
  });
  if (created) endpoint_.waiting_->notifier().announce();
  return created;
}

QueueSettings StoreJobs::queue_settings(std::string_view queue) {
  QueueSettings settings;
  endpoint_.read([&](storage::Snapshot& view) {
    storage::Jobs& jobs = jobs_of(view);
    const std::optional<storage::QueueRow> row = jobs.find_queue(find_queue(view, queue).id);
    settings = row ? settings_of(*row) : QueueSettings();
  });
  return settings;
}

void StoreJobs::change_queue(std::string_view queue, FunctionRef<void(QueueSettings&)> change) {
  std::set<PeerId> readers;
  endpoint_.write([&](storage::Transaction& transaction) {
    storage::Jobs& jobs = jobs_of(transaction);
    const PeerId id = find_queue(transaction, queue).id;
    const std::optional<storage::QueueRow> row = jobs.find_queue(id);
    QueueSettings settings = row ? settings_of(*row) : QueueSettings();
    change(settings);
    check(settings);
    jobs.put_queue(row_of(id, settings));
    add_readers(transaction, id, readers);  // it may have been resumed
  });
  wake(readers);
}

std::vector<QueueInfo> StoreJobs::queues() {
  std::vector<QueueInfo> all;
  endpoint_.read([&](storage::Snapshot& view) {
    all.clear();
    storage::Jobs& jobs = jobs_of(view);
    for (const PeerRow& peer : view.peers()) {
      if (!peer.is_queue) continue;
      QueueInfo& info = all.emplace_back();
      info.name = peer.name;
      if (const auto row = jobs.find_queue(peer.id)) info.settings = settings_of(*row);
      const storage::JobCounts counts = jobs.counts(peer.id);
      info.ready = counts.ready;
      info.scheduled = counts.later;
      info.in_flight = counts.claimed;
      info.dead = counts.dead;
      for (const storage::WorkerRow& worker : jobs.workers(peer.id)) info.workers += is_alive(worker) ? 1 : 0;
    }
  });
  return all;
}

std::vector<JobInfo> StoreJobs::jobs(std::string_view inbox, std::size_t limit) {
  std::vector<JobInfo> all;
  check_clock_if_writable();
  endpoint_.read([&](storage::Snapshot& view) {
    all.clear();
    storage::Jobs& jobs = jobs_of(view);
    const std::vector<PeerRow> inboxes = inbox.empty() ? view.peers() : std::vector{find_inbox(view, inbox)};
    const auto add = [&](const PeerRow& peer, const storage::StoredMessage& message) {
      if (all.size() >= limit || decoding_problem(message)) return static_cast<JobInfo*>(nullptr);
      JobInfo& info = all.emplace_back();
      info.message = unpack(message, peer.name);
      return &info;
    };
    for (const PeerRow& peer : inboxes) {
      std::map<storage::WorkerId, storage::WorkerRow> workers;
      for (storage::WorkerRow& row : jobs.workers(peer.id)) workers.emplace(row.id, std::move(row));
      const double uptime = platform::uptime();
      jobs.visit_claims(peer.id, [&](const storage::ClaimedMessage& claim) {
        if (JobInfo* info = add(peer, claim.message)) {
          info->state = JobInfo::State::in_flight;
          const auto worker = workers.find(claim.key.worker);
          if (worker != workers.end()) {
            info->worker = worker->second.peer_name;
            info->worker_lives = is_alive(worker->second);
          }
          info->claimed_at = claim.claimed_at;
          const std::chrono::duration<double> left(std::clamp(claim.lease_end - uptime, -1e9, 1e9));
          info->lease_left = std::chrono::duration_cast<std::chrono::milliseconds>(left);
        }
        return all.size() < limit;
      });
      view.peek(peer.id, limit - all.size(), [&](const storage::StoredMessage& message) {
        add(peer, message);
        return all.size() < limit;
      });
      jobs.visit_later(peer.id, [&](const storage::LaterMessage& later) {
        if (JobInfo* info = add(peer, later.message)) {
          info->state = JobInfo::State::scheduled;
          info->due = later.due;
          info->schedule = later.schedule;
        }
        return all.size() < limit;
      });
      if (all.size() >= limit) break;
    }
  });
  return all;
}

std::size_t StoreJobs::promote_delayed(std::string_view inbox, std::span<const std::string> ids) {
  std::size_t promoted = 0;
  std::set<PeerId> readers;
  endpoint_.write([&](storage::Transaction& transaction) {
    readers.clear();
    JobRules rules(transaction, jobs_of(transaction), {endpoint_.now(), platform::uptime()});
    promoted = rules.promote_delayed(find_inbox(transaction, inbox).id, ids);
    for (const PeerId woken : rules.woken()) add_readers(transaction, woken, readers);
  });
  wake(readers);
  return promoted;
}

// --- dead letters ----------------------------------------------------------------------------------------------------

std::vector<DeadLetter> StoreJobs::dead_letters(std::string_view inbox, std::int64_t after, std::size_t limit) {
  std::vector<DeadLetter> letters;
  if (limit == 0) return letters;
  endpoint_.read([&](storage::Snapshot& view) {
    letters.clear();
    storage::Jobs& jobs = jobs_of(view);
    std::map<PeerId, std::string> names;
    for (const PeerRow& peer : view.peers()) names.emplace(peer.id, peer.name);
    const PeerId recipient = inbox.empty() ? 0 : find_inbox(view, inbox).id;
    jobs.visit_dead(recipient, after, [&](const storage::DeadMessage& dead) {
      letters.push_back({dead.id, unpack_dead(dead.message, names[dead.recipient]), std::string(dead.reason),
                         dead.died_at, std::string(dead.worker)});
      return letters.size() < limit;
    });
  });
  return letters;
}

std::size_t StoreJobs::replay(std::span<const std::int64_t> letters) {
  std::size_t replayed = 0;
  std::set<PeerId> readers;
  endpoint_.write([&](storage::Transaction& transaction) {
    replayed = 0;
    readers.clear();
    storage::Jobs& jobs = jobs_of(transaction);
    JobRules rules(transaction, jobs, {endpoint_.now(), platform::uptime()});
    std::map<PeerId, PeerRow> inboxes;
    for (PeerRow& peer : transaction.peers()) inboxes.emplace(peer.id, std::move(peer));
    for (const std::int64_t letter : letters) {
      jobs.visit_dead(0, letter - 1, [&](const storage::DeadMessage& dead) {
        if (dead.id != letter) return false;
        const auto inbox = inboxes.find(dead.recipient);
        const std::optional<PeerRow> peer = inbox == inboxes.end() ? std::nullopt : std::optional(inbox->second);
        const std::string name = peer ? peer->name : "a peer that was forgotten";
        if (auto refused = refusal(name, peer, endpoint_.now(), endpoint_.route())) throw Error(*refused);
        if (!rules.post_again(dead.recipient, dead.message.parcel)) {
          throw Error(ErrorCode::DuplicateMessage, "cannot replay the dead letter " + std::to_string(letter) +
                                                       ": a message with its id is held for " + in_quotes(name) +
                                                       " already.");
        }
        add_readers(transaction, dead.recipient, readers);
        ++replayed;
        return false;
      });
      jobs.remove_dead(letter);
    }
  });
  wake(readers);
  return replayed;
}

std::size_t StoreJobs::purge(std::span<const std::int64_t> letters) {
  std::size_t purged = 0;
  endpoint_.write([&](storage::Transaction& transaction) {
    purged = 0;
    for (const std::int64_t letter : letters) purged += jobs_of(transaction).remove_dead(letter) ? 1 : 0;
  });
  return purged;
}

}  // namespace ipcm
