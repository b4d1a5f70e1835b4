// SPDX-License-Identifier: MIT
#include <ipcm/error.hpp>
#include <ipcm/route.hpp>

#include "command_line.hpp"
#include "commands.hpp"
#include "exit_code.hpp"
#include "json_text.hpp"
#include "text.hpp"
#include "units.hpp"

namespace ipcm::cli {
namespace {

struct DurabilityOptions {
  std::string route;
  std::optional<Durability> wanted;
};

int run_durability(const DurabilityOptions& options, Output& out) {
  const ConnectionInfo info = ConnectionInfo::parse(options.route);
  if (options.wanted) {
    set_durability(info, *options.wanted);
    out.set_done("the durability was changed");
  }
  const std::string durability = route_info(info).durability;
  if (out.json()) {
    out.line(JsonObject().text("route", info.route).text("durability", durability).str());
  } else {
    out.line(durability);
  }
  return kDone;
}

constexpr const char* kDurabilityWords = R"(
What a stored message survives:
  full      power loss
  relaxed   any crash of processes; power loss may take the last moments
  volatile  a crash of processes; after power loss the route may be unusable
A change holds for whoever connects from then on. A client that is connected follows as it goes on writing.

With --json it prints {"route":"/path/jobs.ipcm","durability":"full"}.)";

}  // namespace

void setup_durability(CommandLine& line) {
  auto options = std::make_shared<DurabilityOptions>();
  Command command = line.command("durability", "Show or change what a stored message survives");
  command.route(options->route);
  command.argument(
      "DURABILITY", [options](const std::string& text) { options->wanted = parse_durability_word(text); },
      "full, relaxed or volatile; without it: shows what is set");
  command.teach(kDurabilityWords, "  ipcm durability jobs.ipcm\n  ipcm durability jobs.ipcm relaxed");
  command.run([options](Output& out) { return run_durability(*options, out); });
}

}  // namespace ipcm::cli
