// SPDX-License-Identifier: MIT
#include <ipcm/connect.hpp>
#include <ipcm/error.hpp>

#include "command_line.hpp"
#include "commands.hpp"
#include "content.hpp"
#include "errors.hpp"
#include "exit_code.hpp"
#include "job_options.hpp"
#include "json_text.hpp"
#include "message_text.hpp"
#include "session.hpp"
#include "suggestion.hpp"
#include "table.hpp"
#include "text.hpp"

namespace ipcm::cli {
namespace {

struct ScheduleOptions {
  std::string route;
  std::string name;
  std::string recurrence;
  std::string peer;
  std::string content = "null";
  std::optional<std::string> as;
  MessageFields fields;
  Missed missed = Missed::once;
  bool text = false;
};

int run_schedule_add(const ScheduleOptions& options, Output& out) {
  const ConnectionInfo info = ConnectionInfo::parse(options.route);
  MessageFields fields = options.fields;
  fields.to = options.peer;
  fields.content = read_content(options.content, options.text ? ContentKind::text : ContentKind::json, info);
  const auto client = act_as_sender(options.as, info);
  client->add_schedule(options.name, options.recurrence, fields, options.missed);
  out.set_done("the schedule " + options.name + " was stored");
  std::optional<double> next;
  for (const Schedule& schedule : client->schedules()) {
    if (schedule.name == options.name) next = schedule.next_due;
  }
  const std::string zone = client->time_zone();
  leave(*client);
  if (out.json()) {
    JsonObject object;
    object.text("name", options.name);
    next ? object.number("next_due", *next) : object.null("next_due");
    out.line(object.text("time_zone", zone).str());
  } else {
    out.line(printable(options.name) + (next ? ": next at " + iso_time(*next) : "") + ", by the clock of " +
             printable(zone));
  }
  return kDone;
}

std::string json_line(const Schedule& schedule) {
  JsonObject object;
  object.text("name", schedule.name).text("recurrence", schedule.recurrence).text("to", schedule.message.to());
  object.text("missed", to_string(schedule.missed));
  schedule.next_due ? object.number("next_due", *schedule.next_due) : object.null("next_due");
  add_content(object, schedule.message);
  return object.str();
}

int run_schedule_list(const ScheduleOptions& options, Output& out) {
  const auto client = connect_anonymous(ConnectionInfo::parse(options.route));
  const std::vector<Schedule> schedules = client->schedules();
  if (out.json()) {
    for (const Schedule& schedule : schedules) out.line(json_line(schedule));
  } else if (schedules.empty()) {
    out.line("no schedules; add one: ipcm schedule add " + shell_quoted(options.route) +
             " NAME '30 2 * * *' QUEUE CONTENT");
  } else {
    Table table({{"NAME"}, {"RECURRENCE"}, {"TO"}, {"MISSED"}, {"NEXT"}, {"CONTENT"}});
    for (const Schedule& schedule : schedules) {
      table.row({schedule.name, schedule.recurrence, schedule.message.to(), std::string(to_string(schedule.missed)),
                 schedule.next_due ? iso_time(*schedule.next_due) : "-", content_preview(schedule.message)});
    }
    table.print(out);
    out.line("by the clock of " + printable(client->time_zone()));
  }
  return kDone;
}

[[noreturn]] void throw_unknown(const std::string& name, const std::vector<Schedule>& all) {
  std::vector<std::string> names;
  for (const Schedule& schedule : all) names.push_back(schedule.name);
  throw Failure("there is no schedule " + name + did_you_mean(nearest_name(name, names)));
}

int run_schedule_remove(const ScheduleOptions& options, Output& out) {
  const auto client = connect_anonymous(ConnectionInfo::parse(options.route));
  if (!client->remove_schedule(options.name)) throw_unknown(options.name, client->schedules());
  out.set_done("the schedule " + options.name + " was removed");
  if (out.json()) {
    out.line(JsonObject().text("name", options.name).flag("removed", true).str());
  } else {
    out.line(printable(options.name) + " is removed");
  }
  return kDone;
}

int run_schedule_zone(const ScheduleOptions& options, Output& out) {
  const auto client = connect_anonymous(ConnectionInfo::parse(options.route));
  if (!options.name.empty()) {
    client->set_time_zone(options.name);
    out.set_done("the time zone was changed");
  }
  const std::string zone = client->time_zone();
  out.line(out.json() ? JsonObject().text("time_zone", zone).str() : printable(zone));
  return kDone;
}

Missed parse_missed_word(const std::string& text) {
  try {
    return parse_missed(text);
  } catch (const Error& error) {
    throw UsageError(error.what());
  }
}

constexpr const char* kScheduleWords = R"(
A schedule sends a message again and again: once for each due time, by whichever client looks into the inbox then, e.g.
the workers that wait for its jobs. So no daemon is needed, and what was due while nobody was there is made up for.)";

constexpr const char* kScheduleExamples = R"(
  ipcm schedule add jobs.ipcm nightly '30 2 * * *' backups '{"full":true}'
  ipcm schedule list jobs.ipcm
  ipcm schedule remove jobs.ipcm nightly)";

