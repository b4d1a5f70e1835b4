// SPDX-License-Identifier: MIT
#include <vector>

#include <ipcm/connect.hpp>
#include <ipcm/error.hpp>

#include "command_line.hpp"
#include "commands.hpp"
#include "errors.hpp"
#include "exit_code.hpp"
#include "input.hpp"
#include "json_text.hpp"
#include "message_text.hpp"
#include "session.hpp"
#include "text.hpp"

namespace ipcm::cli {
namespace {

struct RequeueOptions {
  std::string route;
  std::string as;
};

Message read_message(const std::string& line, const std::string& name) {
  Message message = Message::from_text(line);
  if (message.to() == name) return message;
  throw Error(ErrorCode::InvalidMessage, "the message is for " + message.to() + ", not for " + name);
}

std::vector<Message> read_messages(const std::string& name) {
  Input input = Input::standard();
  const StopSignals signals;
  LineReader lines(input, signals);
  std::vector<Message> messages;
  std::string line;
  for (;;) {
    const auto result = lines.next(line, true);
    if (result == LineReader::Result::stopped) throw Interrupted{signals.raised(), "stopped; nothing was put back"};
    if (result != LineReader::Result::line) return messages;
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    try {
      messages.push_back(read_message(line, name));
    } catch (const Error& error) {
      throw Failure("line " + std::to_string(lines.number()) + " of standard input: " + without_period(error.what()) +
                    "; nothing was put back. A line is what `ipcm get --json` prints");
    }
  }
}

int run_requeue(const RequeueOptions& options, Output& out) {
  const ConnectionInfo info = ConnectionInfo::parse(options.route);
  const std::vector<Message> messages = read_messages(options.as);
  const auto client = act_as_known(options.as, info);
  client->requeue_messages(messages);
  out.set_done(counted(messages.size(), "message") + " put back");
  leave(*client);
  if (out.json()) {
    out.line(JsonObject().text("name", options.as).count("requeued", messages.size()).str());
  } else {
    out.line(counted(messages.size(), "message") + " put back for " + printable(options.as));
  }
  return kDone;
}

constexpr const char* kRequeueWords = R"(
Reads from standard input what `get --json` printed and puts it back: same id, same sender, same stamp, in its old
place, before whatever came later. All in one transaction: if one is refused, none is put back. One that is in the inbox
already is refused.

With --json it prints {"name":"worker","requeued":2}.)";

constexpr const char* kRequeueExamples = R"(
  ipcm get jobs.ipcm --as worker --json > taken.jsonl
  ipcm requeue jobs.ipcm --as worker < taken.jsonl            # never mind, all of it again
  ipcm get jobs.ipcm --as worker --json --limit 1 | ipcm requeue jobs.ipcm --as worker)";

}  // namespace

void setup_requeue(CommandLine& line) {
  auto options = std::make_shared<RequeueOptions>();
  Command command = line.command("requeue", "Put messages back that get has taken");
  command.route(options->route).as(options->as);
  command.teach(kRequeueWords, kRequeueExamples);
  command.run([options](Output& out) { return run_requeue(*options, out); });
}

}  // namespace ipcm::cli
