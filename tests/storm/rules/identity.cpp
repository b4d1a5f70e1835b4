// SPDX-License-Identifier: MIT
// Whatever is done to a message, put back, failed, replayed: it has the id, sender and stamp that it was sent with. Its
// place is another one only once it was replayed.
#include <algorithm>

#include "storm/excuses.hpp"
#include "storm/rules.hpp"

namespace storm {
namespace {

void check_is_what_was_sent(const Story& story, Verdict& verdict) {
  if (story.send == nullptr) return;
  for (const Step& step : story.steps) {
    if (!handed_out(step) && step.how != "see") continue;
    for (const char* what : {"from", "body"}) {
      const std::string_view sent = story.send->tried->text(what);
      const std::string_view got = step.told != nullptr ? step.told->text(what) : "";
      if (sent.empty() || got.empty()) continue;
      verdict.exercised();
      if (sent != got) verdict.complain(story.title() + " came with another " + what + " than it was sent with");
    }
  }
}

}  // namespace

void check_stays_what_it_was(const History& history, Verdict& verdict) {
  for (const auto& [key, story] : history.stories()) {
    check_is_what_was_sent(story, verdict);
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
    const auto compare = [&](std::int64_t place) {
      if (place == 0) return;
      if (first == 0) {
        first = place;
        return;
      }
      verdict.exercised();
      if (first != place) verdict.complain(story.title() + " came from another place than before");
    };
    for (const Step& step : story.steps) {
      if (step.told != nullptr) compare(step.told->number("place"));
    }
    for (const Remains* remains : story.remains) {
      if (remains->state == Remains::State::ready) compare(remains->place);
    }
  }
}

}  // namespace storm
