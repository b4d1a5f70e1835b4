// SPDX-License-Identifier: MIT
#include "client/examine_jobs.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include <ipcm/error.hpp>

#include "core/names.hpp"
#include "core/time_zone.hpp"
#include "core/utc_text.hpp"

namespace ipcm {
namespace {

using storage::Jobs;
using storage::PeerRow;
using storage::WorkerId;
using storage::WorkerRow;

// What is due for longer than this nobody looks for.
constexpr double kOverdueAfter = 60;

struct Claims {
  std::uint64_t of_dead = 0;
  std::uint64_t overdue = 0;
  std::set<std::string> hanging;  // the live workers whose leases have run out
};

std::string jobs_text(std::uint64_t number) {
  return std::to_string(number) + (number == 1 ? " job" : " jobs");
}

bool is_alive(storage::Store& store, const WorkerRow& worker) {
  return worker.epoch_of_peer == worker.epoch && store.is_present(worker.peer);
}

Claims claims_of(storage::Store& store, Jobs& jobs, storage::PeerId inbox, const std::vector<WorkerRow>& workers,
                 double uptime) {
  Claims claims;
  const auto is_in_order = [&](const WorkerRow& worker) {
    return is_alive(store, worker) && (!worker.first_lease_end || *worker.first_lease_end > uptime);
  };
  if (std::ranges::all_of(workers, is_in_order)) return claims;  // no need to read what they have claimed
  jobs.visit_claims(inbox, [&](const storage::ClaimedMessage& claimed) {
    const auto worker = std::ranges::find(workers, claimed.key.worker, &WorkerRow::id);
    if (worker == workers.end() || !is_alive(store, *worker)) {
      ++claims.of_dead;
    } else if (claimed.lease_end <= uptime) {
      ++claims.overdue;
      claims.hanging.insert(in_quotes(worker->peer_name));
    }
    return true;
  });
  return claims;
}

void tell_of_claims(const std::string& whose, const Claims& claims, Findings& findings) {
  if (claims.of_dead > 0) {
    findings.note("claims",
                  jobs_text(claims.of_dead) + " of " + whose + (claims.of_dead == 1 ? " is" : " are") +
                      " still claimed by workers that have died.",
                  "Nothing: whoever claims next gets them.");
  }
  if (claims.overdue == 0) return;
  std::string names;
  for (const std::string& name : claims.hanging) names += (names.empty() ? "" : ", ") + name;
  findings.warning("claims",
                   "the leases of " + jobs_text(claims.overdue) + " of " + whose + " have run out, though " + names +
                       " lives: it hangs, or its leases are too short.",
                   "See what it does. Whoever claims next gets those jobs.");
}

void examine_queue(storage::Store& store, Jobs& jobs, const PeerRow& queue, Findings& findings) {
  const std::string whose = "queue " + in_quotes(queue.name);
  const storage::JobCounts counts = jobs.counts(queue.id);
  const auto settings = jobs.find_queue(queue.id);
  const std::vector<WorkerRow> workers = jobs.workers(queue.id);
  const auto alive = std::ranges::count_if(workers, [&](const WorkerRow& worker) { return is_alive(store, worker); });
  const std::string text = whose + ": " + std::to_string(counts.ready) + " ready, " + std::to_string(counts.claimed) +
                           " in flight, " + std::to_string(counts.later) + " for later, " + std::to_string(alive) +
                           (alive == 1 ? " worker" : " workers");
  if (settings && settings->paused) {
    findings.note("queues", text + "; it is paused.",
                  "`ipcm queue resume ROUTE " + queue.name + "` lets jobs be taken.");
  } else if (counts.ready + counts.claimed > 0 && alive == 0) {
    findings.warning("queues", text + ": nobody works.", "`ipcm work ROUTE " + queue.name + " -- COMMAND` does.");
  } else {
    findings.ok("queues", text + ".");
  }
}

void examine_later(Jobs& jobs, const PeerRow& inbox, double now, Findings& findings) {
  const auto due = jobs.next_due(inbox.id);
  if (!due || *due > now - kOverdueAfter) return;
  findings.note("later", "messages to " + in_quotes(inbox.name) + " were due at " + utc_text(*due) + " and later on.",
                "Nothing: they are ready as soon as somebody looks for them.");
}

// Whether all is well with it.
bool examine_schedule(Jobs& jobs, const std::vector<PeerRow>& peers, const storage::ScheduleRow& schedule, double now,
                      Findings& findings) {
  const std::string name = "the schedule " + in_quotes(schedule.name);
  const auto recipient = std::ranges::find(peers, schedule.recipient, &PeerRow::id);
  if (recipient == peers.end()) {
    findings.problem("schedules", name + " sends to nobody.", "`ipcm schedule remove` ends it.");
    return false;
  }
  std::optional<double> due;
  jobs.visit_later_at(schedule.place, [&](const storage::LaterMessage& next) {
    due = next.due;
    return false;
  });
  if (!due || *due > now - kOverdueAfter) return true;
  findings.warning("schedules",
                   name + " was due at " + utc_text(*due) + ": no reader or worker of " + in_quotes(recipient->name) +
                       " has come since.",
                   "Let one come, e.g. `ipcm work`: it gets what is due.");
  return false;
}

void examine_schedules(Jobs& jobs, const std::vector<PeerRow>& peers, double now, Findings& findings) {
  const std::vector<storage::ScheduleRow> schedules = jobs.schedules();
  if (schedules.empty()) return;
  const std::string zone = jobs.time_zone();
  try {
    TimeZone::find(zone);
  } catch (const Error& failure) {
    if (failure.code() != ErrorCode::InvalidArgument) throw;
    findings.problem("schedules",
                     "the schedules go by the clock of " + in_quotes(zone) + ", which this machine does not know.",
                     "Install the time zones (tzdata), or choose another one: `ipcm schedule time-zone ROUTE UTC`.");
    return;
  }
  std::size_t good = 0;
  for (const storage::ScheduleRow& schedule : schedules) {
    good += examine_schedule(jobs, peers, schedule, now, findings) ? 1 : 0;
  }
  if (good == 0) return;
  findings.ok("schedules",
              std::to_string(good) + (good == 1 ? " schedule" : " schedules") + ", by the clock of " + zone + ".");
}

// What was computed by a clock that was ahead, and is not computed again yet.
void examine_clock(Jobs& jobs, double now, Findings& findings) {
  constexpr std::size_t kMost = 1000;
  const auto early = jobs.computed_after(now + JobRules::kClockTolerance, kMost);
  if (early.empty()) return;
  const std::string number = (early.size() == kMost ? "at least " : "") + std::to_string(early.size());
  findings.warning("clock",
                   "the clock was ahead: by it, the time of " + number +
                       (early.size() == 1 ? " retry or schedule was" : " retries and schedules was") +
                       " computed, the latest at " + utc_text(early.front().computed_at) + ".",
                   "Nothing: the next client that reads or works here computes them again. What was sent with a delay "
                   "by that clock keeps its time; `ipcm queue promote ROUTE QUEUE` makes it ready.");
}

// "more than 10,000 messages". They are not counted further, as that would take the longer the more there are.
std::string at_most(std::uint64_t number, std::uint64_t most, const char* one, const char* many) {
  return (number > most ? "more than " + std::to_string(most) : std::to_string(number)) + " " +
         (number == 1 ? one : many);
}

void examine_dead(Jobs& jobs, Findings& findings) {
  constexpr std::size_t kLongestReason = 200;
  constexpr std::uint64_t kMany = 10'000;
  const std::uint64_t dead = jobs.count_dead(kMany + 1);
  if (dead == 0) {
    findings.ok("dead letters", "there are no dead letters.");
    return;
  }
  std::string reason;
  double died_at = 0;
  jobs.visit_dead(0, jobs.last_dead() - 1, [&](const storage::DeadMessage& message) {
    reason = message.reason.substr(0, kLongestReason);
    died_at = message.died_at;
    return true;
  });
  std::string advice =
      "`ipcm dead list ROUTE` shows them, `ipcm dead replay` sends them again, `ipcm dead purge` removes them.";
  if (dead > kMany) {
    advice +=
        " They are kept until somebody removes them: let `ipcm dead purge ROUTE --all --older-than 30d` run now and "
        "then.";
  }
  findings.warning("dead letters",
                   at_most(dead, kMany, "message", "messages") + " could not be handled; the last died at " +
                       utc_text(died_at) + ": " + reason,
                   advice);
}

// As many as come within a day at one a second are in order.
void examine_dedup(Jobs& jobs, const std::vector<PeerRow>& peers, Findings& findings) {
  constexpr std::uint64_t kMany = 100'000;
  const std::uint64_t kept = jobs.count_kept_dedup(kMany + 1);
  const auto last = jobs.last_kept_dedup();
  if (kept <= kMany || !last) return;
  const auto inbox = std::ranges::find(peers, last->second, &PeerRow::id);
  const std::string name = inbox == peers.end() ? "QUEUE" : inbox->name;
  findings.warning(
      "dedup keys",
      at_most(kept, kMany, "dedup_key is", "dedup_keys are") + " kept although their messages have left, the last of " +
          in_quotes(name) + " until " + utc_text(last->first) + ".",
      "They go once their time is over and another message with a key leaves. `ipcm queue settings ROUTE " + name +
          " --dedup-window 1h` keeps those to come for a shorter time.");
}

}  // namespace

void examine_jobs(storage::Store& store, storage::Snapshot& view, Jobs& jobs, const JobTime& time, Findings& findings) {
  const std::vector<PeerRow> peers = view.peers();
  for (const PeerRow& peer : peers) {
    if (peer.is_queue) examine_queue(store, jobs, peer, findings);
    if (jobs.has_claims(peer.id)) {
      const std::string whose = (peer.is_queue ? "queue " : "the inbox of ") + in_quotes(peer.name);
      tell_of_claims(whose, claims_of(store, jobs, peer.id, jobs.workers(peer.id), time.uptime), findings);
    }
    examine_later(jobs, peer, time.now, findings);
  }
  examine_clock(jobs, time.now, findings);
  examine_schedules(jobs, peers, time.now, findings);
  examine_dead(jobs, findings);
  examine_dedup(jobs, peers, findings);
}

}  // namespace ipcm
