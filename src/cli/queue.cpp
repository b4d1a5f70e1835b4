// SPDX-License-Identifier: MIT
#include <limits>
#include <vector>

#include <ipcm/connect.hpp>
#include <ipcm/error.hpp>

#include "command_line.hpp"
#include "commands.hpp"
#include "errors.hpp"
#include "exit_code.hpp"
#include "json_text.hpp"
#include "session.hpp"
#include "table.hpp"
#include "text.hpp"
#include "units.hpp"

namespace ipcm::cli {
namespace {

using std::chrono::milliseconds;

/// The settings that the command line names.
struct Changes {
  std::optional<int> max_attempts;
  std::optional<Backoff> backoff;
  std::optional<milliseconds> retry_delay;
  std::optional<milliseconds> max_retry_delay;
  std::optional<milliseconds> dedup_window;

  bool any() const { return max_attempts || backoff || retry_delay || max_retry_delay || dedup_window; }

  QueueSettings applied_to(QueueSettings settings) const {
    settings.max_attempts = max_attempts.value_or(settings.max_attempts);
    settings.backoff = backoff.value_or(settings.backoff);
    settings.retry_delay = retry_delay.value_or(settings.retry_delay);
    settings.max_retry_delay = max_retry_delay.value_or(settings.max_retry_delay);
    settings.dedup_window = dedup_window.value_or(settings.dedup_window);
    return settings;
  }
};

struct QueueOptions {
  std::string route;
  std::string queue;
  Changes changes;
  std::vector<std::string> ids;
  bool all = false;
};

std::shared_ptr<Client> visit_of(const QueueOptions& options) {
  return act_as_sender(std::nullopt, ConnectionInfo::parse(options.route));
}

JsonObject settings_object(const std::string& queue, const QueueSettings& settings) {
  const auto count = [](milliseconds time) { return static_cast<std::uint64_t>(time.count()); };
  JsonObject object;
  object.text("queue", queue)
      .flag("paused", settings.paused)
      .count("max_attempts", static_cast<std::uint64_t>(settings.max_attempts))
      .text("backoff", to_string(settings.backoff))
      .count("retry_delay_ms", count(settings.retry_delay))
      .count("max_retry_delay_ms", count(settings.max_retry_delay))
      .count("dedup_window_ms", count(settings.dedup_window));
  return object;
}

void print_settings(const QueueSettings& settings, Output& out) {
  Table table({{"SETTING"}, {"VALUE"}});
  table.row({"paused", settings.paused ? "yes" : "no"});
  table.row({"max-attempts", settings.max_attempts == 0 ? "any number" : std::to_string(settings.max_attempts)});
  table.row({"backoff", std::string(to_string(settings.backoff))});
  table.row({"retry-delay", duration_text(settings.retry_delay)});
  table.row({"max-retry-delay", duration_text(settings.max_retry_delay)});
  table.row({"dedup-window", duration_text(settings.dedup_window)});
  table.print(out);
}

int run_queue_create(const QueueOptions& options, Output& out) {
  const auto client = visit_of(options);
  const bool created = client->create_queue(options.queue, options.changes.applied_to({}));
  out.set_done("the queue " + options.queue + (created ? " was made" : " was there already"));
  const QueueSettings settings = client->queue_settings(options.queue);
  if (out.json()) {
    out.line(settings_object(options.queue, settings).flag("created", created).str());
    return kDone;
  }
  const std::string shown = printable(options.queue);
  out.line(created ? "made the queue " + shown : "the queue " + shown + " was there already and keeps its settings");
  if (!created && options.changes.any()) {
    out.line("change them with: ipcm queue settings " + printable(shell_quoted(options.route)) + " " +
             printable(shell_quoted(options.queue)) + " ...");
  }
  return kDone;
}

int run_queue_list(const QueueOptions& options, Output& out) {
  const std::vector<QueueInfo> queues = visit_of(options)->queues();
  if (out.json()) {
    for (const QueueInfo& queue : queues) {
      out.line(settings_object(queue.name, queue.settings)
                   .count("ready", queue.ready)
                   .count("scheduled", queue.scheduled)
                   .count("in_flight", queue.in_flight)
                   .count("dead", queue.dead)
                   .count("workers", queue.workers)
                   .str());
    }
    return kDone;
  }
  if (queues.empty()) {
    out.line("no queues yet; make one: ipcm queue create " + printable(shell_quoted(options.route)) + " QUEUE");
    return kDone;
  }
  constexpr auto kRight = Table::Align::right;
  Table table({{"QUEUE"},
               {"STATE"},
               {"READY", kRight},
               {"SCHEDULED", kRight},
               {"IN FLIGHT", kRight},
               {"DEAD", kRight},
               {"WORKERS", kRight}});
  for (const QueueInfo& queue : queues) {
    table.row({queue.name, queue.settings.paused ? "paused" : "open", with_thousands(queue.ready),
               with_thousands(queue.scheduled), with_thousands(queue.in_flight), with_thousands(queue.dead),
               with_thousands(queue.workers)});
  }
  table.print(out);
  return kDone;
}

int run_queue_pause(const QueueOptions& options, bool pause, Output& out) {
  const auto client = visit_of(options);
  pause ? client->pause_queue(options.queue) : client->resume_queue(options.queue);
  out.set_done("the queue " + options.queue + " is " + (pause ? "paused" : "open"));
  if (out.json()) {
    out.line(JsonObject().text("queue", options.queue).flag("paused", pause).str());
  } else {
    const char* const text = pause ? " is paused: it takes mail and gives none; what is in flight goes on" : " is open";
    out.line(printable(options.queue) + text);
  }
  return kDone;
}

int run_queue_promote(const QueueOptions& options, Output& out) {
  if (options.ids.empty() == !options.all) {
    throw UsageError("say which jobs by their ids, as `ipcm jobs --json` shows them, or all of them with --all");
  }
  const std::size_t promoted = visit_of(options)->promote_delayed(options.queue, options.ids);
  if (out.json()) {
    out.line(JsonObject().text("queue", options.queue).count("promoted", promoted).str());
  } else {
    out.line(counted(promoted, "job") + " of " + printable(options.queue) + " made ready");
  }
  return kDone;
}

int run_queue_settings(const QueueOptions& options, Output& out) {
  const auto client = visit_of(options);
  if (options.changes.any()) {
    client->change_queue(options.queue, [&](QueueSettings& old) { old = options.changes.applied_to(old); });
    out.set_done("the settings were changed");
  }
  const QueueSettings settings = client->queue_settings(options.queue);
  if (out.json()) {
    out.line(settings_object(options.queue, settings).str());
  } else {
    print_settings(settings, out);
  }
  return kDone;
}

void add_setting_options(Command& command, Changes& changes) {
  command.option(
      "--max-attempts", "N",
      [&changes](const std::string& text) {
        changes.max_attempts = parse_number(text, 0, std::numeric_limits<int>::max());
      },
      "how many tries of a job may fail before it is dead; 0: any number; default: 5");
  command.option(
      "--backoff", "fixed|exponential",
      [&changes](const std::string& text) {
        try {
          changes.backoff = parse_backoff(text);
        } catch (const Error& error) {
          throw UsageError(error.what());
        }
      },
      "how the time until the next try grows; default: exponential, with half of it chance");
  const auto add_duration = [&](const char* name, std::optional<milliseconds>& into, const char* help) {
    command.option(
        name, "DURATION", [&into](const std::string& text) { into = parse_duration(text); }, help);
  };
  add_duration("--retry-delay", changes.retry_delay, "the time until the second try; default: 1s");
  add_duration("--max-retry-delay", changes.max_retry_delay,
               "the longest that an exponential one grows to; default: 5m");
  add_duration("--dedup-window", changes.dedup_window,
               "for how long after it was sent a --dedup-key is known; default: 0s");
}

constexpr const char* kQueueWords = R"(
A queue is an inbox that nobody connects under: any number of workers take jobs from it, each job goes to one of them,
and comes back when that one fails, dies, or takes too long. Mail is sent to it as to a peer. `ipcm work` runs a command
for each job, `ipcm jobs` shows what is there, `ipcm dead` what could not be done, and `ipcm forget` removes a queue.)";

constexpr const char* kQueueExamples = R"(
  ipcm queue create jobs.ipcm mail              # make one
  ipcm send jobs.ipcm mail '{"n":1}'            # give it a job
  ipcm queue list jobs.ipcm                     # what is in each of them)";

constexpr const char* kQueueCreateWords = R"(
A queue that is there already keeps its settings and what it holds.

With --json it prints one object, with the settings that hold:
  {"queue":"mail","paused":false,"max_attempts":5,"backoff":"exponential","retry_delay_ms":1000,
   "max_retry_delay_ms":300000,"dedup_window_ms":0,"created":true})";

