// SPDX-License-Identifier: MIT
#include <limits>

#include <ipcm/connect.hpp>

#include "command_line.hpp"
#include "commands.hpp"
#include "content.hpp"
#include "errors.hpp"
#include "exit_code.hpp"
#include "job_options.hpp"
#include "json_text.hpp"
#include "send_lines.hpp"
#include "session.hpp"
#include "text.hpp"
#include "units.hpp"

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
  std::optional<std::string> dedup_key;
  MessageFields fields;  // what holds for each line as well
  bool text = false;
  bool lines = false;

  ContentKind kind() const { return text ? ContentKind::text : ContentKind::json; }
};

MessageFields fields_of(const SendOptions& options) {
  MessageFields fields = options.fields;
  fields.to = options.peer;
  fields.id = options.id;
  fields.reply_to = options.reply_to;
  fields.correlation_id = options.correlation_id;
  fields.dedup_key = options.dedup_key;
  return fields;
}

void print_sent(const SendOptions& options, const std::string& id, bool deduplicated, Output& out) {
  if (out.json()) {
    JsonObject object;
    object.text("id", id).text("to", options.peer);
    if (options.dedup_key) object.flag("deduplicated", deduplicated);
    out.line(object.str());
  } else if (deduplicated) {
    out.line("not sent again: a message to " + printable(options.peer) + " has that key already: " + printable(id));
  } else {
    out.line("sent to " + printable(options.peer) + ": " + printable(id));
  }
}

int send_each_line(Client& client, const SendOptions& options, Output& out) {
  Input input = open_input(options.content);
  const std::uint64_t sent = send_lines(client, fields_of(options), input, options.kind());
  out.set_done(counted(sent, "message") + " sent");
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
  if (options.lines && options.dedup_key) throw UsageError("--dedup-key names one message, and --lines sends many");
  if (options.fields.delay && options.fields.deliver_at)
    throw UsageError("--delay and --deliver-at exclude each other");
  if (options.fields.ttl && options.fields.expires_at) throw UsageError("--ttl and --expires-at exclude each other");
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
  const Content content =
      read_content(options.content, options.kind(), info);  // before the name is taken: it may take long
  const auto client = act_as_sender(options.as, info);
  MessageFields fields = fields_of(options);
  fields.content = content;
  std::string id;
  bool deduplicated = false;
  if (options.dedup_key) {
    const Message message = client->build_message(fields);  // which id it would have, too
    id = client->send_message(message);
    deduplicated = id != message.id();
  } else {
    id = client->send_message(fields);  // an id that was given in advance is looked for, and costs an index
  }
  out.set_done((deduplicated ? "the message was sent before: " : "the message was sent: ") + id);
  leave(*client);
  print_sent(options, id, deduplicated, out);
  return kDone;
}

constexpr const char* kSendWords = R"(
Returns once the message is stored as durably as the route promises. With --as the sender is registered, so that it can
get answers; without it `from` is "_anonymous".

--lines sends each line as a message, many to a transaction, in order; lines of nothing but space are left out (with
--text an empty line is an empty string). What has arrived is sent at once when the input pauses. At a line that cannot
be sent it stops: every line before it is stored, it and all lines after it are not, and the error names its number.
Interrupted by a signal it also says how many are stored, so that `tail -n +N` can go on from there.

A TIME is 2026-01-31T09:30:00Z, in UTC, or 2026-01-31T10:30:00+01:00, or seconds since 1970. While a message with a
--dedup-key is in the inbox, in flight, or within the dedup window of its queue, another one with that key is not
stored; that is no error, and the id is that of the first. Messages with one --group-key are handled one at a time, in
order.

With --json it prints {"id":"...","to":"worker"}, with --dedup-key also "deduplicated":false or true, and with --lines
{"sent":1000,"to":"worker"}.)";

constexpr const char* kSendExamples = R"(
  ipcm send jobs.ipcm --as boss worker '{"n":1}'      # JSON, quoted for the shell
  ipcm send jobs.ipcm worker @job.json                # from a file
  date | ipcm send jobs.ipcm worker --text            # any text, from standard input
  ipcm send jobs.ipcm worker '"once"' --id order-17   # sent again, it is refused until it was taken
  seq 1000 | ipcm send jobs.ipcm worker --lines       # a message for each line
  ipcm send jobs.ipcm worker 1 --delay 90s            # not before 90 seconds from now
  ipcm send jobs.ipcm worker 2 --priority 7 --ttl 1h  # before all others, and only within an hour
  ipcm send jobs.ipcm worker 3 --dedup-key order-17   # sent again while it is there, it changes nothing)";

void add_options(Command& command, SendOptions& options) {
  MessageFields& fields = options.fields;
  command.option(
      "--delay", "DURATION", [&fields](const std::string& text) { fields.delay = parse_duration(text); },
      "not before so long from now");
  command.option(
      "--deliver-at", "TIME", [&fields](const std::string& text) { fields.deliver_at = parse_time(text); },
      "not before that time");
  command.option(
      "--expires-at", "TIME", [&fields](const std::string& text) { fields.expires_at = parse_time(text); },
      "only before that time");
  add_job_options(command, fields);
  command.option("--dedup-key", "KEY", options.dedup_key, "not stored while one with that key is there");
  command.option("--group-key", "KEY", fields.group_key, "one at a time of those that have that key, in order");
}

}  // namespace

void setup_send(CommandLine& line) {
  auto options = std::make_shared<SendOptions>();
  Command command = line.command("send", "Send a message, or each line of a file");
  command.route(options->route);
  command.argument("PEER", options->peer, "who gets it").names(options->peer);
  command.argument("CONTENT", options->content, kContentHelp, Command::Need::optional);
  command.option("--as", "NAME", options->as, "the peer that sends; without it: a sender that leaves no trace");
  command.option("--id", "ID", options->id, "the message's id; default: a new one");
  command.option("--reply-to", "NAME", options->reply_to, "asks for a reply, to that peer; see also ipcm request");
  command.option("--correlation-id", "ID", options->correlation_id, "what the reply will have in common with it");
  add_options(command, *options);
  command.flag("--text", options->text, kTextHelp);
  command.flag("--lines", options->lines, "each line of the input is a message");
  command.teach(kSendWords, kSendExamples);
  command.run([options](Output& out) { return run_send(*options, out); });
}

}  // namespace ipcm::cli
