// SPDX-License-Identifier: MIT
// Nobody sleeps on while mail is ready. Those whose wake-ups are judged hardly ever look by themselves, so that only a
// wake-up that was lost explains a sleep of seconds; who lost its socket, or has a paused queue, is excused.
#include <algorithm>

#include "storm/rules.hpp"

namespace storm {
namespace {

constexpr Time kFarTooLong = 4'000'000'000;

// The first time something happened to it after it was sent.
Time touched(const Story& story) {
  for (const Step& step : story.steps) {
    if (step.how != "send" && step.how != "see") return step.begin;
  }
  const bool is_ready = story.remains.size() == 1 && story.remains[0]->state == Remains::State::ready;
  return is_ready ? kNever : 0;
}

}  // namespace

void check_no_wake_up_is_lost(const History& history, Verdict& verdict) {
  std::map<std::string, std::vector<const Story*>> plain;
  for (const auto& [key, story] : history.stories()) {
    // The shell wakes nobody, and not even a library can wake before it has connected.
    if (story.is_plain() && story.send->tried->text("op") != "sql") plain[story.inbox].push_back(&story);
  }
  for (const auto& [id, call] : history.calls()) {
    const bool waits = call.first->number("sleeps") > 0;
    if (!waits) continue;
    const Time end = std::min({call.end(), history.killing(id.first), history.end()});
    verdict.exercised();
    if (end - call.begin() < kFarTooLong) continue;
    for (const Story* story : plain[call.first->inbox]) {
      // What the waiter itself took counts from when it was handed out.
      Time until = touched(*story);
      if (until == call.begin()) until = end;
      const Time slept = std::min(end, until) - std::max(call.begin(), story->send->end);
      if (slept < kFarTooLong) continue;
      const bool excused = std::ranges::any_of(history.calls(), [&](const auto& other) {
        const Event& event = *other.second.first;
        return event.word == "deafening" && event.inbox == call.first->text("by") && event.time < end;
      });
      if (!excused) {
        verdict.complain(story->title() + " was ready, and its reader slept on for " +
                         std::to_string(slept / 1'000'000) + " ms");
      }
    }
  }
}

}  // namespace storm
