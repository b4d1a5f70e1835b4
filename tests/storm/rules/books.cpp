// SPDX-License-Identifier: MIT
// The books say what the journals say, but for what those who were killed did not write down.
#include <map>
#include <set>

#include "storm/excuses.hpp"
#include "storm/rules.hpp"

namespace storm {
namespace {

struct Bounds {
  std::int64_t sent = 0, sent_at_most = 0;
  std::int64_t read = 0, read_at_most = 0;
};

}  // namespace

void check_books(const History& history, Verdict& verdict) {
  std::map<std::pair<std::string, std::string>, Bounds> bounds;
  std::map<std::string, std::int64_t> unseen;      // what may have been taken from an inbox without a word
  std::map<std::string, std::int64_t> open_casts;  // by sender: broadcasts that may have reached a peer, each
  std::set<std::string> schedulers;                // nobody wrote down how often
  for (const auto& [id, call] : history.calls()) {
    const std::string& word = call.first->word;
    if (word == "taking" && call.over == nullptr) unseen[call.first->inbox] += call.first->number("limit", 1);
    const std::string from(call.first->text("from"));
    if (word == "casting" && call.over == nullptr) ++open_casts[from];
    if (word == "scheduling") schedulers.insert(from);
  }
  for (const auto& [key, story] : history.stories()) {
    if (story.send == nullptr) continue;
    Bounds& pair = bounds[{story.sender(), story.inbox}];
    for (const Step& step : story.steps) {
      const std::int64_t done = step.is_done() ? 1 : 0;
      const std::int64_t possible = step.may_be_done() ? 1 : 0;
      if (step.how == "send" && (!step.is_done() || step.told->word == "sent")) {
        pair.sent += done;
        pair.sent_at_most += possible;
      } else if (step.how == "replay") {
        pair.sent += done;
        pair.sent_at_most += possible;
      } else if (step.how == "return") {
        pair.read -= possible;
        pair.read_at_most -= done;
      } else if (ends(step) && step.how != "purge") {
        pair.read += done;
        pair.read_at_most += possible;
      }
    }
  }
  for (const Pair& pair : history.evidence().books) {
    const Bounds& known = bounds[{pair.sender, pair.inbox}];
    if (history.forgotten(pair.inbox) != kNever || schedulers.contains(pair.sender)) continue;
    verdict.exercised();
    const auto complain = [&](const std::string& what) {
      verdict.complain("from " + pair.sender + " to " + pair.inbox + " the books say " + what);
    };
    const auto between = [](std::int64_t least, std::int64_t most) {
      return " instead of " + std::to_string(least) + " to " + std::to_string(most);
    };
    const std::int64_t most = known.read_at_most + unseen[pair.inbox] + open_casts[pair.sender];
    const std::int64_t most_sent = known.sent_at_most + open_casts[pair.sender];
    if (pair.read < known.read || pair.read > most) {
      complain(std::to_string(pair.read) + " read" + between(known.read, most));
    }
    if (pair.sent < known.sent || pair.sent > most_sent) {
      complain(std::to_string(pair.sent) + " sent" + between(known.sent, most_sent));
    }
  }
}

void check_nobody_complained(const History& history, Verdict& verdict) {
  verdict.exercised();
  for (const std::string& complaint : history.evidence().complaints) verdict.complain(complaint);
}

}  // namespace storm
