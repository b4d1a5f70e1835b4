// SPDX-License-Identifier: MIT
#include <ipcm/connect.hpp>

#include "command_line.hpp"
#include "commands.hpp"
#include "content.hpp"
#include "errors.hpp"
#include "exit_code.hpp"
#include "json_text.hpp"
#include "send_lines.hpp"
#include "session.hpp"
#include "text.hpp"

namespace ipcm::cli {
namespace {

struct SendOptions {
  std::string route;
  std::string peer;
  std::string content = "-";
  std::optional<std::string> as;
  std::optional<std::string> id;
  std::optional<std::string> reply_to;
  std::optional<std::string> correlation_id;
  bool text = false;
  bool lines = false;

  ContentKind kind() const { return text ? ContentKind::text : ContentKind::json; }
};

int send_each_line(Client& client, const SendOptions& options, Output& out) {
  Input input = open_input(options.content);
  const std::uint64_t sent = send_lines(client, options.peer, input, options.kind());
  if (out.json()) {
    out.line(JsonObject().count("sent", sent).text("to", options.peer).str());
  } else {
    out.line(counted(sent, "message") + " sent to " + printable(options.peer));
  }
  return kDone;
}

int run_send(const SendOptions& options, Output& out) {
  if (options.lines && options.id) throw UsageError("--id names one message, and --lines sends many");
  if (options.lines && (options.reply_to || options.correlation_id)) {
    throw UsageError("--reply-to and --correlation-id are for one message, and --lines sends many");
  }
  if (options.lines && !names_input(options.content)) {
    throw UsageError("--lines reads the messages from standard input or from @FILE, not from an argument");
  }
  const ConnectionInfo info = ConnectionInfo::parse(options.route);
  if (options.lines) {
    const auto client = act_as_sender(options.as, info);
    const int code = send_each_line(*client, options, out);
    leave(*client);
    return code;
  }
  const Content content = read_content(options.content, options.kind());  // before the name is taken: it may take long
  const auto client = act_as_sender(options.as, info);
  const std::string id =
      client->send_message(options.peer, content,
                           {.id = options.id, .reply_to = options.reply_to, .correlation_id = options.correlation_id});
  leave(*client);
  if (out.json()) {
    out.line(JsonObject().text("id", id).text("to", options.peer).str());
  } else {
    out.line("sent to " + printable(options.peer) + ": " + printable(id));
  }
  return kDone;
}

constexpr const char* kSendWords = R"(
Returns once the message is stored as durably as the route promises. With --as the sender is registered, so that it can
get answers; without it `from` is "_anonymous".

--lines sends each line as a message, many to a transaction, in order; lines of nothing but space are left out (with
--text an empty line is an empty string). What has arrived is sent at once when the input pauses. At a line that cannot
be sent it stops: every line before it is stored, it and all lines after it are not, and the error names its number.
Interrupted by a signal it also says how many are stored, so that `tail -n +N` can go on from there.

With --json it prints {"id":"...","to":"worker"}, and with --lines {"sent":1000,"to":"worker"}.)";

constexpr const char* kSendExamples = R"(
  ipcm send jobs.ipcm --as boss worker '{"n":1}'      # JSON, quoted for the shell
  ipcm send jobs.ipcm worker @job.json                # from a file
  date | ipcm send jobs.ipcm worker --text            # any text, from standard input
  ipcm send jobs.ipcm worker '"once"' --id order-17   # sent again, it is refused until it was taken
  seq 1000 | ipcm send jobs.ipcm worker --lines       # a message for each line)";

}  // namespace

void setup_send(CommandLine& line) {
  auto options = std::make_shared<SendOptions>();
  Command command = line.command("send", "Send a message, or each line of a file");
  command.route(options->route);
  command.argument("PEER", options->peer, "who gets it");
  command.argument("CONTENT", options->content, kContentHelp, Command::Need::optional);
  command.option("--as", "NAME", options->as, "the peer that sends; without it: a sender that leaves no trace");
  command.option("--id", "ID", options->id, "the message's id; default: a new one");
  command.option("--reply-to", "NAME", options->reply_to, "asks for a reply, to that peer; see also ipcm request");
  command.option("--correlation-id", "ID", options->correlation_id, "what the reply will have in common with it");
  command.flag("--text", options->text, kTextHelp);
  command.flag("--lines", options->lines, "each line of the input is a message");
  command.teach(kSendWords, kSendExamples);
  command.run([options](Output& out) { return run_send(*options, out); });
}

}  // namespace ipcm::cli
