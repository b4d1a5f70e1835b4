// SPDX-License-Identifier: MIT
#include <algorithm>

#include <ipcm/connect.hpp>
#include <ipcm/error.hpp>
#include <ipcm/route.hpp>

#include "command_line.hpp"
#include "commands.hpp"
#include "errors.hpp"
#include "exit_code.hpp"
#include "json_text.hpp"
#include "session.hpp"
#include "text.hpp"
#include "units.hpp"
#include "worker.hpp"

namespace ipcm::cli {
namespace {

constexpr int kMostJobs = 256;  // each has three descriptors, and many systems allow 1024

/// A worker's place on the route.
class Desk {
 public:
  Desk(const WorkOptions& options, const ConnectionInfo& info);

  Client& client() const { return *client_; }
  /// Says goodbye, so that the names of workers do not pile up. A peer that was suspended before, or has mail, stays.
  void leave();

 private:
  std::shared_ptr<Client> client_;
  bool was_suspended_ = false;
};

Desk::Desk(const WorkOptions& options, const ConnectionInfo& info) {
  const std::vector<PeerInfo> peers = list_peers(info);
  const auto state_of = [&](const std::string& name) {
    const auto found = std::ranges::find(peers, name, &PeerInfo::name);
    return found == peers.end() ? std::string() : found->state;
  };
  const auto take = [&](const std::string& name) {
    was_suspended_ = state_of(name) == "suspended";
    ConnectOptions connection;
    if (was_suspended_) connection.at_end = ConnectOptions::AtEnd::suspend;
    client_ = connect(name, info, connection);
  };
  if (options.as) take(*options.as);
  for (int number = 1; !client_; ++number) {
    const std::string name = options.queue + "-worker-" + std::to_string(number);
    if (state_of(name) == "active") continue;
    try {
      take(name);
    } catch (const Error& error) {
      if (error.code() != ErrorCode::NameInUse) throw;  // else somebody was faster
    }
  }
}

void Desk::leave() {
  if (was_suspended_ || client_->have_ready_messages() || client_->have_pending_messages()) {
    client_->suspend();
  } else {
    client_->disconnect();
  }
}

void require_queue(const WorkOptions& options, const ConnectionInfo& info) {
  try {
    connect_anonymous(info)->queue_settings(options.queue);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::UnknownPeer) throw;
    throw UnknownName("there is no queue " + options.queue + " on " + info.route + "; make it: ipcm queue create " +
                      shell_quoted(options.route) + " " + shell_quoted(options.queue));
  }
}

void print_tally(const Tally& tally, Output& out) {
  if (!out.json()) {
    out.line((tally.stopped ? "stopped by a signal: " : "") + tally.text());
    return;
  }
  out.line(JsonObject()
               .count("done", tally.done)
               .count("failed", tally.failed)
               .count("dead", tally.dead)
               .count("released", tally.released)
               .count("lost", tally.lost)
               .flag("stopped", tally.stopped)
               .str());
}

void require_peer(const std::string& name, const ConnectionInfo& info) {
  if (connect_anonymous(info)->peer_exists(name)) return;
  throw UnknownName("there is no queue or peer " + name + " on " + info.route + " to get the results");
}

int run_work(const WorkOptions& options, Output& out) {
  if (options.command.empty()) {
    throw UsageError("what is to be run? It stands after --: ipcm work ROUTE QUEUE -- COMMAND ARG...");
  }
  if (options.once && options.drain) throw UsageError("--once and --drain exclude each other");
  if (options.lease.count() == 0) throw UsageError("a --lease is longer than 0");
  std::optional<Supervisor> supervisor;
  if (options.kill_with_worker) supervisor.emplace();
  const ConnectionInfo info = ConnectionInfo::parse(options.route);
  require_queue(options, info);
  if (options.results) require_peer(*options.results, info);
  Desk desk(options, info);
  const Tally tally = [&] {
    Worker worker(desk.client(), options, supervisor ? &*supervisor : nullptr, out);
    return worker.run();
  }();
  out.set_done(tally.text());
  desk.leave();
  print_tally(tally, out);
  if (tally.gave_up) {
    out.flush();
    complain(tally.gave_up->what());
    return tally.gave_up->exit_code();
  }
  if (options.once && tally.all() == 0 && !tally.stopped) return kNothing;
  return kDone;
}

constexpr const char* kWorkWords = R"(
COMMAND runs once for each job. On standard input it gets the content, as JSON; with --text a JSON string is given as
its text. In its environment: IPCM_ID, IPCM_FROM, IPCM_QUEUE, IPCM_ATTEMPT, IPCM_PRIORITY, IPCM_STAMP, IPCM_ROUTE, and
where the job has them IPCM_MAX_ATTEMPTS, IPCM_GROUP_KEY, IPCM_DEDUP_KEY, IPCM_REPLY_TO and IPCM_CORRELATION_ID. What it
says by its exit code:
  0                it is done, and leaves the queue
  75               not now: it is released, and does not count as a try; comes back after a second
  65               it can never be done: it is dead
  anything else    it failed: tried again as its queue says, and dead once its tries are used up
If COMMAND cannot be executed, its job is released and does not count as a try; ipcm says so and tries again after 1s,
2s, 4s ... 60s. If it could never be executed, ipcm ends: with exit code 127 if COMMAND was not found, else 126. The
reason of a failure is the end of what it wrote to standard error. A job is settled only after its command has
ended, so whatever happens to the worker, none is lost; one may be run again. While it runs its lease is prolonged. The
command is told to end when its worker dies, or has lost the job because it was held up for longer than a lease. If a
worker dies, another one takes its jobs immediately: beside it a command may still run that does not end when it is told
to, or has started others. With --kill-with-worker all of these are killed.

With --results what COMMAND prints, as JSON or with --text as any text, is sent to PEER in the transaction that
acknowledges the job, with the job's id: for each job that is done there is one result, whoever is killed and when. One
that prints nothing has none.

SIGTERM, SIGINT and SIGHUP: takes no more, finishes what it has, and exits with 0. A second one, at least a second
later, ends the commands, after five seconds with SIGKILL, and releases their jobs. If a command dies of such a signal
because a service manager stops it together with ipcm, its job is released, too, and does not count as a try.

At the end it prints what became of the jobs; with --json as one object:
  {"done":12,"failed":1,"dead":0,"released":0,"lost":0,"stopped":false})";