constexpr const char* kQueueListWords = R"(
READY can be taken now. SCHEDULED is for later, or waits for its group. IN FLIGHT is with a worker. DEAD could not be
done. WORKERS are connected and have taken from it.

With --json each queue is one line: the object that `queue settings` prints, and
  "ready":3,"scheduled":0,"in_flight":1,"dead":0,"workers":1)";

constexpr const char* kQueueSettingsWords = R"(
Without options it shows the settings; what an option names is changed, and holds from the next try on.

With --json it prints one object:
  {"queue":"mail","paused":false,"max_attempts":5,"backoff":"exponential","retry_delay_ms":1000,
   "max_retry_delay_ms":300000,"dedup_window_ms":0})";

void setup_queue_create(CommandGroup& group) {
  auto options = std::make_shared<QueueOptions>();
  Command command = group.command("create", "Make a queue");
  command.route(options->route).argument("QUEUE", options->queue, "its name");
  add_setting_options(command, options->changes);
  command.teach(kQueueCreateWords,
                "  ipcm queue create jobs.ipcm mail\n"
                "  ipcm queue create jobs.ipcm hooks --max-attempts 10 --retry-delay 5s --max-retry-delay 1h\n"
                "  ipcm queue create jobs.ipcm orders --dedup-window 1d   # the same order twice a day is one");
  command.run([options](Output& out) { return run_queue_create(*options, out); });
}

