// SPDX-License-Identifier: MIT
// What comes as the answer to a request is the answer to it, by whoever was asked.
#include "storm/rules.hpp"

namespace storm {

void check_reply_is_the_askers(const History& history, Verdict& verdict) {
  for (const auto& [id, call] : history.calls()) {
    if (call.first->word != "taking" || call.first->text("op") != "reply") continue;
    for (const Event* event : call.events) {
      if (event->word != "took") continue;
      verdict.exercised();
      if (event->text("re") != call.first->text("re")) {
        verdict.complain("request " + std::string(call.first->text("re")) + " was answered with the answer to " +
                         std::string(event->text("re")));
      }
      if (event->text("from") != call.first->text("asked")) {
        verdict.complain("request " + std::string(call.first->text("re")) + " to " +
                         std::string(call.first->text("asked")) + " was answered by " +
                         std::string(event->text("from")));
      }
    }
  }
}

}  // namespace storm
