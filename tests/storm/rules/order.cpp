// SPDX-License-Identifier: MIT
// Who takes, claims or looks gets what has the highest priority, and of that what was sent first. Judged of messages
// that are ready as soon as they are sent; where two were sent at the same time by different senders, either is first.
#include <algorithm>

#include "storm/excuses.hpp"
#include "storm/rules.hpp"

namespace storm {
namespace {

// A time in which a message lay ready for certain.
struct Window {
  Time from = 0;
  Time until = 0;
};

bool hands_out(const Step& step) {
  return step.how == "take" || step.how == "claim";
}

bool moves(const Step& step) {
  return step.how != "send" && step.how != "see";
}

// Only of what has not been dead: a replay gives another place.
std::vector<Window> windows_of(const History& history, const Story& story) {
  if (!story.is_plain() || history.forgotten(story.inbox) != kNever) return {};
  std::vector<Window> windows;
  Time from = story.send->end;
  bool first = true;
  for (const Step& step : story.steps) {
    if (!moves(step)) continue;
    if (step.how == "replay") return windows;
    // A claim that nobody saw shows in the attempts.
    const bool unseen = first && hands_out(step) ? step.told->number("attempts") > (step.how == "claim" ? 1 : 0)
                                                 : may_be_taken_unseen(history, story, from, step.begin);
    if (from < step.begin && !unseen) windows.push_back({from, step.begin});
    first = false;
    const bool again = step.is_done() && (step.how == "return" || (step.how == "release" && step.tried->number("delay") == 0));
    from = again ? step.end : kNever;
  }
  const bool is_left = story.remains.size() == 1 && story.remains[0]->state == Remains::State::ready;
  if (from < kNever && is_left && (first ? story.remains[0]->attempts == 0 : !may_be_taken_unseen(history, story, from))) {
    windows.push_back({from, kNever});
  }
  return windows;
}

bool stands_before(const Story& one, const Story& other) {
  if (one.priority() != other.priority()) return one.priority() > other.priority();
  return one.send->end < other.send->begin;
}

// Those that a call handed out and whose order is certain.
std::vector<const Story*> plain_ones(const History& history, const Call& call) {
  std::vector<const Story*> stories;
  if (call.first->text("op") == "reply") return stories;
  for (const Event* event : call.events) {
    if (event->word != "took" && event->word != "claimed" && event->word != "saw") continue;
    const Story& story = history.stories().at({event->inbox, event->message});
    const bool replayed = std::ranges::any_of(story.steps, [](const Step& step) { return step.how == "replay"; });
    if (story.is_plain() && !replayed) stories.push_back(&story);
  }
  return stories;
}

}  // namespace

void check_first_come_first_served(const History& history, Verdict& verdict) {
  std::map<const Call*, std::vector<const Story*>> handed_out;
  for (const auto& [key, story] : history.stories()) {
    const std::vector<const Call*>& calls = history.readings(story.inbox);
    for (const Window& window : windows_of(history, story)) {
      auto call = std::ranges::upper_bound(calls, window.from, {}, [](const Call* one) { return one->begin(); });
      for (; call != calls.end() && (*call)->begin() < window.until; ++call) {
        if ((*call)->end() >= window.until) continue;
        auto known = handed_out.find(*call);
        if (known == handed_out.end()) known = handed_out.emplace(*call, plain_ones(history, **call)).first;
        for (const Story* other : known->second) {
          if (other == &story) continue;
          verdict.exercised();
          if (stands_before(story, *other)) {
            verdict.complain(story.title() + " was ready, but somebody got " + other->message + ", which stands behind it");
          }
        }
      }
    }
  }
}

void check_order_within_a_call(const History& history, Verdict& verdict) {
  for (const auto& [id, call] : history.calls()) {
    const std::vector<const Story*> stories = plain_ones(history, call);
    for (std::size_t n = 1; n < stories.size(); ++n) {
      verdict.exercised();
      if (stands_before(*stories[n], *stories[n - 1])) {
        verdict.complain(stories[n]->title() + " came behind " + stories[n - 1]->message + ", before which it stands");
      }
    }
  }
}

}  // namespace storm
