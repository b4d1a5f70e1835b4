// SPDX-License-Identifier: MIT
#include "conformance/model/operation.hpp"

#include <array>

namespace model {
namespace {

constexpr std::array kNames = {"connect",    "reconnect", "suspend",        "suspend_for",  "disconnect", "drain",
                               "drop",       "send",      "send_too_large", "send_batch",   "broadcast",  "take",
                               "peek",       "remove",    "requeue",        "ready",        "forget",     "peers",
                               "peer_state", "stats",     "all_stats",      "advance_clock"};

}  // namespace

std::string Operation::text() const {
  std::string all = actor + "." + kNames.at(static_cast<std::size_t>(kind)) + "(" + target;
  if (limit != 0) all += " limit=" + std::to_string(limit);
  if (seconds != 0) all += " seconds=" + std::to_string(seconds);
  for (const Letter& letter : letters) {
    all += " " + std::to_string(letter.number) + "->" + letter.to;
    if (letter.chosen_id) all += " as " + *letter.chosen_id;
  }
  for (const int number : numbers) all += " " + std::to_string(number);
  return all + ")";
}

}  // namespace model
