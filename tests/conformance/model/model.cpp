// SPDX-License-Identifier: MIT
#include "conformance/model/model.hpp"

#include <algorithm>

namespace model {
namespace {

using Kind = Operation::Kind;

std::string joined(const std::vector<std::string>& words) {
  std::string all;
  for (const std::string& word : words) all += (all.empty() ? "" : " ") + word;
  return all;
}

}  // namespace

bool Model::is_connected(const std::string& name) const {
  const auto client = clients_.find(name);
  return client != clients_.end() && client->second;
}

std::vector<int> Model::seen_by(const std::string& name) const {
  std::vector<int> numbers;
  for (const auto& [place, message] : peers_.at(name).seen) numbers.push_back(message.number);
  return numbers;
}

std::vector<int> Model::taken_by(const std::string& name) const {
  std::vector<int> numbers;
  for (const auto& [place, message] : peers_.at(name).taken) numbers.push_back(message.number);
  return numbers;
}

std::size_t Model::queued() const {
  std::size_t total = 0;
  for (const auto& [name, peer] : peers_) total += peer.inbox.size();
  return total;
}

Answers Model::apply(const Operation& operation) {
  switch (operation.kind) {
    case Kind::advance_clock: now_ += operation.seconds; return {"ok"};
    case Kind::connect:
    case Kind::reconnect: return connect(operation);
    default: break;
  }
  if (!is_connected(operation.actor)) return without_connection(operation);
  switch (operation.kind) {
    case Kind::suspend:
    case Kind::suspend_for:
    case Kind::disconnect:
    case Kind::disconnect_with_handler:
    case Kind::drop: return leave(operation);
    case Kind::send:
    case Kind::send_batch: return send(operation);
    case Kind::send_too_large: return {"TooLarge"};
    case Kind::broadcast: return broadcast(operation);
    case Kind::take:
    case Kind::peek: return read(operation);
    case Kind::remove: return remove(operation);
    case Kind::requeue: return requeue(operation);
    case Kind::forget: return forget(operation);
    default: return look(operation);
  }
}

Answers Model::without_connection(const Operation& operation) {
  switch (operation.kind) {
    case Kind::drop: clients_.erase(operation.actor); return {"ok"};
    case Kind::disconnect:
    case Kind::disconnect_with_handler: return {"ok []"};
    case Kind::all_stats: return look(operation);
    case Kind::stats: return {"Disconnected", stats_of(operation.actor)};
    default: return {"Disconnected"};
  }
}

Answers Model::connect(const Operation& operation) {
  if (is_connected(operation.actor)) return {"NameInUse"};
  if (operation.kind == Kind::reconnect && !peers_.contains(operation.actor)) return {"UnknownPeer"};
  Peer& peer = peers_[operation.actor];
  peer.state = State::active;
  peer.deadline.reset();
  clients_[operation.actor] = true;
  return {"ok"};
}

Answers Model::leave(const Operation& operation) {
  Peer& peer = peers_.at(operation.actor);
  clients_[operation.actor] = false;
  if (operation.kind == Kind::suspend || operation.kind == Kind::suspend_for) {
    peer.state = State::suspended;
    if (operation.kind == Kind::suspend_for) peer.deadline = now_ + operation.seconds;
    return {"ok"};
  }
  peer.state = State::disconnected;
  if (operation.kind == Kind::drop) {
    clients_.erase(operation.actor);
    return {"ok"};
  }
  if (operation.kind == Kind::disconnect) return {peer.inbox.empty() ? "ok []" : "MessagesWaiting []"};
  std::vector<std::string> handled;
  for (const auto& [place, message] : peer.inbox) {
    handled.push_back(text(message));
    ++counts_[{message.from, operation.actor}].read;
    peer.taken[place] = message;
  }
  peer.inbox.clear();
  return {"ok [" + joined(handled) + "]"};
}

bool Model::takes_mail(const Peer& peer) const {
  return peer.state == State::active || (peer.state == State::suspended && (!peer.deadline || now_ < *peer.deadline));
}

std::optional<std::string> Model::refusal(const Letter& letter, const std::set<std::string>& earlier) const {
  const auto found = peers_.find(letter.to);
  if (found == peers_.end()) return "UnknownPeer";
  const Peer& peer = found->second;
  if (peer.state == State::disconnected) return "PeerDisconnected";
  if (!takes_mail(peer)) return "PeerGone";
  if (!letter.chosen_id) return std::nullopt;
  if (earlier.contains(letter.to + "/" + *letter.chosen_id)) return "DuplicateMessage";
  for (const auto& [place, held] : peer.inbox) {
    if (held.chosen_id == letter.chosen_id) return "DuplicateMessage";
  }
  return std::nullopt;
}

void Model::append(const std::string& from, const Letter& letter, bool broadcast) {
  Peer& peer = peers_.at(letter.to);
  peer.inbox[peer.next_place++] = {from, letter.number, letter.chosen_id, broadcast};
  ++counts_[{from, letter.to}].sent;
}

Answers Model::send(const Operation& operation) {
  Answers refusals;
  std::set<std::string> earlier;
  for (const Letter& letter : operation.letters) {
    if (const auto refused = refusal(letter, earlier)) refusals.insert(*refused);
    if (letter.chosen_id) earlier.insert(letter.to + "/" + *letter.chosen_id);
  }
  if (!refusals.empty()) return refusals;
  for (const Letter& letter : operation.letters) append(operation.actor, letter, false);
  return {"ok"};
}

Answers Model::broadcast(const Operation& operation) {
  std::vector<std::string> reached;
  for (const auto& [name, peer] : peers_) {
    if (name != operation.actor && takes_mail(peer)) reached.push_back(name);
  }
  for (const std::string& name : reached) append(operation.actor, {name, operation.letters.at(0).number, {}}, true);
  return {joined(reached)};
}

Answers Model::read(const Operation& operation) {
  Peer& peer = peers_.at(operation.actor);
  std::vector<std::string> got;
  if (operation.kind == Kind::peek) peer.seen.clear();
  for (auto message = peer.inbox.begin(); message != peer.inbox.end() && got.size() < operation.limit;) {
    got.push_back(text(message->second));
    if (operation.kind == Kind::peek) {
      peer.seen.insert(*message++);
      continue;
    }
    ++counts_[{message->second.from, operation.actor}].read;
    peer.taken[message->first] = message->second;
    message = peer.inbox.erase(message);
  }
  return {joined(got)};
}

bool Model::holds(const Inbox& inbox, Place place, const Message& message) {
  const auto there = inbox.find(place);
  return there != inbox.end() && there->second.number == message.number;
}

Answers Model::remove(const Operation& operation) {
  Peer& peer = peers_.at(operation.actor);
  int removed = 0;
  for (const auto& [place, message] : peer.seen) {
    const auto& wanted = operation.numbers;
    if (std::find(wanted.begin(), wanted.end(), message.number) == wanted.end()) continue;
    if (!holds(peer.inbox, place, message)) continue;
    peer.inbox.erase(place);
    peer.taken[place] = message;
    ++counts_[{message.from, operation.actor}].read;
    ++removed;
  }
  return {std::to_string(removed)};
}

Answers Model::requeue(const Operation& operation) {
  Peer& peer = peers_.at(operation.actor);
  Inbox after = peer.inbox;
  std::vector<std::string> senders;
  for (const auto& [place, message] : peer.taken) {
    const auto& wanted = operation.numbers;
    if (std::find(wanted.begin(), wanted.end(), message.number) == wanted.end()) continue;
    const auto same = [&message = message](const auto& held) {
      return held.second.number == message.number || (message.chosen_id && held.second.chosen_id == message.chosen_id);
    };
    if (std::any_of(after.begin(), after.end(), same)) return {"DuplicateMessage"};
    after[place] = message;
    senders.push_back(message.from);
  }
  peer.inbox = std::move(after);
  for (const std::string& sender : senders) --counts_[{sender, operation.actor}].read;
  return {"ok"};
}

Answers Model::forget(const Operation& operation) {
  const auto found = peers_.find(operation.target);
  if (found == peers_.end()) return {"UnknownPeer"};
  if (found->second.state == State::active) return {"NameInUse"};
  peers_.erase(found);
  std::erase_if(counts_, [&](const auto& count) { return count.first.second == operation.target; });
  return {"ok"};
}

Answers Model::look(const Operation& operation) const {
  const auto target = peers_.find(operation.target);
  std::vector<std::string> words;
  switch (operation.kind) {
    case Kind::ready: return {peers_.at(operation.actor).inbox.empty() ? "no" : "yes"};
    case Kind::stats: return {stats_of(operation.actor)};
    case Kind::peers:
      for (const auto& [name, peer] : peers_) {
        if (name != operation.actor && takes_mail(peer)) words.push_back(name);
      }
      return {joined(words)};
    case Kind::peer_state: {
      if (target == peers_.end()) return {"unknown"};
      const Peer& peer = target->second;
      const std::string active = peer.state == State::active ? "active" : "offline";
      const bool has_deadline = peer.state == State::suspended && peer.deadline;
      return {"exists " + active + (has_deadline ? " until " + std::to_string(*peer.deadline) : "")};
    }
    default: break;
  }
  std::set<std::string> names;  // all_stats
  for (const auto& [pair, count] : counts_) names.insert({pair.first, pair.second});
  for (const std::string& name : names) {
    if (const std::string stats = stats_of(name); stats != "read sent") words.push_back(name + " " + stats);
  }
  return {joined(words)};
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

std::string Model::text(const Message& message) {
  return std::to_string(message.number) + "/" + message.from + (message.broadcast ? "/b" : "") +
         (message.chosen_id ? "/" + *message.chosen_id : "");
}

}  // namespace model
