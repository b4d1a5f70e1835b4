// SPDX-License-Identifier: MIT
// Whatever is done to a message, put back, failed, replayed: it has the id, sender and stamp that it was sent with. Its
// place is another one only once it was replayed.
#include <algorithm>

#include "storm/rules.hpp"

namespace storm {

void check_stays_what_it_was(const History& history, Verdict& verdict) {
  for (const auto& [key, story] : history.stories()) {
    std::string first;
    const auto compare = [&](std::string_view fingerprint) {
      if (fingerprint.empty()) return;
      if (first.empty()) {
        first = fingerprint;
        return;
      }
      verdict.exercised();
      if (first != fingerprint) verdict.complain(story.title() + " is not what it was when it was seen first");
    };
    for (const Step& step : story.steps) {
      if (step.told != nullptr) compare(step.told->text("print"));
    }
    for (const Remains* remains : story.remains) compare(remains->fingerprint);
  }
}

void check_keeps_its_place(const History& history, Verdict& verdict) {
  for (const auto& [key, story] : history.stories()) {
    const bool replayed = std::ranges::any_of(story.steps, [](const Step& step) { return step.how == "replay"; });
    if (replayed) continue;
    std::int64_t first = 0;
    for (const Step& step : story.steps) {
      const std::int64_t place = step.told != nullptr ? step.told->number("place") : 0;
      if (place == 0) continue;
      if (first == 0) {
        first = place;
        continue;
      }
      verdict.exercised();
      if (first != place) verdict.complain(story.title() + " came from another place than before");
    }
  }
}

}  // namespace storm
