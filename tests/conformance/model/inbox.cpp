// SPDX-License-Identifier: MIT
#include "conformance/model/inbox.hpp"

#include <algorithm>
#include <set>

namespace model {
namespace {

using State = Held::State;

constexpr int kHighestPriority = 7;
constexpr int kOrdinaryPriority = 4;

}  // namespace

std::string Message::text() const {
  return std::to_string(letter.number) + "/" + from + (broadcast ? "/b" : "") +
         (letter.chosen_id ? "/" + *letter.chosen_id : "") + (attempts > 0 ? "#" + std::to_string(attempts) : "");
}

std::size_t Inbox::count(State state) const {
  return static_cast<std::size_t>(
      std::ranges::count_if(held_, [&](const auto& held) { return held.second.state == state; }));
}

bool Inbox::has_chosen_id(const std::optional<std::string>& id) const {
  return id && std::ranges::any_of(held_, [&](const auto& held) { return held.second.message.letter.chosen_id == id; });
}

// --- sending ---------------------------------------------------------------------------------------------------------

Place Inbox::next_place(const Message& message) {
  return {kHighestPriority - message.letter.priority.value_or(kOrdinaryPriority), ++last_number_};
}

void Inbox::note_key(const Message& message, long now) {
  const std::string& key = message.letter.dedup_key;
  if (!key.empty()) keys_[key] = {message.uid, now + settings.dedup_window, true};
}

Inbox::Posted Inbox::post(const Message& message, std::optional<long> deliver_at, long now, bool compares_ids) {
  const auto known = keys_.find(message.letter.dedup_key);
  if (known != keys_.end() && (known->second.held || known->second.until > now)) return Posted::known;
  if (compares_ids && has_chosen_id(message.letter.chosen_id)) return Posted::duplicate;
  const std::string& group = message.letter.group_key;
  Held held{.message = message};
  if (deliver_at && *deliver_at > now) held.due = deliver_at;
  if (held.due || !group.empty()) held.state = State::later;
  held_.emplace(next_place(message), held);
  promote(group);
  note_key(message, now);
  return Posted::stored;
}

Place Inbox::post_for_schedule(const Message& message, long due, const std::string& schedule) {
  const Place place = next_place(message);
  held_.emplace(place, Held{.message = message, .state = State::later, .due = due, .schedule = schedule});
  return place;
}

bool Inbox::post_again(Message message, long now) {
  message.attempts = 0;
  message.expires.reset();
  const auto known = keys_.find(message.letter.dedup_key);
  if (known != keys_.end() && known->second.held) {
    message.letter.dedup_key.clear();  // it is another message's by now
  } else if (known != keys_.end()) {
    keys_.erase(known);
  }
  return post(message, std::nullopt, now) == Posted::stored;
}

bool Inbox::put_back(const Place& place, const Message& message) {
  if (held_.contains(place) || has_chosen_id(message.letter.chosen_id)) return false;
  Message back = message;
  if (const std::string& key = message.letter.dedup_key; !key.empty()) {
    Known& known = keys_[key];
    if (known.held) {
      back.letter.dedup_key.clear();  // it is another message's by now
    } else {
      known = {message.uid, known.until, true};
    }
  }
  held_.emplace(place, Held{.message = back});
  if (const std::string& group = message.letter.group_key; !group.empty()) {
    bool busy = false;
    for (const auto& [where, held] : held_) {
      busy = busy || (held.state == State::claimed && held.message.letter.group_key == group);
    }
    for (auto& [where, held] : held_) {
      if (held.state != State::ready || held.message.letter.group_key != group) continue;
      if (busy) held.state = State::later;
      busy = true;
    }
  }
  return true;
}

// --- groups and keys -------------------------------------------------------------------------------------------------

// Of a group one is ready or claimed at most.
bool Inbox::is_busy(const std::string& group) const {
  return std::ranges::any_of(held_, [&](const auto& held) {
    return held.second.state != State::later && held.second.message.letter.group_key == group;
  });
}

// The first of a group is the next, unless it is not due yet: then all wait for it.
bool Inbox::promote(const std::string& group) {
  if (group.empty() || is_busy(group)) return false;
  for (auto& [place, held] : held_) {
    if (held.message.letter.group_key != group) continue;
    if (held.due) return false;
    held.state = State::ready;
    return true;
  }
  return false;
}

void Inbox::promote_all() {
  std::set<std::string> groups;
  for (const auto& [place, held] : held_) groups.insert(held.message.letter.group_key);
  for (const std::string& group : groups) promote(group);
}

void Inbox::end(const Message& message, long now) {
  const auto known = keys_.find(message.letter.dedup_key);
  if (known == keys_.end()) return;
  known->second.held = false;
  if (known->second.until <= now) keys_.erase(known);
}

Message Inbox::leave(const Place& place, long now) {
  const Message message = held_.at(place).message;
  held_.erase(place);
  end(message, now);
  promote(message.letter.group_key);
  return message;
}

// --- time ------------------------------------------------------------------------------------------------------------

// The longest overdue first.
std::vector<Place> Inbox::due(long now) const {
  std::vector<std::pair<long, Place>> all;
  for (const auto& [place, held] : held_) {
    if (held.state == State::later && held.due && *held.due <= now) all.emplace_back(*held.due, place);
  }
  std::ranges::sort(all);
  std::vector<Place> places;
  for (const auto& [time, place] : all) places.push_back(place);
  return places;
}

Departures Inbox::bring_back(long uptime, long now) {
  Departures departed;
  std::vector<Place> late;
  for (const auto& [place, held] : held_) {
    if (held.state == State::claimed && held.claimed.lease_end <= uptime) late.push_back(place);
  }
  for (const Place& place : late) {
    Held& held = held_.at(place);
    const int most = held.message.letter.max_attempts.value_or(settings.max_attempts);
    held.state = State::ready;
    if (most == 0 || held.message.attempts < most) continue;
    const Claimed claimed = held.claimed;
    departed.dead.emplace_back(leave(place, now), claimed);
  }
  return departed;
}

// --- reading ---------------------------------------------------------------------------------------------------------

std::vector<Inbox::Taken> Inbox::take(std::size_t limit, long now, Departures& departed) {
  std::vector<Taken> taken;
  for (bool again = true; again && taken.size() < limit;) {
    std::vector<Place> places;
    for (const auto& [place, held] : held_) {
      if (held.state == State::ready && places.size() < limit - taken.size()) places.push_back(place);
    }
    again = !places.empty();  // whose turn comes because of these comes after them
    std::set<std::string> groups;
    for (const Place& place : places) {
      const Message message = held_.at(place).message;
      held_.erase(place);
      end(message, now);
      groups.insert(message.letter.group_key);
      if (message.is_expired(now)) {
        departed.expired.push_back(message);
      } else {
        taken.emplace_back(place, message);
        departed.read.push_back(message);
      }
    }
    for (const std::string& group : groups) promote(group);
  }
  return taken;
}

std::vector<Inbox::Taken> Inbox::peek(std::size_t limit, long now, Departures& departed) {
  std::vector<Taken> seen;
  std::vector<Place> expired;
  for (const auto& [place, held] : held_) {
    if (held.state != State::ready || seen.size() >= limit) continue;
    if (held.message.is_expired(now)) {
      expired.push_back(place);
    } else {
      seen.emplace_back(place, held.message);
    }
  }
  for (const Place& place : expired) departed.expired.push_back(leave(place, now));
  return seen;
}

bool Inbox::remove(const Place& place, const Message& message, long now) {
  const auto there = held_.find(place);
  if (there == held_.end() || there->second.state != State::ready || there->second.message.uid != message.uid) {
    return false;
  }
  leave(place, now);
  return true;
}

// --- claims ----------------------------------------------------------------------------------------------------------

std::vector<Inbox::Taken> Inbox::claim(std::size_t limit, const Claimed& claimed, long now, Departures& departed) {
  std::vector<Taken> taken;
  for (bool again = true; again && taken.size() < limit;) {
    again = false;
    const std::size_t left = limit - taken.size();
    std::vector<Place> places;
    for (const auto& [place, held] : held_) {
      if (held.state == State::ready && places.size() < left) places.push_back(place);
    }
    for (const Place& place : places) {
      Held& held = held_.at(place);
      if (held.message.is_expired(now)) {
        departed.expired.push_back(leave(place, now));
        again = true;
        continue;
      }
      held.state = State::claimed;
      held.claimed = claimed;
      ++held.message.attempts;
      taken.emplace_back(place, held.message);
    }
  }
  return taken;
}

Held* Inbox::find_claim(const Place& place, long claim) {
  const auto found = held_.find(place);
  if (found == held_.end() || found->second.state != State::claimed) return nullptr;
  return found->second.claimed.claim == claim ? &found->second : nullptr;
}

void Inbox::release(const Place& place) {
  held_.at(place).state = State::ready;
}

void Inbox::give_back(const Place& place) {
  --held_.at(place).message.attempts;
  release(place);
}

void Inbox::postpone(const Place& place, long due) {
  Held& held = held_.at(place);
  held.state = State::later;
  held.due = due;
  promote(held.message.letter.group_key);
}

}  // namespace model
