// SPDX-License-Identifier: MIT
#include <vector>

#include <ipcm/connect.hpp>

#include "command_line.hpp"
#include "commands.hpp"
#include "errors.hpp"
#include "exit_code.hpp"
#include "message_text.hpp"
#include "session.hpp"
#include "units.hpp"

namespace ipcm::cli {
namespace {

struct PeekOptions {
  std::string route;
  std::string as;
  std::size_t limit = kNoLimit;
};

int run_peek(const PeekOptions& options, Output& out) {
  Visit visit(options.as, ConnectionInfo::parse(options.route));
  const std::vector<Message> messages = visit.client().peek(options.limit);
  visit.end();
  for (const Message& message : messages) out.write(message_text(message, out));
  if (!messages.empty()) return kDone;
  if (!out.json()) complain("no messages for " + options.as);
  return kNothing;
}

}  // namespace

void setup_peek(CommandLine& line) {
  auto options = std::make_shared<PeekOptions>();
  Command command = line.command("peek", "Print messages and leave them where they are");
  command.route(options->route).as(options->as);
  command.option(
      "-n,--limit", "N", [options](const std::string& text) { options->limit = parse_count(text); }, "At most so many");
  command.teach("With --json it prints the same lines as get.",
                "  ipcm peek jobs.ipcm --as worker                    # everything, oldest first\n"
                "  ipcm peek jobs.ipcm --as worker --limit 1 --json   # what get would take next");
  command.run([options](Output& out) { return run_peek(*options, out); });
}

}  // namespace ipcm::cli
