// SPDX-License-Identifier: MIT
// Sending and reading.
#include <algorithm>

#include "conformance/model/model.hpp"

namespace model {
namespace {

using Kind = Operation::Kind;

}  // namespace

// --- sending ---------------------------------------------------------------------------------------------------------

// Empty: none.
std::string Model::refusal(const std::string& to) const {
  const auto found = peers_.find(to);
  if (found == peers_.end()) return "UnknownPeer";
  if (found->second.presence == Presence::disconnected) return "PeerDisconnected";
  return takes_mail(found->second) ? "" : "PeerGone";
}

Message Model::message_of(const std::string& from, const Letter& letter) {
  Message message{.from = from, .letter = letter, .uid = ++last_uid_};
  if (letter.ttl) message.expires = now_ + letter.delay.value_or(0) + *letter.ttl;
  return message;
}

std::string Model::send_one(const std::string& from, const Letter& letter, bool broadcast) {
  if (const std::string refused = refusal(letter.to); !refused.empty()) return refused;
  Inbox& inbox = peers_.at(letter.to).inbox;
  Message message = message_of(from, letter);
  message.broadcast = broadcast;
  const std::optional<long> at = letter.delay ? std::optional(now_ + *letter.delay) : std::nullopt;
  const bool compares_ids = promises_.has_store || letter.to == from;
  switch (inbox.post(message, at, now_, compares_ids)) {
    case Inbox::Posted::duplicate: return "DuplicateMessage";
    case Inbox::Posted::known: return "";
    case Inbox::Posted::stored: break;
  }
  ++counts_[{from, letter.to}].sent;
  return "";
}

Answers Model::send(const Operation& operation) {
  std::vector<Letter> letters = operation.letters;
  for (Letter& letter : letters) letter.number = ++last_number_;
  const bool any_job = std::ranges::any_of(letters, &Letter::is_job);
  if (!promises_.has_store && letters.size() > 1) {  // what can be known to be wrong is found before any is sent
    Answers refusals;
    std::set<std::pair<std::string, std::string>> chosen;
    for (const Letter& letter : letters) {
      if (const std::string refused = refusal(letter.to); !refused.empty()) refusals.insert(refused);
      if (letter.chosen_id && !chosen.emplace(letter.to, *letter.chosen_id).second) refusals.insert("DuplicateMessage");
    }
    if (any_job) refusals.insert("NotSupported");
    if (!refusals.empty()) return refusals;
  }
  Model before = *this;
  Answers refusals;
  if (any_job && !promises_.has_jobs) refusals.insert("NotSupported");
  for (const Letter& letter : letters) {
    const std::string refused = send_one(operation.actor, letter);
    if (refused.empty()) continue;
    refusals.insert(refused);
    if (!promises_.has_store) break;
  }
  if (refusals.empty()) return {"ok"};
  const int last_number = last_number_;
  const bool some_are_sent = !promises_.has_store && !any_job;
  if (!some_are_sent) *this = std::move(before);
  last_number_ = last_number;
  return refusals;
}

Answers Model::broadcast(const Operation& operation) {
  Letter letter = operation.letters.at(0);
  letter.number = ++last_number_;
  if (letter.is_job() && !promises_.has_jobs) return {"NotSupported"};
  std::vector<std::string> reached;
  for (const auto& [name, peer] : peers_) {
    if (name != operation.actor && !peer.inbox.settings.is_queue && takes_mail(peer)) reached.push_back(name);
  }
  for (const std::string& name : reached) {
    letter.to = name;
    send_one(operation.actor, letter, true);
  }
  return {joined(reached)};
}

// --- time ------------------------------------------------------------------------------------------------------------

void Model::settle_books(const std::string& inbox, const Departures& departed) {
  for (const Message& message : departed.read) ++counts_[{message.from, inbox}].read;
  for (const auto& [message, claimed] : departed.dead) bury(message, inbox, "its lease ran out", claimed.worker);
}

void Model::bring_due(const std::string& name) {
  Inbox& inbox = peers_.at(name).inbox;
  settle_books(name, inbox.bring_due(now_, [&](const Place& place, long time) { return fire(name, place, time); }));
}

bool Model::bring_back(const std::string& name) {
  Inbox& inbox = peers_.at(name).inbox;
  const std::size_t before = inbox.count(Held::State::ready);
  const Departures departed = inbox.bring_back(uptime_, now_);
  settle_books(name, departed);
  return inbox.count(Held::State::ready) > before;
}

// The next one of a schedule is due: the one after it comes into being. Whether this one is delivered.
bool Model::fire(const std::string& name, const Place& place, long time) {
  const auto found = std::ranges::find_if(schedules_, [&](const auto& one) {
    return one.second.to == name && one.second.next == place && one.second.due == time;
  });
  Schedule& schedule = found->second;
  const long from = schedule.missed == "all" ? time : std::max(time, now_);
  const long after = schedule.anchor + ((from - schedule.anchor) / schedule.interval + 1) * schedule.interval;
  Inbox& inbox = peers_.at(name).inbox;
  Message next = inbox.messages().at(place).message;
  if (next.expires) *next.expires += after - time;
  next.uid = ++last_uid_;
  schedule.next = inbox.post_for_schedule(next, after, found->first);
  schedule.due = after;
  ++counts_[{next.from, name}].sent;
  return !(schedule.missed == "skip" && now_ - time > 60);
}

// --- reading ---------------------------------------------------------------------------------------------------------

std::vector<Inbox::Taken> Model::take(const std::string& name, std::size_t limit) {
  Departures departed;
  bring_due(name);
  Inbox& inbox = peers_.at(name).inbox;
  std::vector<Inbox::Taken> taken = inbox.take(limit, now_, departed);
  settle_books(name, departed);
  if (!taken.empty() || !bring_back(name)) return taken;
  departed = {};
  taken = inbox.take(limit, now_, departed);
  settle_books(name, departed);
  return taken;
}

// Whether what was claimed for too long comes back goes by what a first look finds.
std::vector<Inbox::Taken> Model::peek(const std::string& name, std::size_t limit) {
  Departures departed;
  Inbox& inbox = peers_.at(name).inbox;
  const bool nothing = Inbox(inbox).peek(limit, now_, departed).empty();
  departed = {};
  bring_due(name);
  if (nothing) bring_back(name);
  return inbox.peek(limit, now_, departed);
}

// Batch by batch, until nothing is left.
std::vector<std::string> Model::drain(const std::string& name) {
  constexpr std::size_t kBatch = 100;
  std::vector<std::string> handled;
  do {
    for (auto batch = peek(name, kBatch); !batch.empty(); batch = peek(name, kBatch)) {
      for (const auto& [place, message] : batch) {
        handled.push_back(message.text());
        taken_[name].emplace_back(place, message);
        if (peers_.at(name).inbox.remove(place, message, now_)) ++counts_[{message.from, name}].read;
      }
    }
  } while (leaves_mail(name));
  return handled;
}

Answers Model::read(const Operation& operation) {
  const std::string& name = operation.actor;
  std::vector<Inbox::Taken> got;
  if (operation.kind == Kind::take) {
    got = take(name, operation.limit);
  } else {
    got = peek(name, operation.limit);
    seen_[name].clear();
  }
  std::vector<std::string> words;
  for (const Inbox::Taken& one : got) {
    words.push_back(one.second.text());
    (operation.kind == Kind::take ? taken_ : seen_)[name].push_back(one);
  }
  return {joined(words)};
}

Answers Model::remove(const Operation& operation) {
  const std::string& name = operation.actor;
  Inbox& inbox = peers_.at(name).inbox;
  int removed = 0;
  for (const std::size_t pick : picked(operation)) {
    const auto& [place, message] = seen_[name].at(pick);
    taken_[name].emplace_back(place, message);
    if (!inbox.remove(place, message, now_)) continue;
    ++counts_[{message.from, name}].read;
    ++removed;
  }
  return {std::to_string(removed)};
}

Answers Model::requeue(const Operation& operation) {
  const std::string& name = operation.actor;
  Model before = *this;
  const std::set<std::size_t> all = picked(operation);
  if (!promises_.has_store) {  // there, all are looked at before any is put back
    for (const std::size_t pick : all) {
      const auto& [place, message] = taken_[name].at(pick);
      Inbox inbox = peers_.at(name).inbox;
      if (counts_[{message.from, name}].read == 0 && inbox.put_back(place, message)) return {"InvalidMessage"};
    }
  }
  for (auto pick = all.rbegin(); pick != all.rend(); ++pick) {
    const auto& [place, message] = taken_[name].at(*pick);
    if (!peers_.at(name).inbox.put_back(place, message)) {
      *this = std::move(before);
      return {"DuplicateMessage"};
    }
    Count& count = counts_[{message.from, name}];
    if (count.read == 0 && promises_.has_store) {  // nothing of that sender was ever read here
      *this = std::move(before);
      return {"InvalidMessage"};
    }
    if (count.read > 0) --count.read;
  }
  return {"ok"};
}

// Each position once, in their order.
std::set<std::size_t> Model::picked(const Operation& operation) const {
  std::size_t size = 0;
  switch (operation.kind) {
    case Kind::remove: size = seen_by(operation.actor); break;
    case Kind::requeue: size = taken_by(operation.actor); break;
    case Kind::ack_many: size = handles_of(operation.actor); break;
    default: size = dead_.size(); break;
  }
  std::set<std::size_t> positions;
  for (const int pick : operation.picks) {
    if (size > 0) positions.insert(static_cast<std::size_t>(pick) % size);
  }
  return positions;
}

}  // namespace model
