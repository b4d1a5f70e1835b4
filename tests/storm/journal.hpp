// SPDX-License-Identifier: MIT
// What each process of a storm writes down: what it is about to try, and what it was told. Lines have one length that
// divides a page, so a kill in the middle of a write leaves whole lines.
//
//   before            after                        about
//   sending           sent, known, refused         a message; known: its dedup_key is, refused: with the error
//   casting           sending + sent for each, over   a broadcast
//   taking            took, over                   an inbox; op=reply: the answer to a request
//   looking           saw, over                    the same, for peek()
//   claiming          claimed, over                the same, with the lease
//   waiting           over                         the same; sleeps=1: it hardly looks by itself
//   removing          removed, vanished            a message that was looked at; vanished: not all were there any more
//   returning         returned                     a message that is put back
//   settling          settled, died, lost          a claim: how=ack, release, fail, kill, extend
//   replaying         replayed, refused            a dead letter, reasoned=0: it had no reason; likewise purging
//   connecting        connected, over              a name; leaving, left; forgetting, over
//   scheduling, pausing
//   killed, deafening                              a life, by whoever ended it or saw it end; a name whose socket was
//                                                  removed
#pragma once

#include <atomic>
#include <cstdint>
#include <istream>
#include <string>
#include <string_view>
#include <vector>

#include <ipcm/message.hpp>

namespace storm {

/// The life of a forked child is that of the process that it comes from, and a multiple of this.
inline constexpr int kLivesApart = 100'000;

/// One line. A call of a process writes one or more lines when it begins ("sending") and when it is over ("sent"), all
/// with the call's number. One that has only the first ones was ended by a kill.
struct Event {
  std::int64_t time = 0;  ///< CLOCK_MONOTONIC, ns: the same for all processes
  int life = 0;           ///< of a process: each that is started has another one
  int call = 0;           ///< of that life
  std::string word;       ///< what happens
  std::string message;    ///< its number; "-": of none
  std::string inbox;      ///< a peer or queue; "-": none
  std::string more;       ///< key=value, separated by spaces

  /// The value of a key in `more`; empty: it is not there.
  std::string_view text(std::string_view key) const;
  std::int64_t number(std::string_view key, std::int64_t otherwise = 0) const;
};

std::int64_t now();  ///< ns, as Event::time

/// Appends to a journal that outlives its process. For one life; any number of lives may share a file. Thread-safe.
class Journal {
 public:
  Journal(const std::string& path, int life);
  ~Journal();
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  /// The number of a new call.
  int begin() { return ++call_; }
  void write(const Event& event) { write(std::vector{event}); }
  /// Together. Sets life, and time where it is not set.
  void write(std::vector<Event> events);
  int life() const { return life_; }

 private:
  int file_ = -1;
  int life_ = 0;
  std::atomic<int> call_{0};
};

std::vector<Event> read_journal(const std::string& path);
std::vector<Event> parse_journal(std::istream& lines);

/// The number that a message of the storm carries in its content. One of a schedule has its time behind it, as there
/// are many.
std::string number_of(const ipcm::Message& message);

/// Stands for everything about a message that must stay as it was sent. A replay may take its dedup_key.
std::string fingerprint_of(const ipcm::Message& message);

/// Stands for what a sender says of its message.
std::string body_of(const ipcm::Json& content, int priority, std::string_view group_key);

}  // namespace storm
