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

bool moves(const Step& step) {
  return step.how != "send" && step.how != "see";
}

// When something was first done to it that may have come after `step`.
const Step* next_move(const Story& story, const Step& step) {
  const Step* next = nullptr;
  for (const Step& other : story.steps) {
    if (&other == &step || !moves(other) || other.end < step.begin) continue;
    if (next == nullptr || other.begin < next->begin) next = &other;
  }
  return next;
}

bool makes_ready(const Step& step) {
  if (!step.is_done()) return false;
  return step.how == "send" || step.how == "return" || (step.how == "release" && step.tried->number("delay") == 0);
}

// A claim by somebody who was killed before it was written down shows in the attempts of a message that was just sent.
bool may_be_claimed_unseen(const History& history, const Story& story, const Step& from, const Step* next) {
  if (from.how != "send")
    return may_be_taken_unseen(history, story, from.begin, next != nullptr ? next->begin : kNever);
  if (next == nullptr) return story.remains[0]->attempts > 0;
  if (!handed_out(*next)) return may_be_taken_unseen(history, story, from.begin, next->begin);
  return next->told->number("attempts") > (next->how == "claim" ? 1 : 0);
}

// Only of what has never been dead: a replay gives another place.
std::vector<Window> windows_of(const History& history, const Story& story) {
  const bool replayed = std::ranges::any_of(story.steps, [](const Step& step) { return step.how == "replay"; });
  if (!story.is_plain() || replayed || history.forgotten(story.inbox) != kNever) return {};
  const bool is_left = story.remains.size() == 1 && story.remains[0]->state == Remains::State::ready;
  std::vector<Window> windows;
  for (const Step& step : story.steps) {
    if (!makes_ready(step)) continue;
    const Step* next = next_move(story, step);
    if (next == nullptr && !is_left) continue;
    const Time until = next != nullptr ? next->begin : kNever;
    if (step.end < until && !may_be_claimed_unseen(history, story, step, next)) windows.push_back({step.end, until});
  }
  return windows;
}

bool stands_before(const Story& one, const Story& other) {
  if (one.priority != other.priority) return one.priority > other.priority;
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
  std::map<const Call*, std::vector<const Story*>> given_out;
  for (const auto& [key, story] : history.stories()) {
    const std::vector<const Call*>& calls = history.readings(story.inbox);
    for (const Window& window : windows_of(history, story)) {
      auto call = std::ranges::upper_bound(calls, window.from, {}, [](const Call* one) { return one->begin(); });
      for (; call != calls.end() && (*call)->begin() < window.until; ++call) {
        if ((*call)->end() >= window.until) continue;
        auto known = given_out.find(*call);
        if (known == given_out.end()) known = given_out.emplace(*call, plain_ones(history, **call)).first;
        if (std::ranges::find(known->second, &story) != known->second.end()) continue;  // it was looked at
        for (const Story* other : known->second) {
          verdict.exercised();
          if (stands_before(story, *other)) {
            verdict.complain(story.title() + " was ready, but somebody got " + other->message +
                             ", which stands behind it");
          }
        }
      }
    }
  }
}

void check_order_within_a_call(const History& history, Verdict& verdict) {
  for (const auto& [id, call] : history.calls()) {
    if (call.first->word == "serving") continue;  // which looks again and again
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
