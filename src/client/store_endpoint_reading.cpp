// SPDX-License-Identifier: MIT
#include <mutex>

#include "client/job_rules.hpp"
#include "client/parcels.hpp"
#include "client/store_endpoint.hpp"
#include "client/store_jobs.hpp"
#include "core/message_access.hpp"
#include "platform/uptime.hpp"

namespace ipcm {

using notify::Event;

std::vector<Message> StoreEndpoint::take(std::size_t limit) {
  require_inbox("read");
  waiting_->before_taking(Event::mail);
  std::vector<Message> messages;
  bool more = false;
  write([&](storage::Transaction& transaction) {
    messages.clear();
    more = false;
    if (storage::Jobs* jobs = transaction.jobs()) {
      JobRules rules(transaction, *jobs, {now(), platform::uptime()});
      rules.bring_due(self_.id);
      take_by(transaction, rules, limit, messages);
      if (messages.empty() && jobs_->bring_back(transaction, self_.id)) take_by(transaction, rules, limit, messages);
    } else {
      take_some(transaction, limit, messages, [](const storage::StoredMessage&) { return false; });
    }
    more = messages.size() == limit && has_mail(transaction);
  });
  waiting_->after_taking(Event::mail, more);
  return messages;
}

// What is dead or expired does not use up the limit. True when there may be more.
bool StoreEndpoint::take_some(storage::Transaction& transaction, std::size_t limit, std::vector<Message>& messages,
                              FunctionRef<bool(const storage::StoredMessage&)> expired) {
  std::size_t left = limit;
  while (left > 0) {
    const std::size_t before = messages.size();
    const std::size_t taken =
        transaction.take(self_, left, [&](const storage::StoredMessage& stored) -> storage::Verdict {
          if (expired(stored)) return storage::Verdict::Kind::expired;
          if (auto problem = decoding_problem(stored)) return problem;
          messages.push_back(unpack(stored, id()));
          return storage::Verdict::Kind::read;
        });
    if (taken < left) return false;
    left -= messages.size() - before;
  }
  return true;
}

void StoreEndpoint::take_by(storage::Transaction& transaction, JobRules& rules, std::size_t limit,
                            std::vector<Message>& messages) {
  do {
    take_some(transaction, limit - messages.size(), messages, [&](const storage::StoredMessage& stored) {
      rules.depart(self_.id, stored.parcel.job.group_key, stored.parcel.job.dedup_key);
      return is_expired(stored, rules.time().now);
    });
  } while (rules.finish() && messages.size() < limit);  // the next ones of their groups
}

std::vector<Message> StoreEndpoint::peek(std::size_t limit) {
  require_inbox("read");
  std::vector<Message> messages;
  std::vector<std::pair<storage::Place, MessageId>> unfit;  // expired, or not to be decoded
  read([&](storage::Snapshot& view) {
    if (limit == 0) return;
    view.peek(self_.id, kNoLimit, [&](const storage::StoredMessage& stored) {
      if (is_expired(stored, now()) || decoding_problem(stored)) {
        unfit.emplace_back(stored.place, stored.parcel.id);
      } else {
        messages.push_back(unpack(stored, id()));
      }
      return messages.size() < limit;
    });
  });
  if (!unfit.empty()) set_aside(unfit);
  return messages;
}

// Otherwise a reader that peeks and removes would find the same ones ready for ever.
void StoreEndpoint::set_aside(std::span<const std::pair<storage::Place, MessageId>> unfit) {
  write([&](storage::Transaction& transaction) {
    std::optional<JobRules> rules;
    if (storage::Jobs* jobs = transaction.jobs()) rules.emplace(transaction, *jobs, JobTime{now(), platform::uptime()});
    for (const auto& [place, message] : unfit) {
      transaction.take_one(self_, place, message, [&](const storage::StoredMessage& stored) -> storage::Verdict {
        if (rules) rules->depart(self_.id, stored.parcel.job.group_key, stored.parcel.job.dedup_key);
        if (is_expired(stored, now())) return storage::Verdict::Kind::expired;
        return decoding_problem(stored);
      });
    }
    if (rules) rules->finish();
  });
}

std::size_t StoreEndpoint::remove(std::span<const Message> messages) {
  require_inbox("read");
  waiting_->before_taking(Event::mail);
  std::size_t removed = 0;
  bool more = false;
  write([&](storage::Transaction& transaction) {
    removed = 0;
    storage::Jobs* jobs = transaction.jobs();
    for (const Message& message : messages) {
      const std::optional<storage::Place> place = MessageAccess::place(message);
      if (message.to() != id() || !place) continue;
      if (transaction.take_one(self_, *place, MessageAccess::message_id(message),
                               [](const storage::StoredMessage&) { return std::optional<std::string>(); })) {
        ++removed;
        if (!jobs || (message.group_key().empty() && message.dedup_key().empty())) continue;
        JobRules rules(transaction, *jobs, {now(), platform::uptime()});
        rules.depart(self_.id, message.group_key(), message.dedup_key());
        rules.finish();
      }
    }
    more = has_mail(transaction);
  });
  waiting_->after_taking(Event::mail, more);
  return removed;
}

bool StoreEndpoint::ready() {
  require_inbox("read");
  bool found = false;
  read([&](storage::Snapshot& view) { found = has_mail(view); });
  return found;
}

bool StoreEndpoint::pending() {
  require_inbox("read");
  bool found = false;
  read([&](storage::Snapshot& view) {
    storage::Jobs* jobs = view.jobs();
    if (!jobs) return;
    const storage::JobCounts counts = jobs->counts(self_.id);
    found = counts.later > 0 || counts.claimed > 0;
  });
  return found;
}

bool StoreEndpoint::wait(std::optional<std::chrono::milliseconds> timeout) {
  require_inbox("wait");
  std::optional<platform::MonotonicTime> deadline;
  if (timeout) deadline = platform::deadline_after(*timeout);
  std::optional<platform::MonotonicTime> next_change;
  const auto look = [&] {
    bool found = false;
    read([&](storage::Snapshot& view) {
      found = has_mail(view) || jobs_->may_bring_back(view, self_.id);
      if (!found) next_change = jobs_->next_change(view, self_.id);
    });
    return found;
  };
  return waiting_->wait({Event::mail}, deadline, look, {}, &next_change);
}

int StoreEndpoint::fd() {
  require_inbox("wait");
  require_connected();
  return waiting_->fd(Event::mail, [this] { return ready(); });
}

}  // namespace ipcm
