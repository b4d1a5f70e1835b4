// SPDX-License-Identifier: MIT
#include "storm/excuses.hpp"

#include <algorithm>

namespace storm {

bool ends(const Step& step) {
  return step.how == "take" || step.how == "remove" || step.how == "ack" || step.how == "purge";
}

bool handed_out(const Step& step) {
  return step.is_done() && (step.how == "take" || step.how == "claim");
}

bool may_be_taken_unseen(const History& history, const Story& story, Time from, Time until) {
  return std::ranges::any_of(history.readings(story.inbox), [&](const Call* call) {
    return call->over == nullptr && call->first->word != "looking" && history.killing(call->id.first) >= from &&
           call->begin() <= until;
  });
}

bool may_be_gone_unseen(const History& history, const Story& story) {
  if (story.send == nullptr) return true;
  return !story.send->tried->text("expires").empty() || !story.key().empty() ||
         history.forgotten(story.inbox) != kNever || may_be_taken_unseen(history, story, story.send->begin);
}

Time may_be_over(const History& history, const Story& story, const Step& claim) {
  constexpr Time kMillisecond = 1'000'000;
  Time lease = claim.begin + claim.tried->number("lease") * kMillisecond;
  Time over = kNever;
  for (const Step& step : story.steps) {
    if (step.tried == nullptr || step.tried->number("claim") != claim.call.second) continue;
    if (step.call.first != claim.call.first || step.tried->text("how").empty() || !step.may_be_done()) continue;
    if (step.how == "extend") {
      const Time longer = step.begin + step.tried->number("lease") * kMillisecond;
      lease = step.is_done() ? longer : std::min(lease, longer);
    } else {
      over = std::min(over, step.begin);
    }
  }
  over = std::min(over, lease);
  for (const Tenure* tenure : history.tenures_of(std::string(claim.tried->text("by")))) {
    // It may have been claimed by one thread while another had begun to leave.
    const bool is_its = tenure->life == claim.call.first && tenure->gone > claim.begin;
    if (is_its) over = std::min(over, tenure->giving_up);
  }
  return over;
}

bool takes_mail(const History& history, const std::string& name, Time from, Time until) {
  if (history.forgotten(name) <= until) return false;
  const std::vector<const Tenure*>& tenures = history.tenures_of(name);
  if (std::ranges::none_of(tenures, [&](const Tenure* tenure) { return tenure->got < from; })) return false;
  // The last word that it may have said before the end of that time must not be a goodbye, nor one of those before it
  // that was not taken back for certain.
  return std::ranges::none_of(tenures, [&](const Tenure* tenure) {
    if (tenure->giving_up > until || tenure->how == "killed" || tenure->how == "suspend") return false;
    return std::ranges::none_of(tenures, [&](const Tenure* later) {  // it came back
      return later->asked > tenure->giving_up && later->got < from;
    });
  });
}

}  // namespace storm
