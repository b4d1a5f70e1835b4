// SPDX-License-Identifier: MIT
#include "client/store_jobs.hpp"

#include <algorithm>
#include <deque>
#include <mutex>

#include "client/parcels.hpp"
#include "client/peer_state.hpp"
#include "core/fault_point.hpp"
#include "core/message_access.hpp"
#include "core/names.hpp"
#include "platform/process.hpp"
#include "platform/uptime.hpp"

namespace ipcm {
namespace {

using notify::Event;
using storage::PeerId;
using storage::PeerRow;

// To ask the kernel whether each worker lives costs 1 to 2 us for each. So while there is other work it is not done
// before every claim.
constexpr std::chrono::milliseconds kRollCallEvery{10};

// Of how many workers the end wakes a client that waits for work. That of others it sees a fallback interval later.
constexpr std::size_t kMostWatched = 64;

constexpr std::size_t kLongestReason = 4096;
constexpr double kLongestWait = 1e6;  // seconds: then one looks again

std::string cut_reason(const std::string& reason) {
  if (!is_valid_utf8(reason)) return "(a reason that is not UTF-8)";
  if (reason.size() <= kLongestReason) return reason;
  std::size_t end = kLongestReason;
  while ((static_cast<unsigned char>(reason[end]) & 0xC0) == 0x80) --end;  // not within a character
  return reason.substr(0, end);
}

[[noreturn]] void throw_lost(const ClaimTicket& claim) {
  throw Error(ErrorCode::LostClaim, "the claim on the message " + in_quotes(claim.message.id()) +
                                        " is no longer held: its lease ran out, and " +
                                        "the message is somebody else's. Nothing was changed.");
}

}  // namespace

// --- claiming --------------------------------------------------------------------------------------------------------

// What a client that waits for work has seen.
struct StoreJobs::Look {
  std::string_view queue;
  std::optional<platform::MonotonicTime> next_change{};
  std::deque<platform::ForkPrivateFd> processes{};  // of the workers that have claims
  std::vector<int> fds = std::vector<int>(kMostWatched, -1);
};

PeerRow StoreJobs::find_inbox(storage::Snapshot& view, std::string_view name) const {
  const std::optional<PeerRow> found = view.find_peer(name);
  if (found) return *found;
  throw Error(ErrorCode::UnknownPeer,
              "there is no queue or peer " + in_quotes(name) + " on " + endpoint_.route() + ".");
}

PeerRow StoreJobs::find_queue(storage::Snapshot& view, std::string_view name) const {
  if (name.empty() || name == endpoint_.id()) return endpoint_.self_;
  const std::optional<PeerRow> found = view.find_peer(name);
  if (found && found->is_queue) return *found;
  if (!found) {
    throw Error(ErrorCode::UnknownPeer, "there is no queue " + in_quotes(name) + " on " + endpoint_.route() +
                                            ". Make it with create_queue() or `ipcm queue create`.");
  }
  throw Error(ErrorCode::InvalidArgument,
              in_quotes(name) + " on " + endpoint_.route() + " is not a queue but a peer, whose mail is its own.");
}

bool StoreJobs::is_alive(const storage::WorkerRow& worker) const {
  if (faults::has_bug("the dead keep their claims")) return true;
  if (worker.epoch_of_peer != worker.epoch) return false;
  return worker.peer == endpoint_.self_.id ? !endpoint_.disconnected_ : endpoint_.store_->is_present(worker.peer);
}

bool StoreJobs::bring_back(storage::Transaction& transaction, PeerId inbox) {
  storage::Jobs* jobs = transaction.jobs();
  if (!jobs) return false;
  const std::vector<storage::WorkerRow> workers = jobs->workers(inbox);
  if (workers.empty()) return false;
  JobRules rules(transaction, *jobs, {endpoint_.now(), platform::uptime()});
  const bool any = rules.bring_back(inbox, workers, [this](const auto& worker) { return is_alive(worker); });
  return rules.finish() || any;
}

void StoreJobs::check_clock() {
  constexpr double kStep = 1;  // seconds; less is the pace of the clocks
  if (!endpoint_.store_->keeps_jobs()) return;
  const double offset = endpoint_.now() - platform::uptime();
  const double before = clock_offset_;
  if (offset < before - kStep) {
    const double limit = endpoint_.now() + JobRules::kClockTolerance;
    bool any = false;
    endpoint_.read([&](storage::Snapshot& view) { any = jobs_of(view).has_computed_after(limit); });
    std::set<PeerId> readers;
    if (any) {
      endpoint_.write([&](storage::Transaction& transaction) {
        readers.clear();
        JobRules rules(transaction, jobs_of(transaction), {endpoint_.now(), platform::uptime()});
        rules.compute_again();
        for (const PeerId woken : rules.woken()) add_readers(transaction, woken, readers);
      });
    }
    wake(readers);
  }
  clock_offset_ = offset;
}

void StoreJobs::check_clock_if_writable() {
  try {
    check_clock();
  } catch (const Error& error) {
    if (error.code() != ErrorCode::ReadOnly && error.code() != ErrorCode::Busy) throw;
  }
}

std::vector<ClaimTicket> StoreJobs::claim(std::string_view queue, const ClaimOptions& options) {
  const auto deadline = platform::deadline_after(options.wait);
  if (options.lease <= std::chrono::milliseconds::zero()) {
    throw Error(ErrorCode::InvalidArgument, "a lease must be longer than 0 ms.");
  }
  endpoint_.require_inbox("claim");
  if (options.limit == 0) return {};
  std::vector<ClaimTicket> claimed;
  Look look{queue};
  do {
    check_clock();
    claimed = try_claim(queue, options);
    if (!claimed.empty() || options.wait == std::chrono::milliseconds::zero()) return claimed;
  } while (endpoint_.waiting_->wait(
      {Event::mail}, deadline,
      [&] {
        bool found = false;
        check_clock();
        endpoint_.read([&](storage::Snapshot& view) { found = is_claimable(view, look); });
        return found;
      },
      look.fds, &look.next_change));
  return {};
}

// Whether a claim is worth trying; sets what to sleep for if not.
bool StoreJobs::is_claimable(storage::Snapshot& view, Look& look) {
  storage::Jobs& jobs = jobs_of(view);
  const PeerRow queue = find_queue(view, look.queue);
  look.next_change.reset();
  look.processes.clear();
  std::ranges::fill(look.fds, -1);
  const std::optional<storage::QueueRow> settings = jobs.find_queue(queue.id);
  if (settings && settings->paused) return false;
  if (view.has_mail(queue.id, endpoint_.now())) return true;
  const Outlook seen = outlook(view, queue.id);
  if (seen.comes_back) return true;
  look.next_change = seen.next_change;
  watch_workers(view, queue.id, look);
  return false;
}

void StoreJobs::watch_workers(storage::Snapshot& view, PeerId inbox, Look& look) {
  if (!jobs_of(view).has_claims(inbox)) return;
  for (const storage::WorkerRow& worker : jobs_of(view).workers(inbox)) {
    const std::optional<PeerRow> peer = view.find_peer(worker.peer_name);
    if (!peer || !peer->pid || *peer->pid == platform::process_id() || peer->host != endpoint_.self_.host) continue;
    if (look.processes.size() >= look.fds.size()) return;
    auto& process = look.processes.emplace_back();
    process.reset(platform::process_end(*peer->pid, peer->pid_started));
    look.fds[look.processes.size() - 1] = process.get();
  }
}

// A worker may have a first lease end that is long past, as what it was of is done: the claims tell.
StoreJobs::Outlook StoreJobs::outlook(storage::Snapshot& view, PeerId inbox) {
  storage::Jobs* jobs = view.jobs();
  if (!jobs) return {};
  std::optional<double> wait;  // seconds
  if (jobs->has_claims(inbox)) {
    const double uptime = platform::uptime();
    const auto wait_until = [&](double time) { wait = std::min(wait.value_or(kLongestWait), time - uptime); };
    std::map<storage::WorkerId, bool> suspects;  // and whether each lives
    for (const storage::WorkerRow& worker : jobs->workers(inbox)) {
      const bool alive = is_alive(worker);
      if (!alive || (worker.first_lease_end && *worker.first_lease_end <= uptime)) {
        suspects.emplace(worker.id, alive);
      } else if (worker.first_lease_end) {
        wait_until(*worker.first_lease_end);
      }
    }
    bool comes_back = false;
    const auto look = [&](const storage::ClaimedMessage& claim) {
      const auto suspect = suspects.find(claim.key.worker);
      if (suspect == suspects.end()) return true;
      comes_back = !suspect->second || claim.lease_end <= uptime;
      if (!comes_back) wait_until(claim.lease_end);
      return !comes_back;
    };
    if (!suspects.empty()) jobs->visit_claims(inbox, look);
    if (comes_back) return {true};
  }
  if (const std::optional<double> due = jobs->next_due(inbox)) {
    wait = std::min(wait.value_or(kLongestWait), *due - endpoint_.now());
  }
  if (!wait) return {};
  // A millisecond late rather than early: a look in vain costs more.
  const auto time = std::chrono::milliseconds(static_cast<std::int64_t>(std::max(*wait, 0.0) * 1000) + 1);
  return {false, platform::deadline_after(time)};
}

std::vector<ClaimTicket> StoreJobs::try_claim(std::string_view queue, const ClaimOptions& options) {
  endpoint_.waiting_->before_taking(Event::mail);
  std::vector<ClaimTicket> claimed;
  std::set<PeerId> readers;
  bool more = false;
  endpoint_.write([&](storage::Transaction& transaction) {
    claimed.clear();
    readers.clear();
    storage::Jobs& jobs = jobs_of(transaction);
    const auto [inbox, self] = own_worker(transaction, queue);
    if (inbox.id == endpoint_.self_.id) endpoint_.require_reader();
    enlist(queue, {inbox, self.id});
    if (self.paused) return;
    JobRules rules(transaction, jobs, {endpoint_.now(), platform::uptime()});
    rules.bring_due(inbox.id);

    const PeerId inbox_id = inbox.id;
    auto& next_roll_call = next_roll_calls_[inbox_id];
    const auto roll_call = [&] {
      next_roll_call = std::chrono::steady_clock::now() + kRollCallEvery;
      rules.bring_back(inbox_id, jobs.workers(inbox_id), [this](const auto& worker) { return is_alive(worker); });
      rules.finish();
    };
    const bool is_due = std::chrono::steady_clock::now() >= next_roll_call;
    if (is_due) roll_call();
    claimed = take_claims(transaction, rules, inbox, self, options);
    if (claimed.empty() && !is_due) {
      roll_call();
      claimed = take_claims(transaction, rules, inbox, self, options);
    }
    more = endpoint_.waiting_->has_fd(Event::mail) && endpoint_.has_mail(transaction, inbox.id);
    for (const PeerId woken : rules.woken()) add_readers(transaction, woken, readers);
  });
  endpoint_.waiting_->after_taking(Event::mail, more);
  wake(readers);
  return claimed;
}

// The queue, and this client among its workers; a new one where it is none yet. A worker that is still there proves
// that its queue is, too: they go together.
std::pair<PeerRow, storage::OwnWorker> StoreJobs::own_worker(storage::Transaction& transaction,
                                                             std::string_view queue) const {
  storage::Jobs& jobs = jobs_of(transaction);
  const PeerRow& self = endpoint_.self_;
  if (const auto known = enlisted_.find(queue); known != enlisted_.end()) {
    const auto& [inbox, id] = known->second;
    if (const auto worker = jobs.find_worker(id, inbox.id, self.id, self.epoch)) return {inbox, *worker};
  }
  const PeerRow inbox = find_queue(transaction, queue);
  const storage::WorkerId id = jobs.add_worker(inbox.id, self.id, self.epoch);
  return {inbox, *jobs.find_worker(id, inbox.id, self.id, self.epoch)};
}

// Also when the transaction comes to nothing: own_worker() asks whether it is so.
void StoreJobs::enlist(std::string_view queue, Enlisted worker) {
  const auto known = enlisted_.find(queue);
  if (known == enlisted_.end()) {
    enlisted_.emplace(queue, std::move(worker));
  } else {
    known->second = std::move(worker);
  }
}

std::vector<ClaimTicket> StoreJobs::take_claims(storage::Transaction& transaction, JobRules& rules,
                                                const PeerRow& inbox, const storage::OwnWorker& self,
                                                const ClaimOptions& options) {
  const JobTime& time = rules.time();
  const double lease = faults::has_bug("leases are ignored") ? 0 : std::chrono::duration<double>(options.lease).count();
  const storage::ClaimTerms terms{self.id, ++calls_, time.now, time.uptime + lease};
  std::vector<ClaimTicket> claimed;
  std::size_t number = 0;
  const auto judge = [&](const storage::StoredMessage& stored) -> storage::Verdict {
    std::optional<std::string> problem;
    const bool expired = is_expired(stored, rules.time().now);
    const bool stale = !expired && inbox.id == endpoint_.self_.id && endpoint_.is_stale(stored);
    if (!expired && !stale) problem = decoding_problem(stored);
    if (expired || stale || problem) {
      rules.depart(inbox.id, stored.parcel.job.group_key, stored.parcel.job.dedup_key);
      if (stale) return storage::Verdict::Kind::read;
      return expired ? storage::Verdict::Kind::expired : storage::Verdict(std::move(problem));
    }
    storage::StoredMessage counted = stored;
    ++counted.parcel.job.attempts;
    const std::size_t bytes = stored.parcel.content.size();
    claimed.push_back({unpack(counted, inbox.name), inbox.id, {stored.place, self.id, terms.call}, bytes, number++});
    return storage::Verdict::Kind::claimed;
  };
  for (bool again = true; again && claimed.size() < options.limit;) {  // what is dead does not use up the limit
    const std::size_t left = options.limit - claimed.size();
    const std::size_t before = claimed.size();
    ++number;  // what is taken now may lie between what was taken before
    const std::size_t taken = transaction.take(inbox, left, judge, &terms);
    const bool promoted = rules.finish();
    again = promoted || (taken == left && claimed.size() - before < left);
  }
  const std::optional<double>& first_end = self.first_lease_end;  // as it was before the roll call
  if (!claimed.empty() && (!first_end || *first_end <= time.uptime || *first_end > terms.lease_end)) {
    transaction.jobs()->lower_first_lease_end(self.id, terms.lease_end);
  }
  return claimed;
}

// --- settling --------------------------------------------------------------------------------------------------------

namespace {

HeldMessage held_message(const ClaimTicket& claim) {
  const MessageAccess::Job& job = MessageAccess::job(claim.message);
  return {claim.message.from(), job.attempts, job.max_attempts, job.group_key, job.dedup_key, claim.bytes};
}

// The claim that is to be acknowledged by that step; null: it is another kind of step.
const ClaimTicket* acknowledged_by(const JobStep& step) {
  const auto* settlement = std::get_if<Settlement>(&step);
  return settlement != nullptr && settlement->kind == Settlement::Kind::ack ? settlement->claim : nullptr;
}

}  // namespace

// Acknowledges at once what was claimed together, from the first step on. Returns how many steps that were; 0: they are
// to be taken one by one.
std::size_t StoreJobs::settle_run(JobRules& rules, std::span<JobStep> steps) {
  const ClaimTicket* first = acknowledged_by(steps[0]);
  if (first == nullptr) return 0;
  std::vector<HeldMessage> messages{held_message(*first)};
  const ClaimTicket* last = first;
  while (messages.size() < steps.size()) {
    const ClaimTicket* next = acknowledged_by(steps[messages.size()]);
    if (next == nullptr || next->inbox != last->inbox || next->key.worker != last->key.worker ||
        next->key.call != last->key.call || next->number != last->number + 1) {
      break;
    }
    messages.push_back(held_message(*next));
    last = next;
  }
  if (messages.size() < 2 || !rules.ack(first->inbox, first->key, last->key.place, messages)) return 0;
  for (JobStep& step : steps.first(messages.size())) std::get<Settlement>(step).result = Settlement::Result::done;
  return messages.size();
}

void StoreJobs::settle(JobRules& rules, Settlement& step, bool all_or_none) {
  const ClaimTicket& claim = *step.claim;
  const HeldMessage message = held_message(claim);
  const double seconds = std::chrono::duration<double>(step.time).count();
  bool held = true;
  step.result = Settlement::Result::done;
  switch (step.kind) {
    case Settlement::Kind::ack: held = rules.ack(claim.inbox, claim.key, message); break;
    case Settlement::Kind::release: held = rules.release(claim.inbox, claim.key, message, seconds); break;
    case Settlement::Kind::extend: held = rules.extend(claim.key, seconds); break;
    case Settlement::Kind::kill:
      held = rules.kill(claim.inbox, claim.key, message, cut_reason(step.reason), endpoint_.id());
      break;
    case Settlement::Kind::fail: {
      const JobRules::Failed failed =
          rules.fail(claim.inbox, claim.key, message, cut_reason(step.reason), endpoint_.id());
      held = failed.held;
      if (failed.is_dead) step.result = Settlement::Result::dead;
    }
  }
  if (held) return;
  if (all_or_none) throw_lost(claim);
  step.result = Settlement::Result::lost;
}

void StoreJobs::run(std::span<JobStep> steps, bool all_or_none) {
  endpoint_.require_connected();
  SendRequest sends;
  for (const JobStep& step : steps) {
    if (const auto* message = std::get_if<Message>(&step)) sends.messages.push_back(endpoint_.packed(*message));
  }
  if (!sends.messages.empty()) endpoint_.sends_->flush();  // what was sent before stands before it
  std::set<PeerId> readers;
  endpoint_.write([&](storage::Transaction& transaction) {
    readers.clear();
    JobRules rules(transaction, jobs_of(transaction), {endpoint_.now(), platform::uptime()});
    StoreEndpoint::Recipients recipients;
    std::size_t sent = 0;
    for (std::size_t i = 0; i < steps.size();) {
      if (const std::size_t settled = settle_run(rules, steps.subspan(i))) {
        i += settled;
        continue;
      }
      if (auto* settlement = std::get_if<Settlement>(&steps[i])) {
        settle(rules, *settlement, all_or_none);
      } else if (!faults::has_bug("a transaction forgets its messages")) {
        rules.finish();  // what was settled before it has given back its key and its turn
        endpoint_.append(transaction, sends.messages[sent++], recipients);
      }
      ++i;
    }
    rules.finish();
    for (const PeerId woken : rules.woken()) add_readers(transaction, woken, readers);
    for (const auto& [name, recipient] : recipients) {
      readers.insert(recipient.readers.begin(), recipient.readers.end());
    }
  });
  wake(readers);
}

void StoreJobs::release_all(storage::Transaction& transaction, std::set<PeerId>& readers) {
  if (enlisted_.empty()) return;
  JobRules rules(transaction, jobs_of(transaction), {endpoint_.now(), platform::uptime()});
  const PeerRow& self = endpoint_.self_;
  for (const auto& [queue, own] : enlisted_) {
    const bool is_own = jobs_of(transaction).find_worker(own.worker, own.inbox.id, self.id, self.epoch).has_value();
    if (is_own) rules.release_all(own.inbox.id, own.worker);
  }
  rules.finish();
  for (const PeerId woken : rules.woken()) add_readers(transaction, woken, readers);
}

// Its number may be given to another peer, whose the claims would then seem to be.
void StoreJobs::release_all_of(storage::Transaction& transaction, PeerId peer, std::set<PeerId>& readers) {
  if (!transaction.jobs()) return;
  JobRules rules(transaction, jobs_of(transaction), {endpoint_.now(), platform::uptime()});
  for (const auto& [inbox, worker] : jobs_of(transaction).workers_of(peer)) rules.release_all(inbox, worker);
  rules.finish();
  for (const PeerId woken : rules.woken()) add_readers(transaction, woken, readers);
}

void StoreJobs::add_readers(storage::Snapshot& view, PeerId inbox, std::set<PeerId>& readers) {
  readers.insert(inbox);
  storage::Jobs* jobs = view.jobs();
  if (!jobs) return;
  for (const storage::WorkerRow& worker : jobs->workers(inbox)) readers.insert(worker.peer);
}

void StoreJobs::wake(const std::set<PeerId>& readers) noexcept {
  for (const PeerId reader : readers) endpoint_.waiting_->notifier().wake(reader);
}

}  // namespace ipcm
