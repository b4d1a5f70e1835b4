// SPDX-License-Identifier: MIT
#include <ipcm/route.hpp>
#include <ipcm/spawn.hpp>

#include "command_line.hpp"
#include "commands.hpp"
#include "exit_code.hpp"
#include "json_text.hpp"
#include "text.hpp"

namespace ipcm::cli {
namespace {

int run_unspawn(const std::string& route, Output& out) {
  const ConnectionInfo info = ConnectionInfo::parse(route);
  unspawn(info.route, info.protocol == "UnixSocket" ? info.protocol : "");
  out.set_done("the route is gone");
  if (out.json()) {
    out.line(JsonObject().text("route", info.route).flag("exists", false).str());
  } else {
    out.line(printable(info.route) + " is gone");
  }
  return kDone;
}

}  // namespace

void setup_unspawn(CommandLine& line) {
  auto route = std::make_shared<std::string>();
  Command command = line.command("unspawn", "Remove a route with everything in it");
  command.route(*route);
  command.teach(
      "Removes the file with its side files, messages included. Clients that are connected get RouteGone. One that is\n"
      "not there is fine; a file that is not a route is refused.\n\n"
      "With --json it prints {\"route\":\"/path/jobs.ipcm\",\"exists\":false}.",
      "  ipcm info jobs.ipcm      # is there anything that matters?\n"
      "  ipcm unspawn jobs.ipcm");
  command.run([route](Output& out) { return run_unspawn(*route, out); });
}

}  // namespace ipcm::cli
