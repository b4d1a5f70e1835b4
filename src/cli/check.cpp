// SPDX-License-Identifier: MIT
#include <ipcm/route.hpp>

#include "command_line.hpp"
#include "commands.hpp"
#include "errors.hpp"
#include "exit_code.hpp"
#include "json_text.hpp"
#include "text.hpp"

namespace ipcm::cli {
namespace {

std::string json_line(const CheckReport& report) {
  std::string problems;
  for (const std::string& problem : report.problems) {
    if (!problems.empty()) problems += ',';
    problems += json_string(problem);
  }
  return JsonObject()
      .flag("ok", report.problems.empty())
      .json("problems", "[" + problems + "]")
      .count("messages_checked", report.messages_checked)
      .count("pairs_checked", report.pairs_checked)
      .count("inboxes_checked", report.inboxes_checked)
      .str();
}

int run_check(const std::string& text, Output& out) {
  const CheckReport report = check_route(ConnectionInfo::parse(text));
  if (out.json()) {
    out.line(json_line(report));
    return report.problems.empty() ? kDone : kError;
  }
  for (const std::string& problem : report.problems) out.line(out.red("problem: ") + printable(problem));
  out.flush();
  if (!report.problems.empty()) {
    complain(counted(report.problems.size(), "problem") + " in " + text +
             "; copy the route with its -wal file before anything else is done with it");
    return kError;
  }
  out.line(out.green("ok") + ": the file is whole, its schema is as it must be, and the books balance (" +
           counted(report.messages_checked, "message") + " held, " + counted(report.pairs_checked, "pair") + ", " +
           with_thousands(report.inboxes_checked) + (report.inboxes_checked == 1 ? " inbox)" : " inboxes)"));
  return kDone;
}

constexpr const char* kCheckWords = R"(
Verifies that the file is whole, that its schema is the one of this version, and that the books balance: for every pair
of names sent = read + dead + expired + held, and every number that an inbox ever gave out is accounted for.

Exit code 0 and one line when all is well; else 1 and a line for each problem. With --json one object:
  {"ok":true,"problems":[],"messages_checked":3,"pairs_checked":1,"inboxes_checked":2})";

}  // namespace

void setup_check(CommandLine& line) {
  auto route = std::make_shared<std::string>();
  Command command = line.command("check", "Verify a route: file, schema, and that the books balance");
  command.route(*route);
  command.teach(kCheckWords, "  ipcm check jobs.ipcm\n  ipcm check jobs.ipcm --json");
  command.run([route](Output& out) { return run_check(*route, out); });
}

}  // namespace ipcm::cli
