// SPDX-License-Identifier: MIT
// Jobs: queues, claims and what becomes of them, dead letters, schedules.
#include <algorithm>

#include "conformance/model/model.hpp"

namespace model {
namespace {

using Kind = Operation::Kind;
using State = Held::State;

}  // namespace

Answers Model::apply_jobs(const Operation& operation) {
  switch (operation.kind) {
    case Kind::create_queue: return create_queue(operation);
    case Kind::pause_queue:
    case Kind::resume_queue: return pause(operation);
    case Kind::claim: return claim(operation);
    case Kind::settle: return settle(operation);
    case Kind::ack_many: return ack_many(operation);
    case Kind::transaction: return transaction(operation);
    case Kind::queues: return {queues()};
    case Kind::jobs: return jobs(operation);
    case Kind::dead_letters:
      if (!operation.target.empty() && !peers_.contains(operation.target)) return {"UnknownPeer"};
      return {dead_letters(operation.target)};
    case Kind::replay_dead: return replay(operation);
    case Kind::purge_dead: return purge(operation);
    case Kind::add_schedule: return add_schedule(operation);
    case Kind::remove_schedule: {
      const bool known = schedules_.contains(operation.schedule);
      remove_schedule(operation.schedule);
      return {known ? "yes" : "no"};
    }
    default: return {schedules()};
  }
}

// --- queues ----------------------------------------------------------------------------------------------------------

Answers Model::create_queue(const Operation& operation) {
  const auto found = peers_.find(operation.target);
  if (found != peers_.end()) return {found->second.inbox.settings.is_queue ? "old" : "NameInUse"};
  Settings& settings = peers_[operation.target].inbox.settings;
  settings.is_queue = true;
  settings.max_attempts = operation.max_attempts.value_or(0);
  settings.retry_delay = operation.retry_delay.value_or(0);
  settings.dedup_window = operation.dedup_window.value_or(0);
  return {"new"};
}

Answers Model::pause(const Operation& operation) {
  const auto found = peers_.find(operation.target);
  if (found == peers_.end()) return {"UnknownPeer"};
  Settings& settings = found->second.inbox.settings;
  if (!settings.is_queue) return {"InvalidArgument"};
  settings.paused = operation.kind == Kind::pause_queue;
  return {"ok"};
}

std::string Model::queues() const {
  std::vector<std::string> words;
  for (const auto& [name, peer] : peers_) {
    const Inbox& inbox = peer.inbox;
    if (!inbox.settings.is_queue) continue;
    const auto dead = std::ranges::count(dead_, name, &Dead::inbox);
    words.push_back(name + (inbox.settings.paused ? " paused" : "") +
                    " ready:" + std::to_string(inbox.count(State::ready)) +
                    " scheduled:" + std::to_string(inbox.count(State::later)) +
                    " in flight:" + std::to_string(inbox.count(State::claimed)) + " dead:" + std::to_string(dead) +
                    " workers:" + std::to_string(peer.workers.size()));
  }
  return joined(words);
}

Answers Model::jobs(const Operation& operation) const {
  const auto found = peers_.find(operation.target);
  if (found == peers_.end()) return {"UnknownPeer"};
  std::vector<std::string> words;
  for (const State state : {State::claimed, State::ready, State::later}) {
    for (const auto& [place, held] : found->second.inbox.messages()) {
      if (held.state != state) continue;
      std::string word = held.message.text();
      if (state == State::claimed) word += " by " + held.claimed.worker;
      if (state == State::later) word += held.schedule.empty() ? " later" : " of " + held.schedule;
      words.push_back(word);
    }
  }
  return {joined(words)};
}

// --- claims ----------------------------------------------------------------------------------------------------------

bool Model::is_certain(const std::string& name, const Settling& settling) const {
  if (settling.kind != Settling::Kind::fail) return true;
  const auto& handles = handles_.at(name);
  const Handle& handle = handles.at(at(handles, settling.pick));
  const auto peer = peers_.find(handle.inbox);
  if (peer == peers_.end() || peer->second.inbox.settings.retry_delay) return true;
  Inbox inbox = peer->second.inbox;
  const Held* held = inbox.find_claim(handle.place, handle.claim);
  return held == nullptr || held->message.attempts < 3;
}

// Whether that claim belongs to the client that its name has now.
bool Model::holds(const std::string& name, int pick) const {
  const auto handles = handles_.find(name);
  if (handles == handles_.end() || handles->second.empty()) return false;
  return handles->second.at(at(handles->second, pick)).life == clients_.at(name);
}

Answers Model::claim(const Operation& operation) {
  const std::string& name = operation.actor;
  const std::string& from = operation.target.empty() ? name : operation.target;
  const auto found = peers_.find(from);
  if (found == peers_.end()) return {"UnknownPeer"};
  Peer& peer = found->second;
  if (from != name && !peer.inbox.settings.is_queue) return {"InvalidArgument"};
  peer.workers.insert(name);
  if (peer.inbox.settings.paused) return {""};
  bring_due(from);
  bring_back(from);
  Departures departed;
  const Claimed claimed{++last_claim_, name, uptime_ + operation.seconds};
  std::vector<std::string> words;
  for (const auto& [place, message] : peer.inbox.claim(operation.limit, claimed, now_, departed)) {
    words.push_back(message.text());
    handles_[name].push_back({from, place, claimed.claim, clients_.at(name)});
  }
  settle_books(from, departed);
  return {joined(words)};
}

void Model::bury(const Message& message, const std::string& inbox, const std::string& reason,
                 const std::string& worker) {
  dead_.push_back({message, inbox, reason, worker});
}

std::string Model::settle_one(const std::string& actor, const Handle& handle, const Settling& settling) {
  const bool lets_go = settling.kind == Settling::Kind::let_go;
  if (handle.life != clients_.at(actor)) return lets_go ? "ok" : "Disconnected";
  const auto peer = peers_.find(handle.inbox);
  Held* held = peer == peers_.end() ? nullptr : peer->second.inbox.find_claim(handle.place, handle.claim);
  if (held == nullptr) return lets_go ? "ok" : "LostClaim";
  Inbox& inbox = peer->second.inbox;
  const int most = held->message.letter.max_attempts.value_or(inbox.settings.max_attempts);
  switch (settling.kind) {
    case Settling::Kind::ack: ++counts_[{inbox.leave(handle.place, now_).from, handle.inbox}].read; return "ok";
    case Settling::Kind::let_go:
    case Settling::Kind::release:
      --held->message.attempts;
      settling.seconds > 0 ? inbox.postpone(handle.place, now_ + settling.seconds) : inbox.release(handle.place);
      return "ok";
    case Settling::Kind::extend: held->claimed.lease_end = uptime_ + settling.seconds; return "ok";
    case Settling::Kind::fail:
      if (most == 0 || held->message.attempts < most) {
        const long doubled = 1L << (held->message.attempts - 1);
        inbox.postpone(handle.place, now_ + inbox.settings.retry_delay.value_or(static_cast<int>(doubled)));
        return "again";
      }
      [[fallthrough]];
    default:
      bury(inbox.leave(handle.place, now_), handle.inbox, "reason", actor);
      return settling.kind == Settling::Kind::fail ? "dead" : "ok";
  }
}

Answers Model::settle(const Operation& operation) {
  auto& handles = handles_[operation.actor];
  if (handles.empty()) return {"nothing"};
  const Settling& settling = operation.settlings.at(0);
  const std::size_t pick = at(handles, settling.pick);
  const std::string answer = settle_one(operation.actor, handles[pick], settling);
  if (settling.kind != Settling::Kind::extend || answer != "ok") {
    handles.erase(handles.begin() + static_cast<std::ptrdiff_t>(pick));
  }
  return {answer};
}

Answers Model::ack_many(const Operation& operation) {
  auto& handles = handles_[operation.actor];
  int acknowledged = 0;
  const std::set<std::size_t> all = picked(operation);
  for (const std::size_t pick : all) {
    acknowledged += settle_one(operation.actor, handles[pick], {}) == "ok" ? 1 : 0;
  }
  for (auto pick = all.rbegin(); pick != all.rend(); ++pick) {
    handles.erase(handles.begin() + static_cast<std::ptrdiff_t>(*pick));
  }
  return {std::to_string(acknowledged)};
}

// First what is settled, then what is sent. All of it, or nothing.
Answers Model::transaction(const Operation& operation) {
  Model before = *this;
  const int last_number = last_number_ + static_cast<int>(operation.letters.size());
  std::set<std::size_t> settled;
  Answers refusals;
  auto& handles = handles_[operation.actor];
  for (const Settling& settling : operation.settlings) {
    if (handles.empty()) continue;
    const std::size_t pick = at(handles, settling.pick);
    if (!settled.insert(pick).second) continue;
    if (settle_one(operation.actor, handles[pick], settling) == "LostClaim") refusals.insert("LostClaim");
  }
  for (Letter letter : operation.letters) {
    letter.number = ++last_number_;
    if (const std::string refused = send_one(operation.actor, letter); !refused.empty()) refusals.insert(refused);
  }
  if (!refusals.empty()) {
    *this = std::move(before);
    last_number_ = last_number;
    return refusals;
  }
  for (auto pick = settled.rbegin(); pick != settled.rend(); ++pick) {
    handles.erase(handles.begin() + static_cast<std::ptrdiff_t>(*pick));
  }
  return {"ok"};
}

void Model::release_all(const std::string& worker) {
  for (auto& [name, peer] : peers_) {
    if (peer.workers.erase(worker) == 0) continue;
    std::vector<Place> claimed;
    for (const auto& [place, held] : peer.inbox.messages()) {
      if (held.state == State::claimed && held.claimed.worker == worker) claimed.push_back(place);
    }
    for (const Place& place : claimed) peer.inbox.give_back(place);
  }
}

// --- dead letters ----------------------------------------------------------------------------------------------------

std::string Model::dead_letters(const std::string& inbox) const {
  std::vector<std::string> words;
  for (const Dead& dead : dead_) {
    if (!inbox.empty() && dead.inbox != inbox) continue;
    words.push_back(dead.inbox + ":" + dead.message.text() + " " + dead.reason + " by " + dead.worker);
  }
  return joined(words);
}

Answers Model::replay(const Operation& operation) {
  Model before = *this;
  Answers refusals;
  const std::set<std::size_t> all = picked(operation);
  for (const std::size_t pick : all) {
    const Dead& dead = dead_.at(pick);
    if (const std::string refused = refusal(dead.inbox); !refused.empty()) {
      refusals.insert(refused);
    } else if (!peers_.at(dead.inbox).inbox.post_again(dead.message, now_)) {
      refusals.insert("DuplicateMessage");
    } else {
      ++counts_[{dead.message.from, dead.inbox}].sent;
    }
  }
  if (!refusals.empty()) {
    *this = std::move(before);
    return refusals;
  }
  return {purge(operation)};
}

Answers Model::purge(const Operation& operation) {
  const std::set<std::size_t> all = picked(operation);
  for (auto pick = all.rbegin(); pick != all.rend(); ++pick) {
    dead_.erase(dead_.begin() + static_cast<std::ptrdiff_t>(*pick));
  }
  return {std::to_string(all.size())};
}

// --- schedules -------------------------------------------------------------------------------------------------------

Answers Model::add_schedule(const Operation& operation) {
  Letter letter = operation.letters.at(0);
  letter.number = ++last_number_;
  if (const std::string refused = refusal(letter.to); !refused.empty()) return {refused};
  remove_schedule(operation.schedule);
  Message message = message_of(operation.actor, letter);
  const long due = now_ + operation.seconds;
  if (letter.ttl) message.expires = due + *letter.ttl;
  const Place next = peers_.at(letter.to).inbox.post_for_schedule(message, due, operation.schedule);
  schedules_[operation.schedule] = {letter.to, operation.missed, next, due, now_, operation.seconds};
  ++counts_[{operation.actor, letter.to}].sent;
  return {"ok"};
}

void Model::remove_schedule(const std::string& name) {
  const auto found = schedules_.find(name);
  if (found == schedules_.end()) return;
  peers_.at(found->second.to).inbox.leave(found->second.next, now_);
  schedules_.erase(found);
}

std::string Model::schedules() const {
  std::vector<std::string> words;
  for (const auto& [name, schedule] : schedules_) {
    words.push_back(name + "->" + schedule.to + " at " + std::to_string(schedule.due));
  }
  return joined(words);
}

}  // namespace model
