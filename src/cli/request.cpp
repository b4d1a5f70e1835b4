// SPDX-License-Identifier: MIT
#include <chrono>

#include <ipcm/connect.hpp>

#include "command_line.hpp"
#include "commands.hpp"
#include "content.hpp"
#include "errors.hpp"
#include "exit_code.hpp"
#include "json_text.hpp"
#include "message_text.hpp"
#include "session.hpp"
#include "signals.hpp"
#include "text.hpp"
#include "units.hpp"

namespace ipcm::cli {
namespace {

// No signal ends a wait for a reply, so it is asked for a moment at a time.
constexpr std::chrono::milliseconds kMoment{100};

struct AskOptions {
  std::string route;
  std::string as;
  std::string peer;
  std::string content = "-";
  std::chrono::milliseconds timeout{30'000};
  bool text = false;
};

int run_request(const AskOptions& options, Output& out) {
  const ConnectionInfo info = ConnectionInfo::parse(options.route);
  const Content content = read_content(options.content, options.text ? ContentKind::text : ContentKind::json, info);
  const auto client = act_as(options.as, info);
  const StopSignals signals;
  Request request = client->request(options.peer, content, options.timeout);
  while (!signals && !request.wait_for(kMoment)) {}
  if (signals) {
    leave(*client);
    throw Interrupted{signals.raised(), "stopped; the request stays with " + printable(options.peer)};
  }
  const Reply reply = request.wait();
  out.set_done("the request was sent, and its reply was taken");
  leave(*client);
  reply.outcome.or_throw();
  std::string shown = out.json() ? message_text(*reply.message, out) : content_text(*reply.message);
  if (shown.ends_with('\n')) shown.pop_back();
  out.line(shown);
  return kDone;
}

constexpr const char* kRequestWords = R"(
Sends a message that asks for a reply, waits for it and prints its content. Fails with the peer's words when the reply
is an error; at once when the peer dies or says goodbye without a reply; and when the time is up. A reply that comes
later is an ordinary message for NAME. What else lies in NAME's inbox is left there.

With --json it prints the reply as `get --json` does.)";

constexpr const char* kRequestExamples = R"(
  ipcm request jobs.ipcm --as boss clerk '{"add":[1,2]}' --timeout 10s)";

}  // namespace

void setup_request(CommandLine& line) {
  auto options = std::make_shared<AskOptions>();
  Command command = line.command("request", "Ask a peer, and print its reply");
  command.route(options->route).as(options->as);
  command.argument("PEER", options->peer, "who is asked").names(options->peer);
  command.argument("CONTENT", options->content, kContentHelp, Command::Need::optional);
  command.option(
      "--timeout", "DURATION", [options](const std::string& text) { options->timeout = parse_duration(text); },
      "how long to wait, e.g. 500ms, 10s, 5m; default: 30s");
  command.flag("--text", options->text, kTextHelp);
  command.teach(kRequestWords, kRequestExamples);
  command.run([options](Output& out) { return run_request(*options, out); });
}

}  // namespace ipcm::cli
