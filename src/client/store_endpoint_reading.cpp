// SPDX-License-Identifier: MIT
#include <mutex>

#include "client/job_rules.hpp"
#include "client/parcels.hpp"
#include "client/store_endpoint.hpp"
#include "client/store_jobs.hpp"
#include "core/message_access.hpp"

namespace ipcm {

using notify::Event;

std::vector<Message> StoreEndpoint::take(std::size_t limit) {
  require_inbox("read");
  jobs_->check_clock();
  waiting_->before_taking(Event::mail);
  std::vector<Message> messages;
  bool more = false;
  write([&](storage::Transaction& transaction) {
    require_reader();  // here, as another thread may have begun to hand over since the call did
    messages.clear();
    std::optional<JobRules> rules = rules_for(transaction);
    if (rules) rules->bring_due(self_.id);
    take_some(transaction, rules ? &*rules : nullptr, limit, messages);
    if (messages.empty() && rules && jobs_->bring_back(transaction, self_.id)) {
      take_some(transaction, &*rules, limit, messages);
    }
    more = messages.size() == limit && has_mail(transaction);
  });
  waiting_->after_taking(Event::mail, more);
  return messages;
}

// What is dead or expired does not use up the limit, and what waited for its group comes when its turn has come.
void StoreEndpoint::take_some(storage::Transaction& transaction, JobRules* rules, std::size_t limit,
                              std::vector<Message>& messages) {
  const auto judge = [&](const storage::StoredMessage& stored) -> storage::Verdict {
    if (rules) rules->depart(self_.id, stored.parcel.job.group_key, stored.parcel.job.dedup_key);
    if (rules && is_expired(stored, rules->time().now)) return storage::Verdict::Kind::expired;
    if (is_stale(stored)) return storage::Verdict::Kind::read;
    if (auto problem = decoding_problem(stored)) return problem;
    messages.push_back(unpack(stored, id()));
    return storage::Verdict::Kind::read;
  };
  for (bool again = true; again && messages.size() < limit;) {
    const std::size_t left = limit - messages.size();
    const bool all = transaction.take(self_, left, judge) < left;
    again = (rules && rules->finish()) || !all;
  }
}

std::vector<Message> StoreEndpoint::peek(std::size_t limit) {
  require_inbox("read");
  if (limit == 0) return {};
  jobs_->check_clock();
  Peeked peeked = look_at_ready(limit);
  if (peeked.more_comes) {
    write([&](storage::Transaction& transaction) {
      rules_for(transaction)->bring_due(self_.id);
      if (peeked.messages.empty()) jobs_->bring_back(transaction, self_.id);
    });
    peeked = look_at_ready(limit);
  }
  if (!peeked.unfit.empty()) set_aside(peeked.unfit);
  return std::move(peeked.messages);
}

// What is due, and what was claimed for too long, is not among what is ready before somebody has seen to it. Were that
// not done here, it would be ready() for ever to a reader that only peeks.
StoreEndpoint::Peeked StoreEndpoint::look_at_ready(std::size_t limit) {
  Peeked peeked;
  read([&](storage::Snapshot& view) {
    require_reader();
    view.peek(self_.id, kNoLimit, [&](const storage::StoredMessage& stored) {
      const bool expired = is_expired(stored, now());
      const bool stale = !expired && is_stale(stored);
      std::optional<std::string> problem;
      if (!expired && !stale) problem = decoding_problem(stored);
      if (expired || stale || problem) {
        peeked.unfit.push_back({stored.place, stored.parcel.id, std::move(problem), stale});
      } else {
        peeked.messages.push_back(unpack(stored, id()));
      }
      return peeked.messages.size() < limit;
    });
    storage::Jobs* jobs = view.jobs();
    peeked.more_comes = jobs && (jobs->has_due(self_.id, now()) ||
                                 (peeked.messages.empty() && jobs_->outlook(view, self_.id).comes_back));
  });
  return peeked;
}

// Otherwise a reader that peeks and removes would find the same ones ready for ever. For the reason that was seen: were
// they judged anew, one whose time is not over by a clock that was set back would count as read.
void StoreEndpoint::set_aside(std::span<const Unfit> unfit) {
  write([&](storage::Transaction& transaction) { set_aside(transaction, unfit); });
}

bool StoreEndpoint::set_aside(storage::Transaction& transaction, std::span<const Unfit> unfit) {
  std::optional<JobRules> rules = rules_for(transaction);
  for (const Unfit& one : unfit) {
    transaction.take_one(self_, one.place, one.id, [&](const storage::StoredMessage& stored) -> storage::Verdict {
      if (rules) rules->depart(self_.id, stored.parcel.job.group_key, stored.parcel.job.dedup_key);
      if (one.problem) return storage::Verdict(one.problem);
      return one.is_stale ? storage::Verdict::Kind::read : storage::Verdict::Kind::expired;
    });
  }
  return rules && rules->finish();
}

bool StoreEndpoint::let_expire(storage::Transaction& transaction) {
  std::vector<Unfit> expired;
  transaction.peek(self_.id, kNoLimit, [&](const storage::StoredMessage& stored) {
    if (is_expired(stored, now())) expired.push_back({stored.place, stored.parcel.id});
    return true;
  });
  return set_aside(transaction, expired);
}

std::pair<std::size_t, bool> StoreEndpoint::remove_from(storage::Transaction& transaction,
                                                        std::span<const storage::Standing> those) {
  std::size_t removed = 0;
  std::optional<JobRules> rules = rules_for(transaction);
  const auto judge = [&](const storage::StoredMessage& stored) -> storage::Verdict {
    if (rules) rules->depart(self_.id, stored.parcel.job.group_key, stored.parcel.job.dedup_key);
    return storage::Verdict::Kind::read;
  };
  for (const storage::Standing& one : those) {
    if (transaction.take_one(self_, one.place, one.id, judge)) ++removed;
  }
  return {removed, rules && rules->finish()};
}

std::size_t StoreEndpoint::remove(std::span<const Message> messages) {
  require_inbox("read");
  std::vector<storage::Standing> those;
  those.reserve(messages.size());
  for (const Message& message : messages) {
    const std::optional<storage::Place> place = MessageAccess::place(message);
    if (message.to() == id() && place) those.push_back({*place, MessageAccess::message_id(message)});
  }
  waiting_->before_taking(Event::mail);
  std::size_t removed = 0;
  bool more = false;
  write([&](storage::Transaction& transaction) {
    removed = remove_from(transaction, those).first;
    more = has_mail(transaction);
  });
  waiting_->after_taking(Event::mail, more);
  return removed;
}

bool StoreEndpoint::ready() {
  require_inbox("read");
  bool found = false;
  read([&](storage::Snapshot& view) { found = has_mail(view) || jobs_->outlook(view, self_.id).comes_back; });
  return found;
}

bool StoreEndpoint::pending() {
  require_inbox("read");
  bool found = false;
  read([&](storage::Snapshot& view) {
    storage::Jobs* jobs = view.jobs();
    found = jobs && (jobs->has_later(self_.id) || jobs->has_claims(self_.id));
  });
  return found;
}

Waited StoreEndpoint::wait(std::optional<std::chrono::milliseconds> timeout, platform::Signals signals) {
  require_inbox("wait");
  std::optional<platform::MonotonicTime> deadline;
  if (timeout) deadline = platform::deadline_after(*timeout);
  std::optional<platform::MonotonicTime> next_change;
  const auto look = [&] {
    bool found = false;
    jobs_->check_clock();
    read([&](storage::Snapshot& view) {
      found = has_mail(view);
      if (found) return;
      const StoreJobs::Outlook outlook = jobs_->outlook(view, self_.id);
      found = outlook.comes_back;
      next_change = outlook.next_change;
    });
    return found;
  };
  return waiting_->wait(signals, {Event::mail}, deadline, look, {}, &next_change);
}

int StoreEndpoint::fd() {
  require_inbox("wait");
  require_connected();
  return waiting_->fd(Event::mail, [this] { return ready(); });
}

}  // namespace ipcm
