// SPDX-License-Identifier: MIT
// Messages of one group are handled one at a time, in the order in which they were sent.
#include <algorithm>
#include <map>

#include "storm/excuses.hpp"
#include "storm/rules.hpp"

namespace storm {
namespace {

using Groups = std::map<std::string, std::vector<const Story*>>;

Groups groups_of(const History& history) {
  Groups groups;
  for (const auto& [key, story] : history.stories()) {
    if (!story.group().empty()) groups[story.inbox + " " + std::string(story.group())].push_back(&story);
  }
  return groups;
}

bool went_back(const Story& story) {
  return std::ranges::any_of(story.steps,
                             [](const Step& step) { return step.how == "return" || step.how == "replay"; });
}

struct Delivery {
  const Story* story;
  const Step* step;
};

// Until when it lived for certain; 0: that is not known.
Time alive_until(const Story& story) {
  if (went_back(story)) return 0;
  for (const Remains* remains : story.remains) {
    if (remains->state != Remains::State::dead) return kNever;
  }
  Time last = 0;
  for (const Step& step : story.steps) {
    if (handed_out(step)) last = std::max(last, step.begin);
  }
  return last;
}

}  // namespace

void check_one_of_a_group(const History& history, Verdict& verdict) {
  for (const auto& [name, stories] : groups_of(history)) {
    std::vector<Delivery> deliveries;
    for (const Story* story : stories) {
      for (const Step& step : story->steps) {
        if (handed_out(step)) deliveries.push_back({story, &step});
      }
    }
    std::ranges::sort(deliveries, {}, [](const Delivery& one) { return one.step->begin; });
    struct Held {
      const Story* story;
      Time from, until;
    };
    std::vector<Held> held;
    for (const Delivery& next : deliveries) {
      if (!held.empty()) verdict.exercised();
      std::erase_if(held, [&](const Held& one) { return one.until <= next.step->begin; });
      for (const Held& one : held) {
        if (one.story == next.story || one.from >= next.step->begin) continue;
        if (one.until > next.step->end) {
          verdict.complain(next.story->title() + " was given out while " + one.story->message +
                           " of its group was claimed");
        }
      }
      if (next.step->how != "claim") continue;
      held.push_back({next.story, next.step->end, may_be_over(history, *next.story, *next.step)});
    }
  }
}

void check_groups_in_order(const History& history, Verdict& verdict) {
  for (auto& [name, stories] : groups_of(history)) {
    std::vector<const Story*> sent;
    for (const Story* story : stories) {
      if (story->was_sent()) sent.push_back(story);
    }
    std::ranges::sort(sent, {}, [](const Story* story) { return story->send->end; });
    std::vector<const Story*> by_begin = sent;
    std::ranges::sort(by_begin, {}, [](const Story* story) { return story->send->begin; });
    std::size_t earlier = 0;
    const Story* latest = nullptr;  // of those that were sent before, the one that lived longest
    for (const Story* story : by_begin) {
      for (; earlier < sent.size() && sent[earlier]->send->end < story->send->begin; ++earlier) {
        const bool expires = !sent[earlier]->send->tried->text("expires").empty();
        if (expires) continue;
        if (latest == nullptr || alive_until(*sent[earlier]) > alive_until(*latest)) latest = sent[earlier];
      }
      const auto first = std::ranges::find_if(story->steps, handed_out);
      if (latest == nullptr || first == story->steps.end()) continue;
      verdict.exercised();
      if (alive_until(*latest) > first->end) {
        verdict.complain(story->title() + " was given out before " + latest->message + " of its group was done");
      }
    }
  }
}

}  // namespace storm
