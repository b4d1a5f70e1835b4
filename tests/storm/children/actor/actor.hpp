// SPDX-License-Identifier: MIT
// One process of a storm: does what chance says, over the whole contract of a client, and writes down what it tries and
// what it is told. Sees the public headers only. It runs until it is killed or told to go.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <random>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <ipcm/ipcm.hpp>

#include "storm/journal.hpp"

namespace storm {

struct ActorSettings {
  std::string route;
  std::string name;
  std::string journal;
  int life = 0;
  std::uint64_t seed = 0;
  int chatters = 0;     ///< how many there are: p0, p1, ...
  std::string partner;  ///< of a player; empty: this is a chatter
};

/// Goes wrong by up to kMostWrong, both ways, when it is told to.
class WrongClock : public ipcm::Clock {
 public:
  static constexpr int kMostWrong = 1500;  // ms

  std::chrono::system_clock::time_point now() const override {
    return std::chrono::system_clock::now() + std::chrono::milliseconds(offset_.load());
  }
  void set_wrong(int by) { offset_ = by; }
  std::int64_t milliseconds() const;

 private:
  std::atomic<int> offset_{0};
};

class Actor {
 public:
  explicit Actor(const ActorSettings& settings);

  void connect();
  /// One operation.
  void act();
  /// Says goodbye, in one way or another.
  void leave();

 private:
  using Fields = ipcm::MessageFields;
  // A message that is to be sent: what the library gets, and the line of the journal.
  struct Draft {
    Fields fields;
    Event sending;
  };

  // --- chance
  bool chance(unsigned one_in) { return random_() % one_in == 0; }
  int up_to(int most) { return static_cast<int>(random_() % static_cast<unsigned>(most + 1)); }
  void idle(int most_microseconds);
  std::string some_inbox();
  std::string some_chatter();

  // --- the journal
  std::string route_name() const;
  Event event(int call, std::string word, std::string message = "-", std::string inbox = "-", std::string more = "");
  void note(int call, std::string word, std::string message = "-", std::string inbox = "-", std::string more = "");
  // "taking", "claiming", "looking": what the judge has to know of a reading call.
  int begin_reading(const std::string& word, const std::string& inbox, const std::string& more);
  Event handed_out(int call, const std::string& word, const std::string& inbox, const ipcm::Message& message) const;

  // --- sending: sending.cpp
  static bool is_refusal(const ipcm::Error& error);
  Draft draft(int call, const std::string& inbox, const std::string& op, bool plain = false);
  // Writes down `drafts`, runs `send`, writes down what came of it: the ids, or the error.
  bool send_noted(int call, std::vector<Draft>& drafts, const std::function<std::vector<std::string>()>& send);
  void note_sent(int call, const Draft& draft, const std::string& id);
  void note_refused(int call, std::span<const Draft> drafts, const ipcm::Error& error);
  void send_one();
  void send_batch();
  std::future<std::string> send_with_handler(const Fields& fields);
  void send_many_at_once();
  void broadcast();
  void send_by_application(const std::string& inbox, bool plain);
  void ask();

  // --- reading: reading.cpp
  std::vector<ipcm::Message> take(std::size_t limit);
  void take_some();
  void look_and_remove();
  void put_back(const std::vector<ipcm::Message>& messages);
  void answer(const ipcm::Message& request);
  void serve_a_while();
  void wait_a_little();

  // --- jobs: jobs.cpp
  std::vector<ipcm::Claim> claim(const std::string& inbox, std::size_t limit, std::chrono::milliseconds lease,
                                 std::chrono::milliseconds wait, int& call);
  void work(const std::string& inbox);
  void settle(int claim_call, ipcm::Claim& claim);
  // Writes down that it is tried, runs it, writes down what came of it: true, it is settled; false, it is dead.
  void settle_noted(int claim_call, const ipcm::Claim& claim, const std::string& how, int time,
                    const std::function<bool()>& settle);
  void acknowledge_all(int claim_call, std::vector<ipcm::Claim>& claims);
  void acknowledge_with_result(int claim_call, ipcm::Claim& claim);
  void see_to_the_dead();
  void pause_and_resume();

  // --- peers: peers.cpp
  std::shared_ptr<ipcm::Client> connect_noted(const std::string& name, bool again);
  void connect_when_possible(bool again);
  void leave_noted(ipcm::Client& client, const std::string& how);
  void go_and_come_back();
  void rival();
  void guest();
  void look_around();

  // --- a player
  void play();
  void hit();

  ActorSettings settings_;
  Journal journal_;
  std::mt19937_64 random_;
  std::int64_t last_number_;
  bool served_ = false;
  std::shared_ptr<WrongClock> clock_ = std::make_shared<WrongClock>();
  std::shared_ptr<ipcm::Client> client_;
};

std::string pair(const std::string& key, const std::string& value);
std::string pair(const std::string& key, std::int64_t value);

}  // namespace storm
