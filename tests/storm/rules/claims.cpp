// SPDX-License-Identifier: MIT
// A claim is held until it is settled, its lease ends or its worker does. Who comes later than that changes nothing.
#include <algorithm>

#include "storm/excuses.hpp"
#include "storm/rules.hpp"

namespace storm {

void check_claimed_by_one(const History& history, Verdict& verdict) {
  for (const auto& [key, story] : history.stories()) {
    for (const Step& first : story.steps) {
      if (!first.is_done() || first.how != "claim") continue;
      const Time over = may_be_over(history, story, first);
      for (const Step& second : story.steps) {
        if (!handed_out(second) || second.begin <= first.end) continue;
        verdict.exercised();
        if (second.end < over) verdict.complain(story.title() + " was given to another one while it was claimed");
      }
    }
  }
}

void check_late_ones_are_fenced(const History& history, Verdict& verdict) {
  for (const auto& [key, story] : history.stories()) {
    for (const Step& settled : story.steps) {
      if (settled.tried == nullptr || settled.tried->text("how").empty()) continue;
      const CallId claim{settled.call.first, static_cast<int>(settled.tried->number("claim"))};
      const auto own = std::ranges::find_if(
          story.steps, [&](const Step& step) { return step.how == "claim" && step.call == claim; });
      if (own == story.steps.end()) continue;
      const bool is_late = std::ranges::any_of(story.steps, [&](const Step& other) {
        return handed_out(other) && other.call != claim && other.begin > own->end && other.end < settled.begin;
      });
      if (!is_late) continue;
      verdict.exercised();
      if (settled.is_done()) {
        verdict.complain(story.title() + " was settled (" + settled.how + ") by one who held it no more");
      }
    }
  }
}

// When the storm is over and somebody who lives has looked, nothing is claimed any more.
void check_dead_workers_claims_return(const History& history, Verdict& verdict) {
  for (const auto& [key, story] : history.stories()) {
    for (const Step& claim : story.steps) {
      const auto settles = [&](const Step& step) {
        return step.call.first == claim.call.first && step.tried->number("claim") == claim.call.second;
      };
      const bool was_killed = history.killing(claim.call.first) != kNever;
      if (claim.how == "claim" && was_killed && std::ranges::none_of(story.steps, settles)) verdict.exercised();
    }
    for (const Remains* remains : story.remains) {
      if (remains->state == Remains::State::claimed) {
        verdict.complain(story.title() + " is still claimed, though its worker is dead");
      }
    }
  }
}

}  // namespace storm