constexpr const char* kWorkExamples = R"(
  ipcm work jobs.ipcm mail -- ./deliver                    # until it is stopped
  ipcm work jobs.ipcm mail -j 4 --drain -- ./deliver       # until nothing is ready, four at once
  ipcm work jobs.ipcm mail --once --text -- cat            # one job; exit code 3 when there is none
  ipcm work jobs.ipcm files --text --results sums -- xargs -d '\n' sha256sum
  ipcm work jobs.ipcm mail --drain -- sh -c 'echo "try $IPCM_ATTEMPT of $IPCM_ID"')";

}  // namespace

void setup_work(CommandLine& line) {
  auto options = std::make_shared<WorkOptions>();
  Command command = line.command("work", "Run a command for each job of a queue");
  command.route(options->route);
  command.argument("QUEUE", options->queue, "whose jobs").names(options->queue);
  command.rest("COMMAND", options->command, "after --: what to run, with its arguments");
  command.option(
      "-j,--jobs", "N",
      [options](const std::string& text) {
        options->jobs = static_cast<std::size_t>(parse_number(text, 1, kMostJobs));
      },
      "so many at once; default: 1");
  command.option("--as", "NAME", options->as, "the peer that works; default: QUEUE-worker-1, or the next that is free");
  command.option(
      "--lease", "DURATION", [options](const std::string& text) { options->lease = parse_duration(text); },
      "how long a job is kept from others if this worker hangs; default: 60s");
  command.flag("--once", options->once, "one job, then end");
  command.flag("--drain", options->drain, "end when nothing is ready");
  command.option("--results", "PEER", options->results, "the queue or peer that gets what COMMAND prints");
  command.names(options->results);
  command.flag("--text", options->text, "give a JSON string as its text, and take the result as text");
  command.flag("--kill-with-worker", options->kill_with_worker,
               "if this worker dies, kill what COMMAND has started, too, and give it no time to end");
  command.teach(kWorkWords, kWorkExamples);
  command.run([options](Output& out) { return run_work(*options, out); });
}

}  // namespace ipcm::cli
