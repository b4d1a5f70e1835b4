// SPDX-License-Identifier: MIT
// A name has one client at a time, and is free once that has left or died.
#include <algorithm>

#include "storm/rules.hpp"

namespace storm {

void check_one_client_a_name(const History& history, Verdict& verdict) {
  for (const auto& [name, tenures] : history.tenures_by_name()) {
    for (std::size_t n = 1; n < tenures.size(); ++n) {
      verdict.exercised();
      for (std::size_t before = n > 5 ? n - 5 : 0; before < n; ++before) {
        if (tenures[before]->got < tenures[n]->giving_up && tenures[before]->giving_up > tenures[n]->got) {
          verdict.complain("two clients had the name " + name + " at once");
        }
      }
    }
  }
}

void check_free_name_is_given(const History& history, Verdict& verdict) {
  for (const auto& [id, call] : history.calls()) {
    if (call.first->word != "connecting" || call.over == nullptr || call.over->text("error") != "NameInUse") continue;
    verdict.exercised();
    const std::string& name = call.first->inbox;
    const bool excused =
        std::ranges::any_of(
            history.tenures_of(name),
            [&](const Tenure* tenure) { return tenure->asked < call.end() && tenure->gone > call.begin(); }) ||
        std::ranges::any_of(history.calls(), [&](const auto& other) {  // killed while it connected
          const Call& one = other.second;
          return one.first->word == "connecting" && one.first->inbox == name && one.id != id && one.over == nullptr &&
                 one.begin() < call.end() && history.killing(one.id.first) > call.begin() - 1'000'000'000;
        });
    if (!excused) verdict.complain("the name " + name + " was refused as in use, but nobody had it");
  }
}

}  // namespace storm