void setup_queue_list(CommandGroup& group) {
  auto options = std::make_shared<QueueOptions>();
  Command command = group.command("list", "Count what is in each queue");
  command.route(options->route);
  command.teach(kQueueListWords,
                "  ipcm queue list jobs.ipcm\n"
                "  ipcm queue list jobs.ipcm --json");
  command.run([options](Output& out) { return run_queue_list(*options, out); });
}

void setup_queue_pause(CommandGroup& group, bool pause) {
  auto options = std::make_shared<QueueOptions>();
  Command command = pause ? group.command("pause", "Let nobody take jobs from a queue")
                          : group.command("resume", "Let workers take jobs from it again");
  command.route(options->route).argument("QUEUE", options->queue, "which one").names(options->queue);
  if (pause) {
    command.teach(
        "It takes mail all the same, and who has a job goes on with it.\n\n"
        "With --json it prints {\"queue\":\"mail\",\"paused\":true}.",
        "  ipcm queue pause jobs.ipcm mail    # the mail server is down\n"
        "  ipcm queue resume jobs.ipcm mail");
  } else {
    command.teach("With --json it prints {\"queue\":\"mail\",\"paused\":false}.", "  ipcm queue resume jobs.ipcm mail");
  }
  command.run([options, pause](Output& out) { return run_queue_pause(*options, pause, out); });
}

void setup_queue_promote(CommandGroup& group) {
  auto options = std::make_shared<QueueOptions>();
  Command command = group.command("promote", "Make delayed jobs ready now");
  command.route(options->route).argument("QUEUE", options->queue, "the queue or peer");
  command.arguments("ID", options->ids, "which jobs, as `ipcm jobs --json` shows them");
  command.flag("--all", options->all, "all that are delayed");
  command.teach(
      "A job is delayed because it was sent so, because it failed, or because its worker released it for later. The\n"
      "next job of a schedule stays where it is, and so does one that waits for another one of its group.\n\n"
      "With --json it prints {\"queue\":\"mail\",\"promoted\":2}.",
      "  ipcm queue promote jobs.ipcm mail --all    # the mail server is back: do not wait for the back-off\n"
      "  ipcm queue promote jobs.ipcm mail order-17");
  command.run([options](Output& out) { return run_queue_promote(*options, out); });
}

void setup_queue_settings(CommandGroup& group) {
  auto options = std::make_shared<QueueOptions>();
  Command command = group.command("settings", "Show or change how a queue treats its jobs");
  command.route(options->route).argument("QUEUE", options->queue, "which one").names(options->queue);
  add_setting_options(command, options->changes);
  command.teach(kQueueSettingsWords,
                "  ipcm queue settings jobs.ipcm mail\n"
                "  ipcm queue settings jobs.ipcm mail --max-attempts 3 --backoff fixed --retry-delay 1m");
  command.run([options](Output& out) { return run_queue_settings(*options, out); });
}

}  // namespace

void setup_queue(CommandLine& line) {
  CommandGroup group = line.group("queue", "Make queues of jobs, list, pause and tune them");
  group.teach(kQueueWords, kQueueExamples);
  setup_queue_create(group);
  setup_queue_list(group);
  setup_queue_pause(group, true);
  setup_queue_pause(group, false);
  setup_queue_promote(group);
  setup_queue_settings(group);
}

}  // namespace ipcm::cli
