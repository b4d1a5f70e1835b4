// SPDX-License-Identifier: MIT
#include "storm/children/actor/actor.hpp"

#include <array>
#include <thread>

namespace storm {

using namespace std::chrono_literals;

std::string pair(const std::string& key, const std::string& value) {
  return value.empty() ? "" : key + "=" + value + " ";
}

std::string pair(const std::string& key, std::int64_t value) {
  return pair(key, std::to_string(value));
}

std::int64_t WrongClock::milliseconds() const {
  return std::chrono::duration_cast<std::chrono::milliseconds>(now().time_since_epoch()).count();
}

Actor::Actor(const ActorSettings& settings)
    : settings_(settings),
      journal_(settings.journal, settings.life),
      random_(settings.seed),
      last_number_(settings.life * std::int64_t{1'000'000}) {}

std::string Actor::route_name() const {
  return settings_.route.substr(settings_.route.rfind('/') + 1);
}

void Actor::idle(int most_microseconds) {
  std::this_thread::sleep_for(std::chrono::microseconds(up_to(most_microseconds)));
}

std::string Actor::some_chatter() {
  return "p" + std::to_string(up_to(settings_.chatters - 1));
}

std::string Actor::some_inbox() {
  if (chance(2)) return "jobs";
  if (chance(10)) return "boss";  // who is away
  return some_chatter();
}

Event Actor::event(int call, std::string word, std::string message, std::string inbox, std::string more) {
  Event one;
  one.call = call;
  one.word = std::move(word);
  one.message = std::move(message);
  one.inbox = std::move(inbox);
  one.more = std::move(more);
  return one;
}

void Actor::note(int call, std::string word, std::string message, std::string inbox, std::string more) {
  journal_.write(event(call, std::move(word), std::move(message), std::move(inbox), std::move(more)));
}

int Actor::begin_reading(const std::string& word, const std::string& inbox, const std::string& more) {
  const int call = journal_.begin();
  note(call, word, "-", inbox, pair("by", settings_.name) + pair("clock", clock_->milliseconds()) + more);
  return call;
}

Event Actor::handed_out(int call, const std::string& word, const std::string& inbox,
                        const ipcm::Message& message) const {
  Event one;
  one.call = call;
  one.word = word;
  one.message = number_of(message);
  one.inbox = inbox;
  one.more = pair("from", message.from()) + pair("print", fingerprint_of(message)) +
             pair("body", body_of(message.content(), message.priority(), message.group_key())) +
             pair("place", message.place().value_or(0)) + pair("attempts", message.attempts());
  return one;
}

void Actor::act() {
  if (!settings_.partner.empty()) return play();
  if (chance(100)) clock_->set_wrong(up_to(2 * WrongClock::kMostWrong) - WrongClock::kMostWrong);
  using Operation = std::pair<unsigned, std::function<void()>>;
  const std::array operations = {
      Operation{12, [this] { send_one(); }},
      Operation{4, [this] { send_batch(); }},
      Operation{3, [this] { send_many_at_once(); }},
      Operation{2, [this] { broadcast(); }},
      Operation{2, [this] { send_by_application(some_inbox(), false); }},
      Operation{4, [this] { ask(); }},
      Operation{2, [this] { serve_a_while(); }},
      Operation{20, [this] { take_some(); }},
      Operation{8, [this] { look_and_remove(); }},
      Operation{2, [this] { wait_a_little(); }},
      Operation{20, [this] { work("jobs"); }},
      Operation{5, [this] { work(settings_.name); }},
      Operation{3, [this] { see_to_the_dead(); }},
      Operation{1, [this] { pause_and_resume(); }},
      Operation{2, [this] { go_and_come_back(); }},
      Operation{1, [this] { rival(); }},
      Operation{1, [this] { guest(); }},
      Operation{2, [this] { look_around(); }},
  };
  unsigned all = 0;
  for (const Operation& one : operations) all += one.first;
  auto number = static_cast<unsigned>(random_() % all);
  for (const Operation& one : operations) {
    if (number < one.first) return one.second();
    number -= one.first;
  }
}

// A ball goes to and fro between two players, so that one of them sleeps nearly always, and nothing but the ball wakes
// it. Those of the court queues claim it, the others take it. Player 0 serves; when the ball is lost, whoever has
// waited for long.
void Actor::play() {
  if (settings_.name.ends_with('0') && !std::exchange(served_, true)) return hit();
  constexpr auto kLong = 8'000ms;
  if (settings_.partner.starts_with("court")) {
    int call = 0;
    auto balls = claim("court" + settings_.name.substr(1), 4, 30s, kLong, call);
    acknowledge_all(call, balls);
  } else {
    const int call = begin_reading("waiting", settings_.name, "sleeps=1");
    const bool found = client_->wait(kLong);
    note(call, "over", "-", settings_.name, pair("found", found ? 1 : 0));
    if (found) take(8);
  }
  idle(3000);
  hit();
}

void Actor::hit() {
  const int how = up_to(3);
  if (how == 0) return send_by_application(settings_.partner, true);
  const int call = journal_.begin();
  std::vector<Draft> ball{draft(call, settings_.partner, how == 1 ? "async" : "send", true)};
  send_noted(call, ball, [&]() -> std::vector<std::string> {
    if (how == 1) return {client_->send_async(ball[0].fields).get()};
    return {client_->send_message(ball[0].fields)};
  });
}

}  // namespace storm
