// SPDX-License-Identifier: MIT
#include <algorithm>

#include <ipcm/connect.hpp>

#include "command_line.hpp"
#include "commands.hpp"
#include "content.hpp"
#include "exit_code.hpp"
#include "json_text.hpp"
#include "session.hpp"
#include "table.hpp"
#include "text.hpp"

namespace ipcm::cli {
namespace {

struct BroadcastOptions {
  std::string route;
  std::string content = "-";
  std::optional<std::string> as;
  bool text = false;
};

std::string json_line(const std::string& peer, const Outcome& outcome) {
  JsonObject object;
  object.text("to", peer).flag("sent", static_cast<bool>(outcome));
  if (!outcome) object.text("error", to_string(outcome.error().code())).text("reason", outcome.error().what());
  return object.str();
}

void print_table(const std::map<std::string, Outcome>& outcomes, Output& out) {
  Table table({{"PEER"}, {"OUTCOME"}});
  for (const auto& [peer, outcome] : outcomes) table.row({peer, outcome ? "sent" : outcome.error().what()});
  table.print(out);
}

int run_broadcast(const BroadcastOptions& options, Output& out) {
  const ConnectionInfo info = ConnectionInfo::parse(options.route);
  const Content content = read_content(options.content, options.text ? ContentKind::text : ContentKind::json, info);
  const auto client = act_as_sender(options.as, info);
  const auto outcomes = client->broadcast(content);
  const auto reached = std::ranges::count_if(outcomes, [](const auto& pair) { return static_cast<bool>(pair.second); });
  out.set_done("the message was sent to " + counted(static_cast<std::uint64_t>(reached), "peer"));
  leave(*client);
  if (out.json()) {
    for (const auto& [peer, outcome] : outcomes) out.line(json_line(peer, outcome));
  } else if (outcomes.empty()) {
    out.line("nobody else is there, so nobody got it");
  } else {
    print_table(outcomes, out);
  }
  return std::ranges::all_of(outcomes, [](const auto& pair) { return static_cast<bool>(pair.second); }) ? kDone
                                                                                                        : kError;
}

constexpr const char* kBroadcastWords = R"(
Everyone is who `peers` lists as active, suspended or crashed, but the sender; all get it in one transaction.

With --json it prints a line for each peer: {"to":"worker","sent":true}, or with exit code 1
  {"to":"worker","sent":false,"error":"PeerGone","reason":"..."})";

constexpr const char* kBroadcastExamples = R"(
  ipcm broadcast jobs.ipcm --as boss '{"pause":true}'
  ipcm broadcast jobs.ipcm '{"terminate":true}'         # what Spawn::terminate() sends
  echo 'tea is ready' | ipcm broadcast jobs.ipcm --text)";

}  // namespace

void setup_broadcast(CommandLine& line) {
  auto options = std::make_shared<BroadcastOptions>();
  Command command = line.command("broadcast", "Send one message to everyone");
  command.route(options->route);
  command.argument("CONTENT", options->content, kContentHelp, Command::Need::optional);
  command.option("--as", "NAME", options->as, "the peer that sends; without it: a sender that leaves no trace");
  command.flag("--text", options->text, kTextHelp);
  command.teach(kBroadcastWords, kBroadcastExamples);
  command.run([options](Output& out) { return run_broadcast(*options, out); });
}

}  // namespace ipcm::cli
