// SPDX-License-Identifier: MIT
// While a message with a dedup_key is there no other one is stored; once it is gone, the key is free.
#include <algorithm>
#include <map>

#include "storm/excuses.hpp"
#include "storm/rules.hpp"

namespace storm {
namespace {

Time may_be_gone(const History& history, const Story& story) {
  if (!story.send->tried->text("expires").empty()) return story.send->begin;
  Time gone = kNever;
  for (const Step& step : story.steps) {
    if (step.how != "send" && step.how != "see" && step.may_be_done()) gone = std::min(gone, step.begin);
  }
  for (const Call* call : history.readings(story.inbox)) {
    const bool unseen = call->over == nullptr && history.killing(call->id.first) >= story.send->begin;
    if (unseen) gone = std::min(gone, call->begin());
  }
  return gone;
}

// Whether it was gone at that time, and never came back.
bool was_gone(const Story& story, Time time) {
  if (!story.remains.empty()) return false;
  bool gone = false;
  for (const Step& step : story.steps) {
    if (step.how == "return" || step.how == "replay") return false;
    gone = gone || (ends(step) && step.is_done() && step.end < time);
  }
  return gone;
}

}  // namespace

void check_key_taken_once(const History& history, Verdict& verdict) {
  std::map<std::string, std::vector<const Story*>> by_key;
  for (const auto& [key, story] : history.stories()) {
    if (!story.key().empty() && story.was_sent())
      by_key[story.inbox + " " + std::string(story.key())].push_back(&story);
  }
  for (auto& [key, stories] : by_key) {
    std::ranges::sort(stories, {}, [](const Story* story) { return story->send->begin; });
    for (std::size_t n = 1; n < stories.size(); ++n) {
      verdict.exercised();
      const Story& first = *stories[n - 1];
      const Story& second = *stories[n];
      if (second.send->begin > first.send->end && second.send->end < may_be_gone(history, first)) {
        verdict.complain(second.title() + " was stored although " + first.message + " has its dedup_key");
      }
    }
  }
}

void check_key_given_back(const History& history, Verdict& verdict) {
  for (const auto& [key, story] : history.stories()) {
    if (story.send == nullptr || !story.send->is_done() || story.send->told->word != "known") continue;
    verdict.exercised();
    const std::string first(story.send->told->text("first"));
    const auto known = history.stories().find({story.inbox, first});
    if (known == history.stories().end()) {
      verdict.complain(story.title() + " was said to be known as " + first + ", which there never was");
    } else if (known->second.key() != story.key()) {
      verdict.complain(story.title() + " was said to be known as " + first + ", which has another dedup_key");
    } else if (was_gone(known->second, story.send->begin - kClocksDiffer)) {
      verdict.complain(story.title() + " was said to be known as " + first + ", which was gone");
    }
  }
}

}  // namespace storm
