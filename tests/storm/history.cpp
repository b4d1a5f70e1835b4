// SPDX-License-Identifier: MIT
#include "storm/history.hpp"

#include <algorithm>
#include <set>
#include <stdexcept>

namespace storm {
namespace {

using Outcome = Step::Outcome;

// Words that begin a step of one message, and the step.
std::string begun_by(const Event& event) {
  if (event.word == "sending") return "send";
  if (event.word == "removing") return "remove";
  if (event.word == "returning") return "return";
  if (event.word == "replaying") return "replay";
  if (event.word == "purging") return "purge";
  if (event.word == "settling") return std::string(event.text("how"));
  return "";
}

// Words of messages that a call handed out.
std::string handed_out_by(const Event& event) {
  if (event.word == "took") return "take";
  if (event.word == "claimed") return "claim";
  if (event.word == "saw") return "see";
  return "";
}

const std::set<std::string> kDone = {"sent", "known", "removed", "returned", "replayed", "purged", "settled", "died"};
// What has vanished may have been removed or not: another thread of its reader may have been first.
const std::set<std::string> kRefused = {"refused", "lost"};

}  // namespace

bool Story::is_plain() const {
  if (!was_sent()) return false;
  const Event& tried = *send->tried;
  return tried.text("group").empty() && tried.text("due").empty() && tried.text("expires").empty() &&
         tried.text("op") != "reply";
}

History::History(const Evidence& evidence) : evidence_(evidence) {
  for (const auto& journal : evidence_.journals) {
    for (const Event& event : journal) {
      end_ = std::max(end_, event.time);
      if (event.word == "killed") kills_[static_cast<int>(event.number("life"))] = {event.number("began"), event.time};
    }
  }
  for (const auto& journal : evidence_.journals) {
    for (const Event& event : journal) {
      add(event);
      add_child(event.life);
    }
  }
  for (const auto& [life, times] : kills_) end_life(life, times.first, times.second);
  for (const Tenure& tenure : tenures_) tenures_by_name_[tenure.name].push_back(&tenure);
  for (auto& [name, tenures] : tenures_by_name_) std::ranges::sort(tenures, {}, &Tenure::asked);
  for (const Remains& one : evidence_.remains) {
    Story& found = stories_[{one.inbox, one.message}];
    found.inbox = one.inbox;
    found.message = one.message;
    found.remains.push_back(&one);
  }
  for (auto& [key, story] : stories_) {
    std::ranges::stable_sort(story.steps, {}, &Step::begin);
    for (const Step& step : story.steps) {
      if (step.how == "send" && (story.send == nullptr || step.may_be_done())) story.send = &step;
    }
    if (story.send != nullptr) {
      story.priority = static_cast<int>(story.send->tried->number("priority", ipcm::kDefaultPriority));
    }
  }
  for (auto& [id, call] : calls_) {
    const std::string& word = call.first->word;
    if (word == "taking" || word == "claiming" || word == "looking") readings_[call.first->inbox].push_back(&call);
  }
  for (auto& [inbox, calls] : readings_) {
    std::ranges::sort(calls, {}, [](const Call* call) { return call->begin(); });
  }
}

void History::add(const Event& event) {
  Call& call = calls_[{event.life, event.call}];
  if (call.first == nullptr) {
    call.id = {event.life, event.call};
    call.first = &event;
  }
  call.events.push_back(&event);
  if (event.word == "over") call.over = &event;
  if (event.word == "forgetting") {
    const auto [known, first] = forgotten_.emplace(event.inbox, event.time);
    if (!first) known->second = std::min(known->second, event.time);
  }
  add_tenure(event);
  if (event.message == "-") return;
  if (std::string how = begun_by(event); !how.empty()) {
    begin_step(event, std::move(how), event.time, &event);
  } else if (how = handed_out_by(event); !how.empty()) {
    begin_step(event, std::move(how), call.begin(), call.first);
    end_step(event, Outcome::done);
  } else if (kDone.contains(event.word)) {
    end_step(event, Outcome::done);
  } else if (kRefused.contains(event.word)) {
    end_step(event, Outcome::refused);
  }
}

// A child dies with the process that it was forked from, if it was not seen to end before.
void History::add_child(int life) {
  if (life <= kLivesApart || kills_.contains(life)) return;
  if (const auto parent = kills_.find(life % kLivesApart); parent != kills_.end()) kills_[life] = parent->second;
}

void History::add_tenure(const Event& event) {
  if (event.word == "connected") {
    const Event& asked = *calls_.at({event.life, event.call}).first;
    tenures_.push_back(
        {event.inbox, std::string(asked.text("route")), event.life, asked.time, event.time, kNever, kNever, ""});
  }
  if (event.word != "leaving" && event.word != "left") return;
  const auto last = std::find_if(tenures_.rbegin(), tenures_.rend(), [&](const Tenure& tenure) {
    return tenure.life == event.life && tenure.name == event.inbox;
  });
  if (last == tenures_.rend()) return;
  if (event.word == "left") {
    last->gone = event.time;
  } else {
    last->giving_up = event.time;
    last->how = event.text("how");
  }
}

void History::end_life(int life, Time killing, Time killed) {
  for (Tenure& tenure : tenures_) {
    if (tenure.life != life || tenure.gone != kNever) continue;
    if (tenure.giving_up == kNever) tenure.how = "killed";
    tenure.giving_up = std::min(tenure.giving_up, killing);
    tenure.gone = killed;
  }
}

Story& History::story(const Event& event) {
  Story& found = stories_[{event.inbox, event.message}];
  found.inbox = event.inbox;
  found.message = event.message;
  return found;
}

Step& History::begin_step(const Event& event, std::string how, Time begin, const Event* tried) {
  Step step;
  step.how = std::move(how);
  step.call = {event.life, event.call};
  step.begin = begin;
  step.tried = tried;
  return story(event).steps.emplace_back(std::move(step));
}

void History::end_step(const Event& event, Outcome outcome) {
  std::vector<Step>& steps = story(event).steps;
  const auto step = std::find_if(steps.rbegin(), steps.rend(), [&](const Step& one) {
    return one.call == CallId(event.life, event.call) && one.outcome == Outcome::open;
  });
  if (step == steps.rend()) {
    throw std::runtime_error("a journal ends what it never began: " + event.word + " " + event.message);
  }
  step->outcome = outcome;
  step->end = event.time;
  step->told = &event;
}

const std::vector<const Call*>& History::readings(const std::string& inbox) const {
  static const std::vector<const Call*> none;
  const auto found = readings_.find(inbox);
  return found == readings_.end() ? none : found->second;
}

const std::vector<const Tenure*>& History::tenures_of(const std::string& name) const {
  static const std::vector<const Tenure*> none;
  const auto found = tenures_by_name_.find(name);
  return found == tenures_by_name_.end() ? none : found->second;
}

int History::calls_at_once() const {
  std::map<int, std::vector<const Call*>> by_life;
  for (const auto& [id, call] : calls_) by_life[id.first].push_back(&call);
  int count = 0;
  for (auto& [life, calls] : by_life) {
    std::ranges::sort(calls, {}, [](const Call* call) { return call->begin(); });
    Time latest = 0;
    for (const Call* call : calls) {
      if (call->begin() < latest) ++count;
      latest = std::max(latest, call->events.back()->time);
    }
  }
  return count;
}

int History::forks() const {
  return static_cast<int>(std::ranges::count_if(calls_, [](const auto& call) {
    const Event& first = *call.second.first;
    return first.word == "killed" && first.number("life") > kLivesApart;
  }));
}

Time History::forgotten(const std::string& name) const {
  const auto found = forgotten_.find(name);
  return found == forgotten_.end() ? kNever : found->second;
}

Time History::killing(int life) const {
  const auto found = kills_.find(life);
  return found == kills_.end() ? kNever : found->second.first;
}

}  // namespace storm
