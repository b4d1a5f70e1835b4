// SPDX-License-Identifier: MIT
// What a route must do, in the simplest words: independent of the library, and compared with every protocol.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "conformance/model/inbox.hpp"
#include "conformance/model/operation.hpp"

namespace model {

/// The texts that an operation may give: several where an error may be one of several.
using Answers = std::set<std::string>;

/// What a protocol promises.
struct Promises {
  bool has_store = true;
  bool has_jobs = true;
};

class Model {
 public:
  explicit Model(Promises promises) : promises_(promises) {}

  /// Of operations that are done at once it does one after the other, as they stand.
  Answers apply(const Operation& operation);

  /// What may come of operations that are done at once: the same as if one had been done after the other, in any order.
  /// By part the answers, and what is so afterwards.
  struct Outcome;
  std::vector<Outcome> apply_at_once(const Operation& operation) const;

  /// Messages that are sent get the numbers after it.
  void set_last_number(int number) { last_number_ = number; }
  /// Two states of the same text are the same to whoever sees no more than answers.
  std::string text() const;
  /// The operation with no position beyond the end of its list, so that it means the same when lists grow.
  Operation normalized(Operation operation) const;

  // For who makes up operations, and decides whether one makes sense.
  const Promises& promises() const { return promises_; }
  bool has_client(const std::string& name) const { return clients_.contains(name); }
  bool is_connected(const std::string& name) const;
  std::vector<std::string> connected() const;
  /// The names of peers, or of queues.
  std::vector<std::string> inboxes(bool of_queues) const;
  std::size_t seen_by(const std::string& name) const { return count(seen_, name); }
  std::size_t taken_by(const std::string& name) const { return count(taken_, name); }
  std::size_t handles_of(const std::string& name) const { return count(handles_, name); }
  /// Whether that call can be told beforehand: what fails for the third time in the inbox of a peer is tried again
  /// after a time that has chance in it.
  bool is_certain(const std::string& name, const Settling& settling) const;
  bool holds(const std::string& name, int pick) const;
  std::size_t dead() const { return dead_.size(); }
  int last_number() const { return last_number_; }

  // What must hold after every step.
  std::size_t queued() const;
  /// Whether have_ready_messages() may be true, and whether it may be false: until somebody looks, what is due and what
  /// a late worker holds count as ready, whatever comes of it.
  std::pair<bool, bool> ready(const std::string& name) const;
  bool pending(const std::string& name) const;
  std::string all_stats() const;

 private:
  enum class Presence { active, suspended, disconnected };
  struct Peer {
    Presence presence = Presence::suspended;
    std::optional<long> deadline{};
    Inbox inbox{};
    std::set<std::string> workers{};  // who has claimed from it, since it connected
  };
  struct Count {
    long sent = 0;
    long read = 0;
  };
  /// A claim as its client has it.
  struct Handle {
    std::string inbox{};
    Place place{};
    long claim = 0;
    long life = 0;  // of its client
  };
  struct Schedule {
    std::string to{};
    std::string missed{};
    Place next{};
    long due = 0;
    long anchor = 0;
    int interval = 0;
  };
  using Peers = std::map<std::string, Peer>;
  template <typename T>
  static std::size_t count(const std::map<std::string, std::vector<T>>& lists, const std::string& name) {
    const auto found = lists.find(name);
    return found == lists.end() ? 0 : found->second.size();
  }
  template <typename T>
  static std::size_t at(const std::vector<T>& list, int pick) {
    return static_cast<std::size_t>(pick) % list.size();
  }

  // Several at once: at_once.cpp.
  Outcome apply_in_order(const Operation& operation, const std::vector<std::size_t>& order) const;

  // Peers and mail: model.cpp.
  Answers apply_connected(const Operation& operation);
  Answers without_connection(const Operation& operation);
  Answers connect(const Operation& operation);
  Answers leave(const Operation& operation);
  bool leaves_mail(const std::string& name);
  Answers forget(const Operation& operation);
  Answers look(const Operation& operation) const;
  bool takes_mail(const Peer& peer) const;
  std::string stats_of(const std::string& name) const;

  // Sending and reading: mail.cpp.
  Answers send(const Operation& operation);
  Answers send_without_store(const Operation& operation);
  Answers broadcast(const Operation& operation);
  Answers read(const Operation& operation);
  Answers remove(const Operation& operation);
  Answers requeue(const Operation& operation);
  std::string refusal(const std::string& to) const;
  std::string send_one(const std::string& from, const Letter& letter, bool broadcast = false);
  Message message_of(const std::string& from, const Letter& letter);
  void bring_due(const std::string& inbox);
  bool bring_back(const std::string& inbox);
  bool fire(const std::string& inbox, const Place& place, long time);
  std::vector<Inbox::Taken> take(const std::string& inbox, std::size_t limit);
  std::vector<Inbox::Taken> peek(const std::string& inbox, std::size_t limit);
  std::vector<std::string> drain(const std::string& inbox);
  void settle_books(const std::string& inbox, const Departures& departed);

  // Jobs: jobs.cpp.
  Answers apply_jobs(const Operation& operation);
  Answers create_queue(const Operation& operation);
  Answers pause(const Operation& operation);
  Answers claim(const Operation& operation);
  Answers settle(const Operation& operation);
  Answers ack_many(const Operation& operation);
  Answers transaction(const Operation& operation);
  std::string settle_one(const std::string& actor, const Handle& handle, const Settling& settling);
  Answers replay(const Operation& operation);
  Answers purge(const Operation& operation);
  Answers add_schedule(const Operation& operation);
  void remove_schedule(const std::string& name);
  std::set<std::size_t> picked(const Operation& operation) const;
  std::string queues() const;
  Answers jobs(const Operation& operation) const;
  std::string dead_letters(const std::string& inbox) const;
  std::string schedules() const;
  void release_all(const std::string& worker);
  void bury(const Message& message, const std::string& inbox, const std::string& reason, const std::string& worker);

  Promises promises_;
  long now_ = 0;     // seconds
  long uptime_ = 0;  // seconds
  int last_number_ = 0;
  long last_uid_ = 0;
  long last_claim_ = 0;
  std::map<std::string, long> clients_;  // the last client of a name: which life it is, 0 once it has left
  long last_life_ = 0;
  std::map<std::string, std::string> last_stats_;           // by name, when its last client left
  Peers peers_;                                             // and queues
  std::map<std::string, std::vector<Inbox::Taken>> seen_;   // by peek
  std::map<std::string, std::vector<Inbox::Taken>> taken_;  // by take
  std::map<std::string, std::vector<Handle>> handles_;
  std::map<std::pair<std::string, std::string>, Count> counts_;  // by sender and recipient
  std::vector<Dead> dead_;
  std::map<std::string, Schedule> schedules_;
};

struct Model::Outcome {
  std::vector<Answers> answers;
  Model after;
};

/// a b c
std::string joined(const std::vector<std::string>& words);

}  // namespace model
