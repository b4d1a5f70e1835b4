// SPDX-License-Identifier: MIT
// What a route must do, in the simplest words: independent of the library, and compared with every protocol.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "conformance/model/operation.hpp"

namespace model {

/// The texts that an operation may give: several where an error may be one of several.
using Answers = std::set<std::string>;

class Model {
 public:
  Answers apply(const Operation& operation);

  /// For who makes up operations.
  bool has_client(const std::string& name) const { return clients_.contains(name); }
  bool is_connected(const std::string& name) const;
  std::vector<int> seen_by(const std::string& name) const;
  std::vector<int> taken_by(const std::string& name) const;
  std::size_t queued() const;

 private:
  struct Message {
    std::string from;
    int number = 0;
    std::optional<std::string> chosen_id;
    bool broadcast = false;
  };
  using Place = long;
  using Inbox = std::map<Place, Message>;
  enum class State { active, suspended, disconnected };
  struct Peer {
    State state = State::active;
    std::optional<long> deadline;
    Inbox inbox;
    Place next_place = 1;
    Inbox seen;   // by peek
    Inbox taken;  // by take
  };
  struct Count {
    long sent = 0;
    long read = 0;
  };

  Answers without_connection(const Operation& operation);
  Answers connect(const Operation& operation);
  Answers leave(const Operation& operation);
  Answers send(const Operation& operation);
  Answers broadcast(const Operation& operation);
  Answers read(const Operation& operation);
  Answers remove(const Operation& operation);
  Answers requeue(const Operation& operation);
  Answers forget(const Operation& operation);
  Answers look(const Operation& operation) const;

  bool takes_mail(const Peer& peer) const;
  std::optional<std::string> refusal(const Letter& letter, const std::set<std::string>& earlier) const;
  void append(const std::string& from, const Letter& letter, bool broadcast);
  static bool holds(const Inbox& inbox, Place place, const Message& message);
  std::string stats_of(const std::string& name) const;
  static std::string text(const Message& message);

  long now_ = 0;                         // seconds
  std::map<std::string, bool> clients_;  // the last client of a name: connected?
  std::map<std::string, Peer> peers_;
  std::map<std::pair<std::string, std::string>, Count> counts_;  // by sender and recipient
};

}  // namespace model
