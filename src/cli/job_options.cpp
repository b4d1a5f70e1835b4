// SPDX-License-Identifier: MIT
#include "job_options.hpp"

#include <limits>

#include "units.hpp"

namespace ipcm::cli {

void add_job_options(Command& command, MessageFields& fields) {
  command.option(
      "--ttl", "DURATION", [&fields](const std::string& text) { fields.ttl = parse_duration(text); },
      "only within so long, from when it could be delivered");
  command.option(
      "--priority", "0-7",
      [&fields](const std::string& text) { fields.priority = parse_number(text, 0, kHighestPriority); },
      "higher ones are delivered first; default: 4");
  command.option(
      "--max-attempts", "N",
      [&fields](const std::string& text) {
        fields.max_attempts = parse_number(text, 1, std::numeric_limits<int>::max());
      },
      "how many tries may fail before it is dead; default: its queue's");
}

}  // namespace ipcm::cli