constexpr const char* kScheduleAddWords = R"(
RECURRENCE is a cron expression: minute, hour, day of month, month, day of week, with names, lists, ranges and steps as
in crontab(5); or @hourly, @daily, @weekly, @monthly, @yearly; or an interval: 'every 90s', 'every 1h30m'. It goes by
the clock of the route's time zone, see `ipcm schedule time-zone`. A schedule of that name is replaced.

What becomes of due times that were missed because nobody was there:
  once   all of them together are one message
  all    each is a message
  skip   one that is more than a minute late is no message

With --json it prints {"name":"nightly","next_due":1790000000.0,"time_zone":"Europe/Berlin"}.)";

constexpr const char* kScheduleListWords = R"(
With --json each schedule is one line; next_due is in seconds since 1970:
  {"name":"nightly","recurrence":"30 2 * * *","to":"backups","missed":"once","next_due":1790000000.0,"content":null})";

void setup_schedule_add(CommandGroup& group) {
  auto options = std::make_shared<ScheduleOptions>();
  Command command = group.command("add", "Make a schedule, or make it anew");
  command.route(options->route).argument("NAME", options->name, "its name");
  command.argument("RECURRENCE", options->recurrence, "when, e.g. '30 2 * * *' or 'every 5m'");
  command.argument("PEER", options->peer, "the queue or peer that gets the messages");
  command.names(options->peer);
  command.argument("CONTENT", options->content,
                   "JSON; or @FILE to read it from a file, or - to read it from standard input; default: null",
                   Command::Need::optional);
  command.option("--as", "NAME", options->as, "the peer that sends; without it: a sender that leaves no trace");
  command.option(
      "--missed", "once|all|skip", [options](const std::string& text) { options->missed = parse_missed_word(text); },
      "what becomes of due times that were missed; default: once");
  add_job_options(command, options->fields);
  command.flag("--text", options->text, kTextHelp);
  command.teach(kScheduleAddWords,
                "  ipcm schedule add jobs.ipcm nightly '30 2 * * *' backups '{\"full\":true}'\n"
                "  ipcm schedule add jobs.ipcm report '0 9 * * MON-FRI' mail --text 'weekly report' --missed skip\n"
                "  ipcm schedule add jobs.ipcm beat 'every 30s' checks --ttl 30s");
  command.run([options](Output& out) { return run_schedule_add(*options, out); });
}

void setup_schedule_list(CommandGroup& group) {
  auto options = std::make_shared<ScheduleOptions>();
  Command command = group.command("list", "Show the schedules and when each is due next");
  command.route(options->route);
  command.teach(kScheduleListWords, "  ipcm schedule list jobs.ipcm\n  ipcm schedule list jobs.ipcm --json");
  command.run([options](Output& out) { return run_schedule_list(*options, out); });
}

void setup_schedule_remove(CommandGroup& group) {
  auto options = std::make_shared<ScheduleOptions>();
  Command command = group.command("remove", "End a schedule");
  command.route(options->route).argument("NAME", options->name, "which one");
  command.teach(
      "What it has sent stays where it is.\n\n"
      "With --json it prints {\"name\":\"nightly\",\"removed\":true}.",
      "  ipcm schedule remove jobs.ipcm nightly");
  command.run([options](Output& out) { return run_schedule_remove(*options, out); });
}

void setup_schedule_zone(CommandGroup& group) {
  auto options = std::make_shared<ScheduleOptions>();
  Command command = group.command("time-zone", "Show or change by whose clock the schedules of a route go");
  command.route(options->route);
  command.argument("ZONE", options->name, "e.g. Europe/Berlin or UTC; without it: shows what is set",
                   Command::Need::optional);
  command.teach(
      "It is that of the machine that made the route, until it is changed. The next due times follow at once.\n\n"
      "With --json it prints {\"time_zone\":\"Europe/Berlin\"}.",
      "  ipcm schedule time-zone jobs.ipcm\n  ipcm schedule time-zone jobs.ipcm America/New_York");
  command.run([options](Output& out) { return run_schedule_zone(*options, out); });
}

}  // namespace

void setup_schedule(CommandLine& line) {
  CommandGroup group = line.group("schedule", "Send messages again and again, by cron expressions");
  group.teach(kScheduleWords, kScheduleExamples);
  setup_schedule_add(group);
  setup_schedule_list(group);
  setup_schedule_remove(group);
  setup_schedule_zone(group);
}

}  // namespace ipcm::cli
