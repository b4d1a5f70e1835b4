// SPDX-License-Identifier: MIT
#include "client/job_rules.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>

#include <ipcm/error.hpp>

#include "core/fault_point.hpp"
#include "core/random.hpp"
#include "core/recurrence.hpp"

namespace ipcm {
namespace {

using storage::ClaimKey;
using storage::Parcel;
using storage::PeerId;

constexpr std::size_t kDueAtOnce = 1000;  // so that a transaction does not keep others waiting for long
constexpr double kMissedAfter = 60;       // seconds: cron's own unit
constexpr double kFarthestTime = 1e11;    // seconds from 1970, beyond the year 5000

// What a stranger wrote into the file may be beyond all reason.
std::chrono::milliseconds milliseconds_of(double seconds) {
  constexpr double kLongest = 1e9;  // 31 years
  return std::chrono::milliseconds(std::llround((seconds > 0 ? std::min(seconds, kLongest) : 0) * 1000));
}

double seconds_of(std::chrono::milliseconds time) {
  return std::chrono::duration<double>(time).count();
}

// 0 to 1.
double random_fraction() {
  std::array<std::uint8_t, 4> bytes{};
  fill_random(bytes);
  std::uint32_t number = 0;
  std::memcpy(&number, bytes.data(), sizeof number);
  return static_cast<double>(number) / 4294967296.0;
}

}  // namespace

storage::QueueRow row_of(PeerId queue, const QueueSettings& settings) {
  return {queue,
          settings.paused,
          settings.max_attempts,
          settings.backoff == Backoff::exponential,
          seconds_of(settings.retry_delay),
          seconds_of(settings.max_retry_delay),
          seconds_of(settings.dedup_window)};
}

QueueSettings settings_of(const storage::QueueRow& row) {
  QueueSettings settings;
  settings.max_attempts =
      static_cast<int>(std::clamp<std::int64_t>(row.max_attempts, 0, std::numeric_limits<int>::max()));
  settings.backoff = row.exponential ? Backoff::exponential : Backoff::fixed;
  settings.retry_delay = milliseconds_of(row.retry_delay);
  settings.max_retry_delay = milliseconds_of(row.max_retry_delay);
  settings.dedup_window = milliseconds_of(row.dedup_window);
  settings.paused = row.paused;
  return settings;
}

// A claim that nobody settled.
struct JobRules::Returned {
  ClaimKey key;
  std::int64_t attempts = 0;
  std::optional<std::int64_t> max_attempts;
  std::string sender;
  std::string group_key;
  std::string dedup_key;
  std::size_t bytes = 0;
  std::string worker;
  std::string reason;  // if this ends its life

