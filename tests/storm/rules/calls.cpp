// SPDX-License-Identifier: MIT
// Batches, broadcasts and transactions happen whole or not at all; whoever takes mail gets it.
#include <algorithm>
#include <set>

#include "storm/excuses.hpp"
#include "storm/rules.hpp"

namespace storm {
namespace {

bool was_seen(const Story& story) {
  return !story.remains.empty() ||
         std::ranges::any_of(story.steps, [](const Step& step) { return step.how != "send"; });
}

std::vector<const Story*> sent_by(const History& history, const Call& call) {
  std::vector<const Story*> stories;
  for (const Event* event : call.events) {
    if (event->word == "sending") stories.push_back(&history.stories().at({event->inbox, event->message}));
  }
  return stories;
}

// Of all that ever were on the route that a broadcast goes over, but for who sends it.
std::set<std::string> others_on(const History& history, const Event& casting) {
  std::set<std::string> names;
  for (const Tenure& tenure : history.tenures()) {
    if (tenure.route == casting.text("route") && tenure.name != casting.text("from")) names.insert(tenure.name);
  }
  return names;
}

// A process that was killed in the middle of a broadcast has not said to whom it went.
void check_open_broadcast(const History& history, const Call& call, Verdict& verdict) {
  const Time killed = history.killing(call.id.first);
  std::vector<std::string> missing;
  bool any = false;
  for (const std::string& name : others_on(history, *call.first)) {
    if (history.forgotten(name) != kNever || !takes_mail(history, name, call.begin(), killed)) continue;
    const auto story = history.stories().find({name, call.first->message});
    const bool seen = story != history.stories().end() && was_seen(story->second);
    any = any || seen;
    Story unseen;
    unseen.inbox = name;
    if (!seen && !may_be_taken_unseen(history, unseen, call.begin())) missing.push_back(name);
  }
  verdict.exercised();
  if (any && !missing.empty()) {
    verdict.complain("broadcast " + call.first->message + " reached some peers, but not " + missing.front());
  }
}

}  // namespace

void check_whole_or_not_at_all(const History& history, Verdict& verdict) {
  for (const auto& [id, call] : history.calls()) {
    const std::vector<const Story*> stories = sent_by(history, call);
    if (stories.size() < 2 || call.first->text("op") == "async") continue;
    verdict.exercised();
    const bool is_done = std::ranges::any_of(stories, [](const Story* story) { return story->send->is_done(); });
    if (is_done || std::ranges::none_of(stories, [](const Story* story) { return was_seen(*story); })) continue;
    for (const Story* story : stories) {
      if (was_seen(*story) || may_be_gone_unseen(history, *story)) continue;
      verdict.complain(story->title() + " is not there, but others of its call are");
    }
  }
}

void check_result_goes_with_its_ack(const History& history, Verdict& verdict) {
  for (const auto& [id, call] : history.calls()) {
    if (call.first->text("op") != "transaction") continue;
    const std::vector<const Story*> results = sent_by(history, call);
    const bool seen = std::ranges::any_of(results, [](const Story* story) { return was_seen(*story); });
    const bool unseen = std::ranges::any_of(
        results, [&](const Story* story) { return !was_seen(*story) && !may_be_gone_unseen(history, *story); });
    for (const Event* event : call.events) {
      if (event->word != "settling" || event->text("how") != "ack") continue;
      const Story& job = history.stories().at({event->inbox, event->message});
      const auto ack =
          std::ranges::find_if(job.steps, [&](const Step& step) { return step.how == "ack" && step.call == id; });
      verdict.exercised();
      const bool again = std::ranges::any_of(job.steps, [&](const Step& step) {
        return (step.how == "claim" || step.how == "take") && step.is_done() && step.begin > ack->begin;
      });
      const bool went_back = std::ranges::any_of(job.steps, [](const Step& step) { return step.how == "replay"; });
      if (went_back) continue;
      if (seen && (again || !job.remains.empty() || !ack->may_be_done())) {
        verdict.complain("the result of " + job.message + " was stored, but it was not acknowledged");
      }
      const bool others = std::ranges::any_of(job.steps, [&](const Step& step) {
        return &step != &*ack && (ends(step) || step.how == "kill" || step.how == "fail") && step.may_be_done();
      });
      const bool excused = others || !job.send || !job.send->tried->text("expires").empty() ||
                           may_be_taken_unseen(history, job, ack->begin);
      if (unseen && !again && job.remains.empty() && !excused) {
        verdict.complain(job.title() + " was acknowledged, but its result is not there");
      }
    }
  }
}

void check_broadcast_reaches_all(const History& history, Verdict& verdict) {
  for (const auto& [id, call] : history.calls()) {
    if (call.first->word != "casting") continue;
    if (call.over == nullptr) {
      check_open_broadcast(history, call, verdict);
      continue;
    }
    if (!call.over->text("error").empty()) continue;
    std::set<std::string> reached;
    for (const Event* event : call.events) {
      if (event->word == "sent") reached.insert(event->inbox);
    }
    for (const std::string& name : others_on(history, *call.first)) {
      if (!takes_mail(history, name, call.begin(), call.end())) continue;
      verdict.exercised();
      if (!reached.contains(name)) verdict.complain("broadcast " + call.first->message + " did not reach " + name);
    }
  }
}

// Suspended and crashed peers do.
void check_peers_take_mail(const History& history, Verdict& verdict) {
  for (const auto& [key, story] : history.stories()) {
    for (const Step& step : story.steps) {
      if (step.how != "send" || step.outcome == Step::Outcome::open) continue;
      const bool stands_alone =
          step.tried->text("op") == "async" || sent_by(history, history.calls().at(step.call)).size() == 1;
      if (!step.is_done() && !stands_alone) continue;  // another one of the call was refused
      if (!takes_mail(history, story.inbox, step.begin, step.end)) continue;
      verdict.exercised();
      if (step.is_done()) continue;
      const std::string why(step.told->text("error"));
      if (why == "UnknownPeer" || why == "PeerGone" || why == "PeerDisconnected") {
        verdict.complain(story.title() + " was refused with " + why + ", though that peer takes mail");
      }
    }
  }
}

}  // namespace storm
