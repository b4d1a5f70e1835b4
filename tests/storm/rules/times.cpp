// SPDX-License-Identifier: MIT
// After its end a message is never delivered, by the clock of whoever reads; before its time by nobody's clock.
#include <algorithm>

#include "storm/rules.hpp"

namespace storm {
namespace {

constexpr std::int64_t kClocksDiffer = 5'000;  // ms

bool hands_out(const Step& step) {
  return step.is_done() && (step.how == "take" || step.how == "claim" || step.how == "see");
}

}  // namespace

void check_expired_never_comes(const History& history, Verdict& verdict) {
  for (const auto& [key, story] : history.stories()) {
    if (story.send == nullptr || story.send->tried->text("expires").empty()) continue;
    verdict.exercised();
    const std::int64_t expires = story.send->tried->number("expires");
    Time replayed = kNever;  // from then on it has no end any more
    for (const Step& step : story.steps) {
      if (step.how == "replay") replayed = std::min(replayed, step.begin);
    }
    for (const Step& step : story.steps) {
      if (!hands_out(step) || step.end > replayed || step.tried->number("clock") <= expires) continue;
      verdict.complain(story.title() + " was delivered " + std::to_string(step.tried->number("clock") - expires) +
                       " ms after its end");
    }
  }
}

void check_later_is_later(const History& history, Verdict& verdict) {
  for (const auto& [key, story] : history.stories()) {
    if (story.send == nullptr || story.send->tried->text("due").empty()) continue;
    verdict.exercised();
    for (const Step& step : story.steps) {
      if (!hands_out(step)) continue;
      const std::int64_t latest = step.tried->number("clock") + (step.end - step.begin) / 1'000'000 + kClocksDiffer;
      if (story.send->tried->number("due") > latest) verdict.complain(story.title() + " was delivered before its time");
    }
  }
}

}  // namespace storm