  HeldMessage message() const { return {sender, attempts, max_attempts, group_key, dedup_key, bytes}; }
};

const storage::QueueRow& JobRules::settings(PeerId inbox) {
  const auto known = settings_.find(inbox);
  if (known != settings_.end()) return known->second;
  const std::optional<storage::QueueRow> row = jobs_.find_queue(inbox);
  const QueueSettings settings = row ? settings_of(*row) : QueueSettings();  // within reason, whatever the file says
  return settings_.emplace(inbox, row_of(inbox, settings)).first->second;
}

JobRules::Posted JobRules::post(PeerId inbox, const Parcel& parcel, std::optional<double> deliver_at) {
  const storage::JobFields& job = parcel.job;
  if (!job.dedup_key.empty() && !faults::has_bug("dedup_keys are ignored")) {
    const std::optional<storage::DedupRow> first = jobs_.find_dedup(inbox, job.dedup_key);
    if (first && (first->held || first->until > time_.now)) return {false, first->id};
  }
  if (!store(inbox, parcel, deliver_at)) return {false};
  return {};
}

bool JobRules::post_again(PeerId inbox, Parcel parcel) {
  parcel.job.attempts = 0;
  parcel.job.expires_at.reset();
  if (!parcel.job.dedup_key.empty()) {
    const std::optional<storage::DedupRow> first = jobs_.find_dedup(inbox, parcel.job.dedup_key);
    if (first && first->held) parcel.job.dedup_key = {};  // the key is another message's now
  }
  return store(inbox, parcel, std::nullopt);
}

bool JobRules::store(PeerId inbox, const Parcel& parcel, std::optional<double> deliver_at) {
  const storage::JobFields& job = parcel.job;
  const bool is_due = !deliver_at || *deliver_at <= time_.now || faults::has_bug("what is for later comes at once");
  const bool must_wait =
      !job.group_key.empty() && jobs_.has_group(inbox, job.group_key) && !faults::has_bug("groups are ignored");
  const bool stored =
      is_due && !must_wait
          ? transaction_.append(inbox, parcel)
          : jobs_.append_later(inbox, parcel, is_due ? std::nullopt : deliver_at, {}, std::nullopt).has_value();
  if (stored && is_due && must_wait) promote(inbox, job.group_key);  // it may go before what is there
  if (stored && !job.dedup_key.empty()) {
    jobs_.put_dedup(inbox, job.dedup_key, {parcel.id, time_.now + settings(inbox).dedup_window, true});
  }
  return stored;
}

bool JobRules::put_back(const storage::PeerRow& inbox, std::optional<storage::Place> place, Parcel parcel) {
  storage::JobFields& job = parcel.job;
  std::optional<storage::DedupRow> known;
  if (!job.dedup_key.empty()) known = jobs_.find_dedup(inbox.id, job.dedup_key);
  if (known && known->held) job.dedup_key = {};  // the key is another message's now
  if (!transaction_.put_back(inbox, place, parcel)) return false;
  if (!job.dedup_key.empty()) {
    jobs_.put_dedup(inbox.id, job.dedup_key, {parcel.id, known ? known->until : 0, true});
  }
  if (!job.group_key.empty()) keep_one_of_group(inbox.id, job.group_key);
  return true;
}

// The first of a group is ready once none is claimed, unless it is not due yet: then all of the group wait for it.
bool JobRules::promote(PeerId inbox, std::string_view group) {
  if (group.empty()) return false;
  const auto next = jobs_.first_later_of_group(inbox, group);
  if (!next || next->due || jobs_.has_group_before(inbox, group, next->place)) return false;
  jobs_.make_ready(next->place);
  woken_.insert(inbox);
  return true;
}

// Of a group one message at most is ready or claimed: while none is claimed, the first.
void JobRules::keep_one_of_group(PeerId inbox, std::string_view group) {
  std::size_t kept = jobs_.has_claimed_of_group(inbox, group) ? 1 : 0;
  for (const storage::Place place : jobs_.ready_of_group(inbox, group)) {
    if (kept++ > 0) jobs_.park(place);
  }
}

// What is due, without the message.
struct JobRules::Due {
  storage::Place place = 0;
  double due = 0;
  std::string group_key;
  std::string schedule;
};

bool JobRules::bring_due(PeerId inbox) {
  if (!jobs_.has_due(inbox, time_.now)) return false;
  bool any = false;
  std::size_t moved = 0;
  do {  // again, as the next one of a schedule may be due already
    std::vector<Due> all;
    jobs_.visit_due(inbox, time_.now, kDueAtOnce, [&](const storage::LaterMessage& found) {
      all.push_back({found.message.place, found.due.value_or(0), std::string(found.message.parcel.job.group_key),
                     std::string(found.schedule)});
      return true;
    });
    for (const Due& due : all) any = move(inbox, due) || any;
    moved += all.size();
  } while (moved < kDueAtOnce && jobs_.has_due(inbox, time_.now));
  return finish() || any;
}

bool JobRules::move(PeerId inbox, const Due& due) {
  if (!due.schedule.empty()) return fire(inbox, due);
  if (!due.group_key.empty() && jobs_.has_group_before(inbox, due.group_key, due.place)) {
    jobs_.forget_due(due.place);
    return promote(inbox, due.group_key);
  }
  jobs_.make_ready(due.place);
  return true;
}

// --- clocks that were ahead ------------------------------------------------------------------------------------------

bool JobRules::compute_again() {
  bool any = false;
  for (const storage::EarlyDelay& early : jobs_.computed_after(time_.now + kClockTolerance, kDueAtOnce)) {
    if (early.schedule.empty()) {
      jobs_.set_due(early.place, time_.now + std::max(early.due - early.computed_at, 0.0), time_.now);
      woken_.insert(early.inbox);
      any = true;
    } else if (const auto schedule = jobs_.find_schedule(early.schedule); schedule && schedule->place == early.place) {
      any = compute_again(*schedule, early.computed_at) || any;
    }
  }
  return any;
}

// As cron(8) has it: a clock that was set back by less than three hours makes nothing that has its time of day come
// twice.
bool JobRules::compute_again(const storage::ScheduleRow& schedule, double computed_at) {
  constexpr double kCorrection = 3 * 60 * 60;  // seconds
  try {
    const bool has_time_of_day = !Recurrence::parse(schedule.recurrence).follows_real_time();
    if (has_time_of_day && computed_at - time_.now < kCorrection) return false;
  } catch (const Error& error) {
    if (error.code() != ErrorCode::InvalidArgument) throw;  // else another user wrote it into the file
    return false;
  }
  reschedule(schedule);
  woken_.insert(schedule.recipient);
  return true;
}

std::size_t JobRules::promote_delayed(PeerId inbox, std::span<const std::string> ids) {
  std::vector<storage::Place> places;
  jobs_.visit_later(inbox, [&](const storage::LaterMessage& found) {
    const bool wanted = ids.empty() || std::ranges::find(ids, found.message.parcel.id.text()) != ids.end();
    if (wanted && found.due && found.schedule.empty()) places.push_back(found.message.place);
    return true;
  });
  for (const storage::Place place : places) jobs_.set_due(place, time_.now, std::nullopt);
  while (bring_due(inbox)) {}
  if (!places.empty()) woken_.insert(inbox);
  return places.size();
}

// --- schedules -------------------------------------------------------------------------------------------------------

std::optional<double> JobRules::next_of(const storage::ScheduleRow& schedule, double after) {
  const auto whole = [](double seconds) {
    return std::chrono::sys_seconds(std::chrono::seconds(static_cast<std::int64_t>(std::floor(seconds))));
  };
  if (!(std::abs(after) < kFarthestTime && std::abs(schedule.anchor) < kFarthestTime)) return std::nullopt;
  try {
    const auto next = Recurrence::parse(schedule.recurrence).next_after(whole(after), whole(schedule.anchor), zone());
    if (next) return static_cast<double>(next->time_since_epoch().count());
  } catch (const Error& error) {
    if (error.code() != ErrorCode::InvalidArgument) throw;  // else a stranger wrote it into the file
  }
  return std::nullopt;
}

// A zone that this machine does not know must not keep the mail from being read.
TimeZone JobRules::zone() {
  try {
    return TimeZone::find(jobs_.time_zone());
  } catch (const Error& error) {
    if (error.code() != ErrorCode::InvalidArgument) throw;
    return TimeZone::find("UTC");
  }
}

// The message of a schedule that is for later, as far as it counts in the books, and where the one after it is.
struct JobRules::Next {
  std::string sender;
  std::size_t bytes = 0;
  std::optional<storage::Place> successor;
};

// One is delivered, and the next one comes into being. Whose schedule is gone is an ordinary message.
bool JobRules::fire(PeerId inbox, const Due& due) {
  std::optional<storage::ScheduleRow> schedule = jobs_.find_schedule(due.schedule);
  if (!schedule || schedule->place != due.place) {
    jobs_.make_ready(due.place);
    return true;
  }
  using Handling = storage::ScheduleRow::Missed;
  const double from = schedule->missed == Handling::all ? due.due : std::max(due.due, time_.now);
  const std::optional<double> after = next_of(*schedule, from);
  Next next;
  jobs_.visit_later_at(due.place, [&](const storage::LaterMessage& found) {
    const Parcel& parcel = found.message.parcel;
    next = {std::string(parcel.sender), parcel.content.size(), std::nullopt};
    if (after) next.successor = append_next(*schedule, parcel, due.due, *after);
    return false;
  });
  if (next.successor) {
    schedule->place = *next.successor;
    jobs_.put_schedule(*schedule);
  } else {
    jobs_.remove_schedule(due.schedule);  // there is no next time
  }
  if (schedule->missed == Handling::skip && time_.now - due.due > kMissedAfter) {
    jobs_.remove_later(due.place);
    depart(inbox, HeldMessage{next.sender}, {0, 0, 1, next.bytes});
    return false;
  }
  jobs_.make_ready(due.place);
  return true;
}

// Its time to live is as long from `due` on as that of `parcel` was from `counted_from`.
std::optional<storage::Place> JobRules::append_next(const storage::ScheduleRow& schedule, Parcel parcel,
                                                    double counted_from, double due) {
  parcel.id = MessageId::generate(static_cast<std::int64_t>(time_.now * 1000));
  parcel.stamp = due;  // when it is due, not when this was noted
  if (parcel.job.expires_at) *parcel.job.expires_at += due - counted_from;
  return jobs_.append_later(schedule.recipient, parcel, due, schedule.name, time_.now);
}

bool JobRules::put_schedule(storage::ScheduleRow schedule, const Parcel& parcel) {
  const std::optional<double> due = next_of(schedule, time_.now);
  if (!due) return false;
  remove_schedule(schedule.name);
  schedule.place = *append_next(schedule, parcel, time_.now, *due);
  jobs_.put_schedule(schedule);
  return true;
}

void JobRules::reschedule(storage::ScheduleRow schedule) {
  Next next;
  jobs_.visit_later_at(schedule.place, [&](const storage::LaterMessage& found) {
    if (!found.due || *found.due <= time_.now) return false;  // whoever looks next finds it
    const std::optional<double> due = next_of(schedule, time_.now);
    if (!due) return false;
    const Parcel& parcel = found.message.parcel;
    next = {std::string(parcel.sender), parcel.content.size(), append_next(schedule, parcel, *found.due, *due)};
    return false;
  });
  if (!next.successor) return;
  drop_next(schedule, next);
  schedule.place = *next.successor;
  jobs_.put_schedule(schedule);
}

bool JobRules::remove_schedule(std::string_view name) {
  const std::optional<storage::ScheduleRow> schedule = jobs_.find_schedule(name);
  if (!schedule) return false;
  std::optional<Next> next;
  jobs_.visit_later_at(schedule->place, [&](const storage::LaterMessage& found) {
    const Parcel& parcel = found.message.parcel;
    if (found.schedule == name) next = {std::string(parcel.sender), parcel.content.size(), std::nullopt};
    return false;
  });
  if (next) drop_next(*schedule, *next);
  jobs_.remove_schedule(name);
  return true;
}

void JobRules::drop_next(const storage::ScheduleRow& schedule, const Next& next) {
  jobs_.remove_later(schedule.place);
  depart(schedule.recipient, HeldMessage{next.sender}, {0, 0, 1, next.bytes});
  finish();
}

bool is_expired(const storage::StoredMessage& message, double now) noexcept {
  const std::optional<double>& end = message.parcel.job.expires_at;
  if (faults::has_bug("the expired are delivered")) return false;
  return end && *end <= now;
}

// --- departures ------------------------------------------------------------------------------------------------------

void JobRules::depart(PeerId inbox, std::string_view group_key, std::string_view dedup_key) {
  if (group_key.empty() && dedup_key.empty()) return;
  departures_.push_back({inbox, std::string(group_key), std::string(dedup_key)});
}

void JobRules::depart(PeerId inbox, const HeldMessage& message, const storage::Departed& how) {
  storage::Departed& pair = books_[{inbox, std::string(message.sender)}];
  pair.read += how.read;
  pair.dead += how.dead;
  pair.expired += how.expired;
  pair.bytes += how.bytes;
  depart(inbox, message.group_key, message.dedup_key);
}

bool JobRules::finish() {
  for (const auto& [pair, departed] : books_) jobs_.settle(pair.first, pair.second, departed);
  books_.clear();
  bool any = false;
  for (const Departure& one : departures_) {
    const bool has_key = !one.dedup_key.empty() && !faults::has_bug("dedup_keys are kept for ever");
    if (has_key) jobs_.end_dedup(one.inbox, one.dedup_key, time_.now);
    any = promote(one.inbox, one.group_key) || any;
  }
  departures_.clear();
  return any;
}

// --- what becomes of claims ------------------------------------------------------------------------------------------

bool JobRules::ack(PeerId inbox, const ClaimKey& key, const HeldMessage& message) {
  if (!jobs_.remove_claim(key)) return false;
  depart(inbox, message, {1, 0, 0, message.bytes});
  return true;
}

bool JobRules::ack(PeerId inbox, const ClaimKey& first, storage::Place last, const std::vector<HeldMessage>& messages) {
  if (!jobs_.remove_claims(first, last, messages.size())) return false;
  for (const HeldMessage& message : messages) depart(inbox, message, {1, 0, 0, message.bytes});
  return true;
}

bool JobRules::release(PeerId inbox, const ClaimKey& key, const HeldMessage& message, double delay) {
  const std::int64_t attempts = std::max<std::int64_t>(message.attempts - 1, 0);
  if (delay > 0) return postpone(inbox, key, message, attempts, delay);
  if (!jobs_.release(key, attempts)) return false;
  woken_.insert(inbox);
  return true;
}

bool JobRules::kill(PeerId inbox, const ClaimKey& key, const HeldMessage& message, std::string_view reason,
                    std::string_view worker) {
  if (!jobs_.bury_claim(key, reason, worker)) return false;
  depart(inbox, message, {0, 1, 0, message.bytes});
  return true;
}

JobRules::Failed JobRules::fail(PeerId inbox, const ClaimKey& key, const HeldMessage& message, std::string_view reason,
                                std::string_view worker) {
  const std::int64_t most = max_attempts(inbox, message);
  if (most > 0 && message.attempts >= most) return {kill(inbox, key, message, reason, worker), true};
  return {postpone(inbox, key, message, message.attempts, backoff(inbox, message.attempts)), false};
}

// Who goes before it in its group has not to wait for it.
bool JobRules::postpone(PeerId inbox, const ClaimKey& key, const HeldMessage& message, std::int64_t attempts,
                        double delay) {
  if (!jobs_.postpone(key, attempts, time_.now + delay, time_.now)) return false;
  promote(inbox, message.group_key);
  return true;
}

// The first lease to end may be another one now.
bool JobRules::extend(const ClaimKey& key, double lease) {
  if (!jobs_.extend(key, time_.uptime + lease)) return false;
  jobs_.lower_first_lease_end(key.worker, time_.uptime + lease);
  return true;
}

std::int64_t JobRules::max_attempts(PeerId inbox, const HeldMessage& message) {
  return message.max_attempts ? *message.max_attempts : settings(inbox).max_attempts;
}

// "Equal jitter": half of it is certain, half is chance, so that what failed together is not tried together.
// https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
double JobRules::backoff(PeerId inbox, std::int64_t attempts) {
  const storage::QueueRow& queue = settings(inbox);
  if (!queue.exponential) return queue.retry_delay;
  const double doublings = static_cast<double>(std::clamp<std::int64_t>(attempts - 1, 0, 60));
  const double longest = std::min(queue.max_retry_delay, queue.retry_delay * std::exp2(doublings));
  return longest * (0.5 + 0.5 * random_fraction());
}

bool JobRules::bring_back(PeerId inbox, const std::vector<storage::WorkerRow>& workers, IsAlive is_alive) {
  struct Worker {
    const storage::WorkerRow* row;
    bool is_alive;
    std::optional<double> first_lease_end{};
  };
  std::map<storage::WorkerId, Worker> suspects;
  for (const storage::WorkerRow& row : workers) {
    const bool alive = is_alive(row);
    if (alive && (!row.first_lease_end || *row.first_lease_end > time_.uptime)) continue;
    suspects.emplace(row.id, Worker{&row, alive});
  }
  if (suspects.empty()) return false;

  std::vector<Returned> returned;
  jobs_.visit_claims(inbox, [&](const storage::ClaimedMessage& claim) {
    const auto suspect = suspects.find(claim.key.worker);
    if (suspect == suspects.end()) return true;
    Worker& worker = suspect->second;
    if (worker.is_alive && claim.lease_end > time_.uptime) {
      worker.first_lease_end = std::min(worker.first_lease_end.value_or(claim.lease_end), claim.lease_end);
      return true;
    }
    const Parcel& parcel = claim.message.parcel;
    returned.push_back({claim.key, parcel.job.attempts, parcel.job.max_attempts, std::string(parcel.sender),
                        std::string(parcel.job.group_key), std::string(parcel.job.dedup_key), parcel.content.size(),
                        worker.row->peer_name,
                        worker.is_alive ? "its lease ran out" : "its worker died or left without settling it"});
    return true;
  });
  const bool any = give_back(inbox, returned);
  for (const auto& [id, worker] : suspects) {
    worker.is_alive ? jobs_.set_first_lease_end(id, worker.first_lease_end) : jobs_.remove_worker(id);
  }
  return any;
}

// At once: nobody is to wait for a worker that died. The attempt counts, or a job that kills its workers would go on
// for ever.
bool JobRules::give_back(PeerId inbox, const std::vector<Returned>& claims) {
  bool any = false;
  for (const Returned& one : claims) {
    const std::int64_t most = max_attempts(inbox, one.message());
    if (most > 0 && one.attempts >= most) {
      kill(inbox, one.key, one.message(), one.reason, one.worker);
    } else {
      any = jobs_.release(one.key, one.attempts) || any;
    }
  }
  if (any) woken_.insert(inbox);
  return any;
}

void JobRules::release_all(PeerId inbox, storage::WorkerId worker) {
  std::vector<std::pair<ClaimKey, std::int64_t>> claims;
  jobs_.visit_claims(inbox, [&](const storage::ClaimedMessage& claim) {
    if (claim.key.worker == worker) claims.emplace_back(claim.key, claim.message.parcel.job.attempts);
    return true;
  });
  for (const auto& [key, attempts] : claims) jobs_.release(key, std::max<std::int64_t>(attempts - 1, 0));
  jobs_.remove_worker(worker);
  if (!claims.empty()) woken_.insert(inbox);
}

}  // namespace ipcm
