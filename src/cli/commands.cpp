// SPDX-License-Identifier: MIT
#include "commands.hpp"

#include <algorithm>
#include <string_view>

#include "command_line.hpp"

namespace ipcm::cli {
namespace {

struct Subcommand {
  std::string_view name;
  void (*setup)(CommandLine& line);
};

// In the order of the help.
constexpr Subcommand kAll[] = {
    {"spawn", setup_spawn},
    {"connect", setup_connect},
    {"send", setup_send},
    {"get", setup_get},
    {"peers", setup_peers},
    {"peek", setup_peek},
    {"requeue", setup_requeue},
    {"request", setup_request},
    {"reply", setup_reply},
    {"broadcast", setup_broadcast},
    {"queue", setup_queue},
    {"schedule", setup_schedule},
    {"work", setup_work},
    {"jobs", setup_jobs},
    {"dead", setup_dead},
    {"suspend", setup_suspend},
    {"forget", setup_forget},
    {"info", setup_info},
    {"connect-info", setup_connect_info},
    {"stats", setup_stats},
    {"check", setup_check},
    {"doctor", setup_doctor},
    {"backup", setup_backup},
    {"salvage", setup_salvage},
    {"dump", setup_dump},
    {"load", setup_load},
    {"durability", setup_durability},
    {"migrate", setup_migrate},
    {"unspawn", setup_unspawn},
};

}  // namespace

void setup_commands(CommandLine& line, int count, const char* const* arguments) {
  const auto found = std::ranges::find(kAll, command_named_in(count, arguments), &Subcommand::name);
  if (found != std::end(kAll)) {
    found->setup(line);
    return;
  }
  for (const Subcommand& each : kAll) each.setup(line);
}

}  // namespace ipcm::cli
