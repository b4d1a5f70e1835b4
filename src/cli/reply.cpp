// SPDX-License-Identifier: MIT
#include <ipcm/connect.hpp>

#include "command_line.hpp"
#include "commands.hpp"
#include "content.hpp"
#include "errors.hpp"
#include "exit_code.hpp"
#include "input.hpp"
#include "json_text.hpp"
#include "message_text.hpp"
#include "session.hpp"
#include "text.hpp"

namespace ipcm::cli {
namespace {

struct ReplyOptions {
  std::string route;
  std::optional<std::string> as;
  std::string content;  // empty: not given
  std::optional<std::string> error;
  bool text = false;
};

// The request, on one line of standard input.
Message read_request() {
  Input input = Input::standard();
  const StopSignals signals;
  LineReader lines(input, signals);
  std::string line;
  const auto result = lines.next(line, true);
  if (result == LineReader::Result::stopped) throw Interrupted{signals.raised(), "stopped; nothing was sent"};
  if (result != LineReader::Result::line) throw Failure("standard input is empty: it must hold the request");
  try {
    return Message::from_text(line);
  } catch (const Error& error) {
    throw Failure("standard input: " + without_period(error.what()) +
                  "; the request is a line that `ipcm get --json` prints");
  }
}

int run_reply(const ReplyOptions& options, Output& out) {
  if (options.content.empty() != options.error.has_value()) {
    throw UsageError("give either the reply's CONTENT or --error TEXT");
  }
  if (options.content == "-") throw UsageError("standard input holds the request, not CONTENT");
  const ConnectionInfo info = ConnectionInfo::parse(options.route);
  Content content;
  if (!options.content.empty()) {
    content = read_content(options.content, options.text ? ContentKind::text : ContentKind::json, info);
  }
  const Message request = read_request();
  const auto client = act_as_sender(options.as, info);
  const std::string id = options.error ? client->reply_error(request, *options.error) : client->reply(request, content);
  out.set_done("the reply was sent: " + id);
  leave(*client);
  if (out.json()) {
    out.line(JsonObject().text("id", id).text("to", request.reply_to()).str());
  } else {
    out.line("replied to " + printable(request.reply_to()) + ": " + printable(id));
  }
  return kDone;
}

constexpr const char* kReplyWords = R"(
Reads a request from standard input, a line that `get --json` printed, and sends the reply to whoever it asks to be
sent to. With --error the reply says why there is none.

With --json it prints {"id":"...","to":"boss"}.)";

constexpr const char* kReplyExamples = R"(
  ipcm get jobs.ipcm --as worker --limit 1 --json | ipcm reply jobs.ipcm --as clerk '{"sum":3}'
  ipcm get jobs.ipcm --as worker --limit 1 --json | ipcm reply jobs.ipcm --as clerk --error 'no such order')";

}  // namespace

void setup_reply(CommandLine& line) {
  auto options = std::make_shared<ReplyOptions>();
  Command command = line.command("reply", "Reply to a request that get has taken");
  command.route(options->route);
  command.argument("CONTENT", options->content, "JSON; or @FILE to read it from a file", Command::Need::optional);
  command.option("--as", "NAME", options->as, "the peer that replies; without it: a sender that leaves no trace");
  command.option("--error", "TEXT", options->error, "why there is no answer");
  command.flag("--text", options->text, kTextHelp);
  command.teach(kReplyWords, kReplyExamples);
  command.run([options](Output& out) { return run_reply(*options, out); });
}

}  // namespace ipcm::cli
