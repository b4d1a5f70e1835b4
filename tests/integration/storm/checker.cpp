// SPDX-License-Identifier: MIT
#include "integration/storm/checker.hpp"

#include <algorithm>
#include <set>

namespace storm {
namespace {

using Event = Entry::Event;

/// The journals of one sender and its reader, put together.
struct Stream {
  std::set<int> tried;
  std::set<int> sent;
  std::set<int> delivered;
  std::set<int> removed;
  std::set<int> queued;
  int last_new = -1;  // the highest that was delivered so far
};

class Check {
 public:
  explicit Check(const Evidence& evidence) : evidence_(evidence) {}

  std::vector<std::string> run() {
    for (const auto& [name, entries] : evidence_.senders) follow_sender(name, entries);
    for (const Entry& entry : evidence_.reader) follow_reader(entry);
    follow_queue();
    for (const auto& [name, stream] : streams_) check(name, stream);
    return std::move(problems_);
  }

 private:
  void report(const std::string& sender, int number, const std::string& what) {
    problems_.push_back("message " + std::to_string(number) + " of " + sender + " " + what);
  }

  void follow_sender(const std::string& name, const std::vector<Entry>& entries) {
    Stream& stream = streams_[name];
    for (const Entry& entry : entries) (entry.event == Event::tried ? stream.tried : stream.sent).insert(entry.number);
  }

  void follow_reader(const Entry& entry) {
    Stream& stream = streams_[entry.sender];
    if (entry.event == Event::removed) {
      stream.removed.insert(entry.number);
      return;
    }
    if (entry.event == Event::vanished) {
      report(entry.sender, entry.number, "or one beside it was gone before it was removed");
      return;
    }
    if (stream.removed.contains(entry.number)) report(entry.sender, entry.number, "came again after it was removed");
    if (stream.delivered.insert(entry.number).second) {
      if (entry.number < stream.last_new) report(entry.sender, entry.number, "came out of order");
      stream.last_new = std::max(stream.last_new, entry.number);
    } else if (!evidence_.reader_removes) {
      report(entry.sender, entry.number, "was delivered twice");
    }
  }

  void follow_queue() {
    std::map<std::string, int> last;
    for (const Entry& entry : evidence_.queued) {
      Stream& stream = streams_[entry.sender];
      if (!stream.queued.insert(entry.number).second) report(entry.sender, entry.number, "is queued twice");
      if (stream.removed.contains(entry.number))
        report(entry.sender, entry.number, "is queued although it was removed");
      if (!evidence_.reader_removes && stream.delivered.contains(entry.number)) {
        report(entry.sender, entry.number, "is queued although it was delivered");
      }
      const auto [before, first] = last.try_emplace(entry.sender, entry.number);
      if (!first && entry.number < before->second) report(entry.sender, entry.number, "is queued out of order");
      before->second = entry.number;
    }
  }

  void check(const std::string& name, const Stream& stream) {
    for (const auto* arrived : {&stream.delivered, &stream.queued}) {
      for (const int number : *arrived) {
        if (!stream.tried.contains(number)) report(name, number, "arrived, but was never sent");
      }
    }
    std::uint64_t missing = 0;
    for (const int number : stream.sent) {
      if (stream.delivered.contains(number) || stream.queued.contains(number)) continue;
      if (evidence_.reader_removes) report(name, number, "was acknowledged and is lost");
      ++missing;
    }
    check_counts(name, stream, missing);
  }

  // The counts were made in the transactions, the journals after them; a kill in between is the difference.
  void check_counts(const std::string& name, const Stream& stream, std::uint64_t missing) {
    const auto found = evidence_.read.find(name);
    const std::uint64_t read = found == evidence_.read.end() ? 0 : found->second;
    std::uint64_t gone = 0;  // delivered, and not in the queue any more
    for (const int number : stream.delivered) gone += stream.queued.contains(number) ? 0 : 1;
    const auto complain = [&](const std::string& what) {
      problems_.push_back(std::to_string(read) + " messages of " + name + " count as read, but " + what);
    };
    if (evidence_.reader_removes) {
      if (read != gone) complain(std::to_string(gone) + " were delivered and are gone");
    } else if (read < gone) {
      complain(std::to_string(gone) + " were delivered");
    } else if (missing > read - gone) {
      complain(std::to_string(gone) + " were delivered and " + std::to_string(missing) + " are missing");
    }
  }

  const Evidence& evidence_;
  std::map<std::string, Stream> streams_;
  std::vector<std::string> problems_;
};

}  // namespace

std::vector<std::string> problems(const Evidence& evidence) {
  return Check(evidence).run();
}

}  // namespace storm
