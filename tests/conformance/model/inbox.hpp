// SPDX-License-Identifier: MIT
// What an inbox must do, in the simplest words: independent of the library.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "conformance/model/operation.hpp"

namespace model {

struct Message {
  std::string from{};
  bool broadcast = false;
  Letter letter{};
  std::optional<long> expires{};  // by the clock
  int attempts = 0;
  long uid = 0;  // never used twice

  bool is_expired(long now) const { return expires && *expires <= now; }
  std::string text() const;
};

/// Those of higher priority first, then in the order in which they were sent; wherever it was meanwhile, a message has
/// its old place.
struct Place {
  int below_highest = 0;
  long number = 0;
  auto operator<=>(const Place&) const = default;
};

struct Claimed {
  long claim = 0;  // never given out twice
  std::string worker{};
  long lease_end = 0;  // by the uptime
};

/// A message in an inbox: ready, for later or claimed.
struct Held {
  enum class State { ready, later, claimed };
  Message message{};
  State state = State::ready;
  std::optional<long> due{};  // of one for later; nothing: it waits for the one of its group before it
  std::string schedule{};
  Claimed claimed{};
};

struct Dead {
  Message message{};
  std::string inbox{};
  std::string reason{};
  std::string worker{};
};

struct Settings {
  bool is_queue = false;
  bool paused = false;
  int max_attempts = 5;
  std::optional<int> retry_delay{};  // nothing: 1 s, doubled with each attempt
  int dedup_window = 0;
};

/// What happened to messages while something else was done.
struct Departures {
  std::vector<Message> read{};
  std::vector<Message> expired{};
  std::vector<std::pair<Message, Claimed>> dead{};
};

class Inbox {
 public:
  using Place = model::Place;
  using Messages = std::map<Place, Held>;
  using Taken = std::pair<Place, Message>;

  Settings settings{};

  const Messages& messages() const { return held_; }
  std::size_t count(Held::State state) const;
  bool has_chosen_id(const std::optional<std::string>& id) const;

  enum class Posted { stored, known, duplicate };
  /// `known`: a message with its dedup_key is there or was lately.
  Posted post(const Message& message, std::optional<long> deliver_at, long now, bool compares_ids = true);
  Place post_for_schedule(const Message& message, long due, const std::string& schedule);
  /// As if it had just been sent, whatever its dedup_key says.
  bool post_again(Message message, long now);
  /// False: it is there already.
  bool put_back(const Place& place, const Message& message);

  /// What is due has its turn; `fire` is called for those of schedules, whose next one it posts, and says whether they
  /// are delivered.
  template <typename Fire>
  Departures bring_due(long now, Fire&& fire);
  Departures bring_back(long uptime, long now);

  std::vector<Taken> take(std::size_t limit, long now, Departures& departed);
  std::vector<Taken> peek(std::size_t limit, long now, Departures& departed);
  bool remove(const Place& place, const Message& message, long now);
  std::vector<Taken> claim(std::size_t limit, const Claimed& claimed, long now, Departures& departed);

  /// The claim, if it is still there.
  Held* find_claim(const Place& place, long claim);
  void release(const Place& place);
  /// The same, and it does not count as an attempt.
  void give_back(const Place& place);
  void postpone(const Place& place, long due);
  Message leave(const Place& place, long now);
  void clear() { held_.clear(); }

 private:
  struct Known {
    long uid = 0;
    long until = 0;
    bool held = false;
  };

  Place next_place(const Message& message);
  void note_key(const Message& message, long now);
  void end(const Message& message, long now);
  bool is_busy(const std::string& group) const;
  bool promote(const std::string& group);
  void promote_all();
  std::vector<Place> due(long now) const;

  Messages held_;
  std::map<std::string, Known> keys_;
  long last_number_ = 0;
};

template <typename Fire>
Departures Inbox::bring_due(long now, Fire&& fire) {
  Departures departed;
  for (auto places = due(now); !places.empty(); places = due(now)) {  // again, for the next ones of schedules
    for (const Place& place : places) {
      Held& held = held_.at(place);
      const long time = *std::exchange(held.due, std::nullopt);
      const bool is_next = !std::exchange(held.schedule, {}).empty();
      if (held.message.letter.group_key.empty()) held.state = Held::State::ready;
      if (!is_next || fire(place, time)) continue;
      departed.expired.push_back(held.message);
      held_.erase(place);
    }
  }
  promote_all();
  return departed;
}

}  // namespace model
