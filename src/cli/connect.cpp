// SPDX-License-Identifier: MIT
#include <ipcm/connect.hpp>

#include "command_line.hpp"
#include "commands.hpp"
#include "exit_code.hpp"
#include "json_text.hpp"
#include "session.hpp"
#include "text.hpp"

namespace ipcm::cli {
namespace {

struct ConnectOptionsOfCommand {
  std::string route;
  std::string as;
};

int run_connect(const ConnectOptionsOfCommand& options, Output& out) {
  const ConnectionInfo info = ConnectionInfo::parse(options.route);
  require_kept_mail(info, "to register a name");
  const auto client = act_as(options.as, info);
  out.set_done(options.as + " is registered");
  leave(*client);
  if (out.json()) {
    out.line(JsonObject().text("name", options.as).text("route", client->route()).text("state", "suspended").str());
  } else {
    out.line(printable(options.as) + " is registered; mail for it is kept until it is taken");
  }
  return kDone;
}

}  // namespace

void setup_connect(CommandLine& line) {
  auto options = std::make_shared<ConnectOptionsOfCommand>();
  Command command = line.command("connect", "Register a name, so that mail can come for it");
  command.route(options->route).as(options->as);
  command.teach(
      "The name is suspended when the command ends: it keeps getting mail. Registering it\n"
      "again ends a deadline or a goodbye, and changes nothing else.\n\n"
      "With --json it prints {\"name\":\"worker\",\"route\":\"/path/jobs.ipcm\",\"state\":\"suspended\"}.",
      "  ipcm connect jobs.ipcm --as worker\n"
      "  ipcm send jobs.ipcm worker '{\"n\":1}'   # is kept, although no worker runs");
  command.run([options](Output& out) { return run_connect(*options, out); });
}

}  // namespace ipcm::cli
