// SPDX-License-Identifier: MIT
// Acknowledged is a subset of settled or still there; delivered is a subset of sent; nothing ends twice.
#include <algorithm>
#include <map>
#include <set>

#include "storm/excuses.hpp"
#include "storm/rules.hpp"

namespace storm {
namespace {

struct Count {
  int done = 0;
  int open = 0;  // by somebody who was killed in the middle
};

template <typename Condition>
Count count(const Story& story, Condition is) {
  Count found;
  for (const Step& step : story.steps) {
    if (!is(step)) continue;
    found.done += step.is_done() ? 1 : 0;
    found.open += step.outcome == Step::Outcome::open ? 1 : 0;
  }
  return found;
}

bool returns(const Step& step) {
  return step.how == "return";
}

// How many messages may have been taken from each inbox by those who were killed before they wrote it down.
class Unseen {
 public:
  explicit Unseen(const History& history) : history_(history) {}

  bool excuse(const Story& story) {
    for (const Call* call : history_.readings(story.inbox)) {
      if (call->over != nullptr || call->first->word != "taking") continue;
      if (history_.killing(call->id.first) < story.send->begin) continue;
      if (++used_[call] <= call->first->number("limit", 1)) return true;
    }
    return false;
  }

 private:
  const History& history_;
  std::map<const Call*, std::int64_t> used_;
};

// Another thread of the reader may have got one of these messages first.
bool may_be_taken_by_another(const History& history, const Call& removing) {
  return std::ranges::any_of(removing.events, [&](const Event* event) {
    if (event->word != "removing") return false;
    const Story& story = history.stories().at({event->inbox, event->message});
    return std::ranges::any_of(story.steps, [&](const Step& step) {
      const bool takes = ends(step) || step.how == "claim";
      return takes && step.call != removing.id && step.may_be_done();
    });
  });
}

}  // namespace

void check_acknowledged_is_there(const History& history, Verdict& verdict) {
  Unseen unseen(history);
  for (const auto& [key, story] : history.stories()) {
    if (!story.was_sent() || history.forgotten(story.inbox) != kNever) continue;
    verdict.exercised();
    const Count ended = count(story, ends);
    const Count returned = count(story, returns);
    const int there = static_cast<int>(story.remains.size());
    const int missing = 1 + returned.done - ended.done - there;
    if (missing <= ended.open || !story.send->tried->text("expires").empty() || unseen.excuse(story)) continue;
    verdict.complain(story.title() + " of " + story.sender() + " was acknowledged and is lost");
  }
}

void check_delivered_was_sent(const History& history, Verdict& verdict) {
  std::set<std::string> open_casts, schedules;
  for (const auto& [id, call] : history.calls()) {
    if (call.first->word == "casting" && call.over == nullptr) open_casts.insert(call.first->message);
    if (call.first->word == "scheduling") schedules.insert(call.first->message);
  }
  for (const auto& [key, story] : history.stories()) {
    const bool seen =
        !story.remains.empty() || std::ranges::any_of(story.steps, [](const Step& step) { return step.how != "send"; });
    if (!seen) continue;
    verdict.exercised();
    if (story.is_of_schedule()) {
      if (!schedules.contains(story.message.substr(0, story.message.find('@')))) {
        verdict.complain(story.title() + " is of a schedule that nobody made");
      }
    } else if (story.send == nullptr) {
      if (!open_casts.contains(story.message)) verdict.complain(story.title() + " was never sent");
    } else if (!story.send->may_be_done()) {
      verdict.complain(story.title() + " is there although it was refused");
    } else if (story.send->is_done() && story.send->told->word == "known") {
      verdict.complain(story.title() + " is there although its dedup_key was known");
    }
  }
}

void check_ends_once(const History& history, Verdict& verdict) {
  for (const auto& [key, story] : history.stories()) {
    const Count ended = count(story, ends);
    const Count returned = count(story, returns);
    const int there = static_cast<int>(story.remains.size());
    if (ended.done > 0) verdict.exercised();
    if (ended.done + there <= 1 + returned.done + returned.open) continue;
    verdict.complain(story.title() + " ended " + std::to_string(ended.done) + " times and is there " +
                     std::to_string(there) + " times, but went back only " + std::to_string(returned.done) + " times");
  }
  for (const auto& [id, call] : history.calls()) {
    for (const Event* event : call.events) {
      if (event->word == "vanished" && !may_be_taken_by_another(history, call)) {
        verdict.complain("message " + event->message + " or one beside it was gone before its reader removed it");
      }
    }
  }
}

void check_dead_have_reasons(const History& history, Verdict& verdict) {
  for (const Remains& one : history.evidence().remains) {
    if (one.state != Remains::State::dead) continue;
    verdict.exercised();
    if (one.reason.empty())
      verdict.complain("message " + one.message + " to " + one.inbox + " is dead without a reason");
  }
  for (const auto& [key, story] : history.stories()) {
    for (const Step& step : story.steps) {
      if (step.how != "replay" && step.how != "purge") continue;
      verdict.exercised();
      if (step.tried->number("reasoned") == 0) verdict.complain(story.title() + " was dead without a reason");
    }
  }
}

}  // namespace storm
