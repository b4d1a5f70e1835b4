// SPDX-License-Identifier: MIT
#include <chrono>
#include <vector>

#include <ipcm/connect.hpp>
#include <ipcm/error.hpp>

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

// On a route that may only be read nobody can act as a peer.
std::vector<Message> peek_without_writing(const PeekOptions& options) {
  const auto now = std::chrono::system_clock::now();
  const double seconds = std::chrono::duration<double>(now.time_since_epoch()).count();
  const auto client = connect_anonymous(ConnectionInfo::parse(options.route));
  std::vector<Message> messages;
  for (JobInfo& job : client->jobs(options.as)) {
    const bool is_back = job.state == JobInfo::State::in_flight && (!job.worker_lives || job.lease_left.count() < 0);
    const bool is_due = job.state == JobInfo::State::scheduled && job.due && *job.due <= seconds;
    const bool has_expired = job.message.expires_at() && *job.message.expires_at() <= now;
    if ((job.state != JobInfo::State::ready && !is_back && !is_due) || has_expired) continue;
    if (messages.size() >= options.limit) break;
    messages.push_back(std::move(job.message));
  }
  return messages;
}

std::vector<Message> peek(const PeekOptions& options) {
  try {
    Visit visit(options.as, ConnectionInfo::parse(options.route));
    std::vector<Message> messages = visit.client().peek(options.limit);
    visit.end();
    return messages;
  } catch (const Error& error) {
    if (error.code() != ErrorCode::ReadOnly) throw;
  }
  return peek_without_writing(options);
}

int run_peek(const PeekOptions& options, Output& out) {
  const std::vector<Message> messages = peek(options);
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
