// SPDX-License-Identifier: MIT
// The evidence of a storm, put in order: what happened to each message, what each call and each process did. It judges
// nothing: rules.hpp does.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "storm/journal.hpp"

namespace storm {

using Time = std::int64_t;  // of Event::time
inline constexpr Time kNever = std::numeric_limits<Time>::max();

/// A message that was in the route when the storm was over.
struct Remains {
  enum class State { ready, later, claimed, dead };
  std::string message;
  std::string inbox;
  State state = State::ready;
  std::string fingerprint;
  std::int64_t place = 0;  ///< 0: not known
  int attempts = 0;
  std::string reason;  ///< of a dead one
};

/// A line of the books.
struct Pair {
  std::string sender;
  std::string inbox;
  std::int64_t sent = 0, read = 0, dead = 0, expired = 0, queued = 0;
};

struct Evidence {
  std::vector<std::vector<Event>> journals;
  std::vector<Remains> remains;
  std::vector<Pair> books;
  std::vector<std::string> complaints;  ///< of those who took part, and what `ipcm check` says
};

using CallId = std::pair<int, int>;  // life and number

/// Something that was done, or may have been done, to a message.
struct Step {
  enum class Outcome { open, done, refused };
  std::string how;  ///< send; take, claim, see; remove, ack, release, fail, kill, extend, return, replay, purge
  CallId call;
  Time begin = 0;
  Time end = kNever;  ///< what is open has none: somebody was killed, and it may have happened or not
  Outcome outcome = Outcome::open;
  const Event* tried = nullptr;  ///< its first line; of take, claim and see the call's
  const Event* told = nullptr;   ///< its last line

  bool is_done() const { return outcome == Outcome::done; }
  bool may_be_done() const { return outcome != Outcome::refused; }
};

/// All about one message in one inbox.
struct Story {
  std::string message;
  std::string inbox;
  const Step* send = nullptr;  ///< null: nobody wrote that down
  int priority = ipcm::kDefaultPriority;
  std::vector<Step> steps;  ///< in the order in which they began; the sending too
  std::vector<const Remains*> remains;

  bool was_sent() const { return send != nullptr && send->is_done() && send->told->word == "sent"; }
  std::string sender() const { return send != nullptr ? std::string(send->tried->text("from")) : ""; }
  std::string_view group() const { return send != nullptr ? send->tried->text("group") : ""; }
  std::string_view key() const { return send != nullptr ? send->tried->text("key") : ""; }
  /// Ready as soon as it is sent and until somebody takes it.
  bool is_plain() const;
  bool is_of_schedule() const { return message.find('@') != std::string::npos; }
  std::string title() const { return "message " + message + " to " + inbox; }
};

/// What took, claimed or looked at what an inbox had, or is about no message at all.
struct Call {
  CallId id;
  const Event* first = nullptr;
  const Event* over = nullptr;  ///< null: killed in the middle
  std::vector<const Event*> events;

  Time begin() const { return first->time; }
  Time end() const { return over != nullptr ? over->time : kNever; }
};

/// One name for as long as a client had it.
struct Tenure {
  std::string name;
  std::string route;
  int life = 0;
  Time asked = 0, got = 0;                 ///< connect() began and returned
  Time giving_up = kNever, gone = kNever;  ///< it began to leave or was about to be killed; it had
  std::string how;                         ///< disconnect, suspend, killed
};

class History {
 public:
  explicit History(const Evidence& evidence);
  History(const History&) = delete;
  History& operator=(const History&) = delete;

  const Evidence& evidence() const { return evidence_; }
  const std::map<std::pair<std::string, std::string>, Story>& stories() const { return stories_; }  // by inbox, number
  const std::map<CallId, Call>& calls() const { return calls_; }
  const std::vector<Tenure>& tenures() const { return tenures_; }
  /// In the order in which they were asked for.
  const std::map<std::string, std::vector<const Tenure*>>& tenures_by_name() const { return tenures_by_name_; }
  const std::vector<const Tenure*>& tenures_of(const std::string& name) const;
  /// The calls on an inbox that hand out messages in their order, in the order of their beginnings.
  const std::vector<const Call*>& readings(const std::string& inbox) const;
  /// When the first forget() of that name may have happened; kNever: nobody tried.
  Time forgotten(const std::string& name) const;
  Time end() const { return end_; }
  /// How many calls of chatters began while another thread was in one of the same client.
  int calls_at_once() const;
  /// How many children were forked and came to their end.
  int forks() const;
  /// When it was about to be killed; kNever: it was not.
  Time killing(int life) const;

 private:
  void add(const Event& event);
  void add_child(int life);
  void add_tenure(const Event& event);
  Story& story(const Event& event);
  Step& begin_step(const Event& event, std::string how, Time begin, const Event* tried);
  void end_step(const Event& event, Step::Outcome outcome);
  void end_life(int life, Time killing, Time killed);

  const Evidence& evidence_;
  std::map<std::pair<std::string, std::string>, Story> stories_;
  std::map<CallId, Call> calls_;
  std::vector<Tenure> tenures_;
  std::map<std::string, std::vector<const Tenure*>> tenures_by_name_;
  std::map<std::string, std::vector<const Call*>> readings_;
  std::map<std::string, Time> forgotten_;
  std::map<int, std::pair<Time, Time>> kills_;
  Time end_ = 0;
};

}  // namespace storm
