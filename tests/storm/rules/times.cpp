// SPDX-License-Identifier: MIT
// After its end a message is never delivered, by the clock of whoever reads; before its time by nobody's clock.
#include <algorithm>

#include "storm/excuses.hpp"
#include "storm/rules.hpp"

namespace storm {
namespace {

constexpr std::int64_t kNanoseconds = 1'000'000;  // of a millisecond

bool got(const Step& step) {
  return handed_out(step) || (step.how == "see" && step.is_done());
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
      if (!got(step) || step.end > replayed || step.tried->number("clock") <= expires) continue;
      verdict.complain(story.title() + " was delivered " + std::to_string(step.tried->number("clock") - expires) +
                       " ms after its end");
    }
  }
}

void check_later_is_later(const History& history, Verdict& verdict) {
  for (const auto& [key, story] : history.stories()) {
    if (story.send == nullptr || story.send->tried->text("due").empty()) continue;
    const std::int64_t delay = story.send->tried->number("due") - story.send->tried->number("clock");
    if (delay > kClocksDiffer / kNanoseconds) verdict.exercised();
    for (const Step& step : story.steps) {
      if (!got(step)) continue;
      const std::int64_t latest = step.tried->number("clock") + (step.end - step.begin + kClocksDiffer) / kNanoseconds;
      if (story.send->tried->number("due") > latest) verdict.complain(story.title() + " was delivered before its time");
    }
  }
}

}  // namespace storm
