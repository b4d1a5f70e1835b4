// SPDX-License-Identifier: MIT
#include <ipcm/message.hpp>
#include <ipcm/salvage.hpp>

#include "command_line.hpp"
#include "commands.hpp"
#include "errors.hpp"
#include "exit_code.hpp"
#include "json_text.hpp"
#include "progress.hpp"
#include "signals.hpp"
#include "text.hpp"

namespace ipcm::cli {
namespace {

struct SalvageCommandOptions {
  std::string route;
  std::string target;
};

template <typename Items, typename Write>
std::string json_array(const Items& items, Write write) {
  std::string text;
  for (const auto& item : items) text += (text.empty() ? "" : ",") + write(item);
  return "[" + text + "]";
}

std::string json_of(const SalvageReport::Numbers& numbers) {
  return JsonObject()
      .count("priority", static_cast<std::uint64_t>(numbers.priority))
      .json("first", std::to_string(numbers.first))
      .json("last", numbers.last ? std::to_string(*numbers.last) : "null")
      .str();
}

std::string json_of(const SalvageReport::Inbox& inbox) {
  return JsonObject()
      .text("name", inbox.name)
      .count("messages", inbox.messages)
      .count("dead", inbox.dead)
      .count("lost", inbox.lost)
      .json("unreadable", json_array(inbox.unreadable, [](const auto& numbers) { return json_of(numbers); }))
      .flag("name_is_lost", inbox.name_is_lost)
      .str();
}

std::string json_of(const SalvageReport::Table& table) {
  return JsonObject()
      .text("name", table.name)
      .count("rows", table.rows)
      .count("unreadable_pages", table.unreadable_pages)
      .count("refused_rows", table.refused_rows)
      .str();
}

std::string json_line(const SalvageReport& report) {
  JsonObject object;
  object.flag("whole", report.whole());
  report.nothing() ? object.null("route") : object.text("route", report.route);
  return object.count("messages", report.messages)
      .count("dead", report.dead)
      .count("lost", report.lost)
      .json("problems", json_array(report.problems, [](const auto& problem) { return json_string(problem); }))
      .json("inboxes", json_array(report.inboxes, [](const auto& inbox) { return json_of(inbox); }))
      .json("tables", json_array(report.tables, [](const auto& table) { return json_of(table); }))
      .str();
}

std::string text_of(const SalvageReport::Numbers& numbers) {
  const std::string first = std::to_string(numbers.first);
  std::string text = first;
  if (!numbers.last) {
    text += " and up";
  } else if (*numbers.last != numbers.first) {
    text += " to " + std::to_string(*numbers.last);
  }
  if (numbers.priority != kDefaultPriority) text += " of priority " + std::to_string(numbers.priority);
  return text;
}

void print_inbox(const SalvageReport::Inbox& inbox, Output& out) {
  std::string text = printable(inbox.name) + ": " + counted(inbox.messages, "message");
  if (inbox.dead > 0) text += ", " + with_thousands(inbox.dead) + " dead";
  if (inbox.lost > 0) text += out.red(", " + with_thousands(inbox.lost) + " lost");
  std::string numbers;
  for (const auto& range : inbox.unreadable) numbers += (numbers.empty() ? "" : ", ") + text_of(range);
  if (!numbers.empty()) text += " (unreadable where numbers " + numbers + " lay)";
  out.line("  " + text);
}

void print(const SalvageReport& report, Output& out) {
  for (const std::string& problem : report.problems) out.line(out.red("problem: ") + printable(problem));
  if (report.nothing()) return;
  out.line("made " + printable(report.route) + ": " + counted(report.messages, "message") + ", " +
           with_thousands(report.dead) + " dead" +
           (report.whole() ? "; " + out.green("nothing was lost") : ", " + with_thousands(report.lost) + " lost"));
  for (const SalvageReport::Inbox& inbox : report.inboxes) print_inbox(inbox, out);
}

int run_salvage(const SalvageCommandOptions& options, Output& out) {
  const StopSignals signals;
  Progress progress("page");
  const SalvageReport report =
      salvage_route(ConnectionInfo::parse(options.route), options.target, [&](std::uint64_t done, std::uint64_t total) {
        if (signals) throw Interrupted{signals.raised(), "stopped by a signal; no route was made"};
        progress.show(done, "read", total > 0 ? ", " + std::to_string(done * 100 / total) + "%" : "");
      });
  if (!report.nothing()) out.set_done("the new route was made");
  progress.clear();
  out.json() ? out.line(json_line(report)) : print(report, out);
  out.flush();
  if (report.nothing()) {
    complain("nothing could be read of " + options.route + "; no route was made");
    return kNothing;
  }
  return report.whole() ? kDone : kLosses;
}

constexpr const char* kSalvageWords = R"(
Makes the new route NEW of all that can be read in a damaged one, page by page, whatever became of the others: messages
with their order, ids and senders, claims, dead letters, schedules, settings and the books. The damaged files are not
changed. Stop the users of the route before.

It says what was lost, as far as the books and what is left tell: how many messages of which inbox, and which numbers
lay where nothing can be read; the first message of an inbox has the number 1, and how many there were at an end that
cannot be read nobody knows. In the new route the lost count as dead, sent by '_lost', so that ipcm check passes. What
cannot be decoded is set aside when it is taken.

Exit code 0: all of it is there; 4: some was lost; 3: nothing could be read, and no route was made.

With --json it prints one object:
  {"whole":false,"route":"/new.ipcm","messages":57,"dead":1,"lost":3,"problems":["..."],
   "inboxes":[{"name":"worker","messages":57,"dead":1,"lost":3,
     "unreadable":[{"priority":4,"first":10,"last":12}],"name_is_lost":false}],
   "tables":[{"name":"messages","rows":57,"unreadable_pages":1,"refused_rows":0}]})";

constexpr const char* kSalvageExamples = R"(
  ipcm check jobs.ipcm                  # is it damaged?
  ipcm salvage jobs.ipcm saved.ipcm
  mkdir damaged && mv jobs.ipcm* damaged && ipcm backup saved.ipcm jobs.ipcm)";

}  // namespace

void setup_salvage(CommandLine& line) {
  auto options = std::make_shared<SalvageCommandOptions>();
  Command command = line.command("salvage", "Make a new route of what can be read in a damaged one");
  command.route(options->route);
  command.argument("NEW", options->target, "the new route, which must not exist");
  command.teach(kSalvageWords, kSalvageExamples);
  command.run([options](Output& out) { return run_salvage(*options, out); });
}

}  // namespace ipcm::cli
