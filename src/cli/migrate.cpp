// SPDX-License-Identifier: MIT
#include <ipcm/route.hpp>

#include "command_line.hpp"
#include "commands.hpp"
#include "exit_code.hpp"
#include "json_text.hpp"
#include "text.hpp"

namespace ipcm::cli {
namespace {

int run_migrate(const std::string& text, Output& out) {
  const ConnectionInfo info = ConnectionInfo::parse(text);
  const Migration migration = migrate_route(info);
  out.set_done("the route is up to date");
  if (out.json()) {
    out.line(JsonObject()
                 .text("route", info.route)
                 .count("from_version", static_cast<std::uint64_t>(migration.from_version))
                 .count("to_version", static_cast<std::uint64_t>(migration.to_version))
                 .str());
  } else if (migration.from_version == migration.to_version) {
    out.line(printable(info.route) + " is up to date: schema version " + std::to_string(migration.to_version));
  } else {
    out.line(printable(info.route) + " was brought from schema version " + std::to_string(migration.from_version) +
             " to " + std::to_string(migration.to_version));
  }
  return kDone;
}

}  // namespace

void setup_migrate(CommandLine& line) {
  auto route = std::make_shared<std::string>();
  Command command = line.command("migrate", "Bring a route of an older version up to date");
  command.route(*route);
  command.teach(
      "Forward only, in one transaction; older versions of ipcm refuse the route afterwards.\n\n"
      "With --json it prints {\"route\":\"/path/jobs.ipcm\",\"from_version\":1,\"to_version\":1}.",
      "  ipcm migrate jobs.ipcm");
  command.run([route](Output& out) { return run_migrate(*route, out); });
}

}  // namespace ipcm::cli
