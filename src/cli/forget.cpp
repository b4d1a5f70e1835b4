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

struct ForgetOptions {
  std::string route;
  std::string name;
};

int run_forget(const ForgetOptions& options, Output& out) {
  const auto client = act_as_sender(std::nullopt, ConnectionInfo::parse(options.route));
  client->forget(options.name);
  out.set_done(options.name + " was forgotten, with its mail");
  if (out.json()) {
    out.line(JsonObject().text("name", options.name).flag("forgotten", true).str());
  } else {
    out.line(printable(options.name) + " is forgotten, with its mail");
  }
  return kDone;
}

}  // namespace

void setup_forget(CommandLine& line) {
  auto options = std::make_shared<ForgetOptions>();
  Command command = line.command("forget", "Remove a name with its mail");
  command.route(options->route);
  command.names(options->name).argument("NAME", options->name, "the peer to remove; one that is active is refused");
  command.teach(
      "Its messages are gone for good: look first.\n\n"
      "With --json it prints {\"name\":\"worker\",\"forgotten\":true}.",
      "  ipcm peek jobs.ipcm --as worker   # is there anything that matters?\n"
      "  ipcm forget jobs.ipcm worker");
  command.run([options](Output& out) { return run_forget(*options, out); });
}

}  // namespace ipcm::cli
