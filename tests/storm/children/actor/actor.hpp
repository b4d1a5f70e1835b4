// SPDX-License-Identifier: MIT
// One thread of a process of a storm: does what chance says, over the whole contract of a client, and writes down what
// it tries and what it is told. Sees the public headers only. It runs until it is killed or told to go.
#pragma once

#include <chrono>
#include <functional>
#include <future>
#include <initializer_list>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <shared_mutex>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <ipcm/ipcm.hpp>

#include "storm/children/actor/shared.hpp"
#include "storm/journal.hpp"

namespace storm {

/// A ball that is hit to and fro.
struct Game {
  std::string inbox;    ///< where it comes; a queue is claimed from
  std::string partner;  ///< where it is hit to
  bool of_queue = false;
  bool serves = false;
};

class Actor {
 public:
  Actor(Shared& shared, std::uint64_t seed);

  // Of the first thread, which connects and leaves.
  void connect();
  /// One operation.
  void act();
  /// Says goodbye, in one way or another.
  void leave();

  /// What another thread does with the same client meanwhile, until Shared::end().
  void help();

  /// What a process does with a client of its own after it was forked from one that is in the middle of everything.
  void live_as_child();

 private:
  using Fields = ipcm::MessageFields;
  // A message that is to be sent: what the library gets, and the line of the journal.
  struct Draft {
    std::int64_t number = 0;
    Fields fields{};
    Event sending{};
  };

  // What it does, with how often that comes up.
  using Operation = std::pair<unsigned, std::function<void()>>;
  void do_one_of(std::initializer_list<Operation> operations);

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
  // The last line of what begin_reading() began.
  Event over(int call, const std::string& inbox = "-", const std::string& more = "");
  Event handed_out(int call, const std::string& word, const std::string& inbox, const ipcm::Message& message) const;

  // --- sending: sending.cpp
  // Another thread has let the client leave.
  bool has_left(const ipcm::Error& error) const;
  bool is_refusal(const ipcm::Error& error) const;
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

  // --- threads and forks: threads.cpp
  void help_once();
  void fork_a_child();
  [[noreturn]] void run_child(int life, std::uint64_t seed, int parent);

  // --- a player: playing.cpp
  bool is_player() const { return !settings_.partner.empty(); }
  Game game(bool of_helper) const;
  void play(const Game& game);
  void hit(const Game& game);

  Shared& shared_;
  const ActorSettings& settings_;
  Journal& journal_;
  std::mt19937_64 random_;
  bool served_ = false;
  bool helps_ = false;  // its client may leave at any moment
  int reading_ = 0;     // the call that begin_reading() began and that is not over
  const std::shared_ptr<WrongClock> clock_;
  std::shared_ptr<ipcm::Client> client_;
};

std::string pair(const std::string& key, const std::string& value);
std::string pair(const std::string& key, std::int64_t value);

}  // namespace storm
