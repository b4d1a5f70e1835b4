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

Actor::Actor(Shared& shared, std::uint64_t seed)
    : shared_(shared), settings_(shared.settings), journal_(shared.journal), random_(seed), clock_(shared.clock) {}

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
  reading_ = call;
  return call;
}

Event Actor::over(int call, const std::string& inbox, const std::string& more) {
  reading_ = 0;
  return event(call, "over", "-", inbox, more);
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
  if (is_player()) return play(game(false));
  if (chance(100)) shared_.set_clock_wrong(up_to(2 * WrongClock::kMostWrong) - WrongClock::kMostWrong);
  do_one_of({
      {12, [this] { send_one(); }},
      {4, [this] { send_batch(); }},
      {3, [this] { send_many_at_once(); }},
      {2, [this] { broadcast(); }},
      {2, [this] { send_by_application(some_inbox(), false); }},
      {4, [this] { ask(); }},
      {2, [this] { serve_a_while(); }},
      {20, [this] { take_some(); }},
      {8, [this] { look_and_remove(); }},
      {2, [this] { wait_a_little(); }},
      {20, [this] { work("jobs"); }},
      {5, [this] { work(settings_.name); }},
      {3, [this] { see_to_the_dead(); }},
      {1, [this] { pause_and_resume(); }},
      {2, [this] { go_and_come_back(); }},
      {1, [this] { rival(); }},
      {1, [this] { guest(); }},
      {1, [this] { fork_a_child(); }},
      {2, [this] { look_around(); }},
  });
}

void Actor::do_one_of(std::initializer_list<Operation> operations) {
  unsigned all = 0;
  for (const Operation& one : operations) all += one.first;
  auto number = static_cast<unsigned>(random_() % all);
  for (const Operation& one : operations) {
    if (number < one.first) return one.second();
    number -= one.first;
  }
}

}  // namespace storm
