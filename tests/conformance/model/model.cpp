// SPDX-License-Identifier: MIT
// Peers: connecting, leaving, and what is seen of them.
#include "conformance/model/model.hpp"

#include <algorithm>
#include <limits>
#include <numeric>

namespace model {
namespace {

using Kind = Operation::Kind;

constexpr std::size_t kAll = std::numeric_limits<std::size_t>::max();

}  // namespace

std::string joined(const std::vector<std::string>& words) {
  std::string all;
  for (const std::string& word : words) all += (all.empty() ? "" : " ") + word;
  return all;
}

bool Model::is_connected(const std::string& name) const {
  const auto client = clients_.find(name);
  return client != clients_.end() && client->second != 0;
}

std::vector<std::string> Model::connected() const {
  std::vector<std::string> names;
  for (const auto& [name, life] : clients_) {
    if (life != 0) names.push_back(name);
  }
  return names;
}

std::vector<std::string> Model::inboxes(bool of_queues) const {
  std::vector<std::string> names;
  for (const auto& [name, peer] : peers_) {
    if (peer.inbox.settings.is_queue == of_queues) names.push_back(name);
  }
  return names;
}

std::size_t Model::queued() const {
  std::size_t total = 0;
  for (const auto& [name, peer] : peers_) total += peer.inbox.messages().size();
  return total;
}

std::pair<bool, bool> Model::ready(const std::string& name) const {
  const Inbox& inbox = peers_.at(name).inbox;
  bool may_be = false;
  for (const auto& [place, held] : inbox.messages()) {
    may_be = may_be || held.state == Held::State::ready || (held.due && *held.due <= now_) ||
             (held.state == Held::State::claimed && held.claimed.lease_end <= uptime_);
  }
  Model after = *this;
  const bool is = !after.take(name, 1).empty();
  return {may_be, !is};
}

bool Model::pending(const std::string& name) const {
  const Inbox& inbox = peers_.at(name).inbox;
  return inbox.count(Held::State::ready) < inbox.messages().size();
}

Answers Model::apply(const Operation& operation) {
  switch (operation.kind) {
    case Kind::advance_clock: now_ += operation.seconds; return {"ok"};
    case Kind::advance_uptime: uptime_ += operation.seconds; return {"ok"};
    case Kind::connect:
    case Kind::reconnect: return connect(operation);
    case Kind::wait: return {is_connected(operation.actor) ? "found" : "Disconnected"};
    case Kind::at_once: {
      std::vector<std::size_t> as_they_stand(operation.parts.size());
      std::iota(as_they_stand.begin(), as_they_stand.end(), 0);
      *this = apply_in_order(operation, as_they_stand).after;
      return {};
    }
    default: break;
  }
  const bool connected = is_connected(operation.actor);
  Answers answers = connected ? apply_connected(operation) : without_connection(operation);
  if (is_of_jobs(operation.kind) && !promises_.has_jobs) {
    answers = {"NotSupported"};
    if (!connected) answers.insert("Disconnected");
  }
  return answers;
}

Answers Model::apply_connected(const Operation& operation) {
  switch (operation.kind) {
    case Kind::suspend:
    case Kind::suspend_for:
    case Kind::disconnect:
    case Kind::drain:
    case Kind::drop: return leave(operation);
    case Kind::send:
    case Kind::send_batch: return send(operation);
    case Kind::send_too_large: {
      const bool refused_as_job = operation.letters.at(0).is_job() && !promises_.has_jobs;
      return refused_as_job ? Answers{"TooLarge", "NotSupported"} : Answers{"TooLarge"};
    }
    case Kind::broadcast: return broadcast(operation);
    case Kind::take:
    case Kind::peek: return read(operation);
    case Kind::remove: return remove(operation);
    case Kind::requeue: return requeue(operation);
    case Kind::forget: return forget(operation);
    case Kind::peers:
    case Kind::peer_state:
    case Kind::stats: return look(operation);
    default: return promises_.has_jobs ? apply_jobs(operation) : Answers();
  }
}

Answers Model::without_connection(const Operation& operation) {
  switch (operation.kind) {
    case Kind::drop: clients_.erase(operation.actor); return {"ok"};
    case Kind::disconnect:
    case Kind::drain: return {"ok []"};
    case Kind::stats: {
      Answers answers{"Disconnected", stats_of(operation.actor)};
      // Without a store a client's books are its own, whoever has forgotten its name meanwhile.
      if (!promises_.has_store) answers.insert(last_stats_[operation.actor]);
      return answers;
    }
    case Kind::settle:
      if (handles_[operation.actor].empty()) return {"nothing"};
      handles_[operation.actor].erase(
          handles_[operation.actor].begin() +
          static_cast<std::ptrdiff_t>(at(handles_[operation.actor], operation.settlings.at(0).pick)));
      return {operation.settlings.at(0).kind == Settling::Kind::let_go ? "ok" : "Disconnected"};
    default: return {"Disconnected"};
  }
}

Answers Model::connect(const Operation& operation) {
  const auto found = peers_.find(operation.actor);
  const bool is_queue = found != peers_.end() && found->second.inbox.settings.is_queue;
  if (operation.kind == Kind::reconnect && !promises_.has_store) return {"NotSupported"};
  if (is_connected(operation.actor) || is_queue) return {"NameInUse"};
  if (operation.kind == Kind::reconnect && found == peers_.end()) return {"UnknownPeer"};
  Peer& peer = peers_[operation.actor];
  peer.presence = Presence::active;
  peer.deadline.reset();
  clients_[operation.actor] = ++last_life_;
  return {"ok"};
}

Answers Model::leave(const Operation& operation) {
  const std::string& name = operation.actor;
  Peer& peer = peers_.at(name);
  std::vector<std::string> handled;
  bool mail_waits = false;
  if (operation.kind == Kind::suspend || operation.kind == Kind::suspend_for) {
    if (!promises_.has_store) return {"NotSupported"};
    peer.presence = Presence::suspended;
    if (operation.kind == Kind::suspend_for) peer.deadline = now_ + operation.seconds;
  } else {
    if (operation.kind == Kind::drain) handled = drain(name);
    mail_waits = leaves_mail(name);
    peer.presence = Presence::disconnected;
  }
  release_all(name);
  last_stats_[name] = stats_of(name);
  clients_[name] = 0;
  if (!promises_.has_store) peer.inbox.clear();
  switch (operation.kind) {
    case Kind::disconnect: return {mail_waits ? "MessagesWaiting []" : "ok []"};
    case Kind::drain: return {"ok [" + joined(handled) + "]"};
    case Kind::drop: clients_.erase(name); return {"ok"};
    default: return {"ok"};
  }
}

// What has expired, and stands before what waits for its turn, is not kept.
bool Model::leaves_mail(const std::string& name) {
  bring_due(name);
  Inbox& inbox = peers_.at(name).inbox;
  Departures expired;
  while (inbox.count(Held::State::ready) > 0) {
    if (!Inbox(inbox).peek(kAll, now_, expired).empty()) return true;
    inbox.peek(kAll, now_, expired);
  }
  return false;
}

Answers Model::forget(const Operation& operation) {
  const std::string& name = operation.target;
  const auto found = peers_.find(name);
  if (found == peers_.end()) return {"UnknownPeer"};
  if (found->second.presence == Presence::active) return {"NameInUse"};
  Model before = *this;
  bring_back(name);
  if (found->second.inbox.count(Held::State::claimed) > 0) {
    *this = std::move(before);
    return {"NameInUse"};
  }
  peers_.erase(found);
  seen_.erase(name);
  taken_.erase(name);
  for (auto& [pair, count] : counts_) {  // each counts for itself where there is no store
    if (pair.second == name) count.read = 0;
    if (pair.second == name && (promises_.has_store || pair.first == operation.actor)) count.sent = 0;
    if (pair.first == name && !promises_.has_store) count.sent = 0;
  }
  std::erase_if(dead_, [&](const Dead& dead) { return dead.inbox == name; });
  std::erase_if(schedules_, [&](const auto& schedule) { return schedule.second.to == name; });
  return {"ok"};
}

bool Model::takes_mail(const Peer& peer) const {
  if (peer.presence == Presence::active) return true;
  return promises_.has_store && peer.presence == Presence::suspended && (!peer.deadline || now_ < *peer.deadline);
}

Answers Model::look(const Operation& operation) const {
  const auto target = peers_.find(operation.target);
  std::vector<std::string> words;
  switch (operation.kind) {
    case Kind::stats: return {stats_of(operation.actor)};
    case Kind::peers:
      for (const auto& [name, peer] : peers_) {
        if (name != operation.actor && !peer.inbox.settings.is_queue && takes_mail(peer)) words.push_back(name);
      }
      return {joined(words)};
    default: break;
  }
  if (target == peers_.end()) return {"unknown"};
  const Peer& peer = target->second;
  const std::string active = peer.presence == Presence::active ? "active" : "offline";
  const bool has_deadline = peer.presence == Presence::suspended && peer.deadline;
  return {"exists " + active + (has_deadline ? " until " + std::to_string(*peer.deadline) : "")};
}

std::string Model::all_stats() const {
  std::vector<std::string> words;
  std::set<std::string> names;
  for (const auto& [pair, count] : counts_) names.insert({pair.first, pair.second});
  for (const std::string& name : names) {
    if (const std::string stats = stats_of(name); stats != "read sent") words.push_back(name + " " + stats);
  }
  return joined(words);
}

std::string Model::stats_of(const std::string& name) const {
  std::string read = "read";
  std::string sent = "sent";
  for (const auto& [pair, count] : counts_) {
    if (pair.second == name && count.read != 0) read += " " + pair.first + ":" + std::to_string(count.read);
    if (pair.first == name && count.sent != 0) sent += " " + pair.second + ":" + std::to_string(count.sent);
  }
  return read + " " + sent;
}

}  // namespace model
