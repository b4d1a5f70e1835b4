// SPDX-License-Identifier: MIT
#include <chrono>

#include <ipcm/connect.hpp>

#include "command_line.hpp"
#include "commands.hpp"
#include "exit_code.hpp"
#include "json_text.hpp"
#include "session.hpp"
#include "text.hpp"
#include "units.hpp"

namespace ipcm::cli {
namespace {

struct SuspendOptions {
  std::string route;
  std::string as;
  std::optional<std::chrono::milliseconds> expires_in;
};

using WallTime = std::chrono::system_clock::time_point;

double seconds(WallTime time) {
  return std::chrono::duration<double>(time.time_since_epoch()).count();
}

int run_suspend(const SuspendOptions& options, Output& out) {
  const auto client = act_as_known(options.as, ConnectionInfo::parse(options.route));
  std::optional<WallTime> deadline;
  if (options.expires_in) {
    deadline = std::chrono::system_clock::now() + *options.expires_in;
    client->suspend(*deadline);
  } else {
    client->suspend();
  }
  out.set_done(options.as + " is suspended");
  if (out.json()) {
    JsonObject object;
    object.text("name", options.as).text("state", "suspended");
    deadline ? object.number("suspend_expires", seconds(*deadline)) : object.null("suspend_expires");
    out.line(object.str());
  } else {
    const std::string until = deadline ? " until " + iso_time(seconds(*deadline)) : "";
    out.line(printable(options.as) + " is suspended; mail for it is kept" + until);
  }
  return kDone;
}

constexpr const char* kSuspendWords = R"(
A suspended name keeps getting mail. With a deadline only until then: afterwards mail for it is refused until it
connects again. What has come stays either way. A name that is active in another process is left alone.

With --json it prints {"name":"worker","state":"suspended","suspend_expires":1767225600.5}; null without a deadline.)";

}  // namespace

void setup_suspend(CommandLine& line) {
  auto options = std::make_shared<SuspendOptions>();
  Command command = line.command("suspend", "Say how long mail for a name is still kept");
  command.route(options->route).as(options->as);
  command.option(
      "--expires-in", "DURATION", [options](const std::string& text) { options->expires_in = parse_duration(text); },
      "500ms, 10s, 5m, 2h, 3d; default: for good");
  command.teach(kSuspendWords,
                "  ipcm suspend jobs.ipcm --as worker --expires-in 2h   # if it is not back by then, refuse its mail\n"
                "  ipcm suspend jobs.ipcm --as worker                   # keep it for good");
  command.run([options](Output& out) { return run_suspend(*options, out); });
}

}  // namespace ipcm::cli
