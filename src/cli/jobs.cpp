// SPDX-License-Identifier: MIT
#include <algorithm>
#include <vector>

#include <ipcm/connect.hpp>

#include "command_line.hpp"
#include "commands.hpp"
#include "exit_code.hpp"
#include "message_text.hpp"
#include "session.hpp"
#include "table.hpp"
#include "text.hpp"
#include "units.hpp"

namespace ipcm::cli {
namespace {

constexpr std::size_t kDefaultJobs = 100;
constexpr std::size_t kJobsWidth = 160;

struct JobsOptions {
  std::string route;
  std::string queue;
  std::size_t limit = kDefaultJobs;
};

double wall_now() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

std::chrono::milliseconds time_since(double time) {
  return std::chrono::round<std::chrono::milliseconds>(std::chrono::duration<double>(std::max(wall_now() - time, 0.0)));
}

std::string json_line(const JobInfo& job) {
  JsonObject object = checked_members(job.message);
  object.text("state", to_string(job.state));
  if (job.state == JobInfo::State::scheduled) {
    job.due ? object.number("due", *job.due) : object.null("due");
  }
  if (!job.schedule.empty()) object.text("schedule", job.schedule);
  if (job.state == JobInfo::State::in_flight) {
    object.text("worker", job.worker).flag("worker_lives", job.worker_lives).number("claimed_at", job.claimed_at);
    object.number("lease_left", std::chrono::duration<double>(job.lease_left).count());
  }
  return object.str();
}

/// Then whoever looks for work removes it.
bool has_expired(const Message& message) {
  const auto end = message.expires_at();
  return end && *end <= std::chrono::system_clock::now();
}

/// Who has it, since when and for how long; or when it can be had.
std::string story(const JobInfo& job) {
  const std::string from = job.schedule.empty() ? "" : " (schedule " + job.schedule + ")";
  switch (job.state) {
    case JobInfo::State::ready: return (has_expired(job.message) ? "expired" : "-") + from;
    case JobInfo::State::scheduled: return (job.due ? iso_time(*job.due) : "after its group") + from;
    case JobInfo::State::in_flight: break;
  }
  const std::string who = job.worker + " for " + rough_duration(time_since(job.claimed_at));
  if (!job.worker_lives) return who + ", worker died" + from;
  if (job.lease_left.count() <= 0) return who + ", lease ran out" + from;
  return who + ", lease " + rough_duration(job.lease_left) + from;
}

std::string tries(const Message& message) {
  const std::string most = message.max_attempts() ? "/" + std::to_string(*message.max_attempts()) : "";
  return std::to_string(message.attempts()) + most;
}

void print_jobs(const std::vector<JobInfo>& jobs, Output& out) {
  constexpr auto kRight = Table::Align::right;
  Table table({{"QUEUE"}, {"STATE"}, {"WORKER OR TIME"}, {"TRIES", kRight}, {"PRIO", kRight}, {"CONTENT"}});
  for (const JobInfo& job : jobs) {
    table.row({job.message.to(), std::string(to_string(job.state)), story(job), tries(job.message),
               std::to_string(job.message.priority()), content_preview(job.message)});
  }
  table.fit(out, kJobsWidth);
  table.print(out);
}

void print_totals(Client& client, const std::string& only, Output& out) {
  for (const QueueInfo& queue : client.queues()) {
    if (!only.empty() && queue.name != only) continue;
    out.line(out.dim(printable(queue.name) + ": " + with_thousands(queue.in_flight) + " in flight, " +
                     with_thousands(queue.ready) + " ready, " + with_thousands(queue.scheduled) + " scheduled, " +
                     with_thousands(queue.dead) + " dead" + (queue.settings.paused ? ", paused" : "")));
  }
}

int run_jobs(const JobsOptions& options, Output& out) {
  const auto client = act_as_sender(std::nullopt, ConnectionInfo::parse(options.route));
  const std::size_t one_more = options.limit == kNoLimit ? kNoLimit : options.limit + 1;
  std::vector<JobInfo> jobs = client->jobs(options.queue, out.json() ? options.limit : one_more);
  if (out.json()) {
    for (const JobInfo& job : jobs) out.line(json_line(job));
    return kDone;
  }
  const bool more = jobs.size() > options.limit;
  if (more) jobs.pop_back();
  if (jobs.empty()) {
    out.line("no jobs" + (options.queue.empty() ? "" : " in " + printable(options.queue)));
  } else {
    print_jobs(jobs, out);
  }
  if (more) out.line("and more: --limit N shows more than " + with_thousands(options.limit));
  print_totals(*client, options.queue, out);
  return kDone;
}

constexpr const char* kJobsWords = R"(
First what is in flight: who has it, since when, and how much of its lease is left. Then what is ready, and what is
scheduled: when it is due, or that it waits for the message of its group before it. What has expired is there until
somebody takes from that queue. TRIES counts the one that runs.
Below it are the totals of each queue.

With --json each is one line: the message as `get --json` prints it, and "state" (ready, scheduled, in flight); for
scheduled ones "due", in seconds since 1970, or null for after its group; in flight "worker", "worker_lives",
"claimed_at", and "lease_left" in seconds. Content that cannot be decoded is "undecodable", as text.)";

}  // namespace

void setup_jobs(CommandLine& line) {
  auto options = std::make_shared<JobsOptions>();
  Command command = line.command("jobs", "Show what is in flight, ready and scheduled");
  command.route(options->route);
  command.argument("QUEUE", options->queue, "only that queue, or the inbox of a peer", Command::Need::optional);
  command.names(options->queue);
  command.option(
      "-n,--limit", "N", [options](const std::string& text) { options->limit = parse_count(text); },
      "At most so many; default: 100");
  command.teach(kJobsWords,
                "  ipcm jobs jobs.ipcm\n"
                "  ipcm jobs jobs.ipcm mail --limit 10 --json");
  command.run([options](Output& out) { return run_jobs(*options, out); });
}

}  // namespace ipcm::cli
