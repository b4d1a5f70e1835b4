// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>
#include <vector>

#include <ipcm/route.hpp>

#include "command_line.hpp"
#include "commands.hpp"
#include "errors.hpp"
#include "exit_code.hpp"
#include "json_text.hpp"
#include "text.hpp"

namespace ipcm::cli {
namespace {

struct DoctorOptions {
  std::string route;
  std::vector<std::string> more_routes;
  bool accept_loss = false;

  std::vector<std::string> all_routes() const {
    std::vector<std::string> all{route};
    all.insert(all.end(), more_routes.begin(), more_routes.end());
    return all;
  }
};

std::size_t count_of(const std::vector<Finding>& findings, Severity severity) {
  return static_cast<std::size_t>(std::ranges::count(findings, severity, &Finding::severity));
}

std::string json_line(const std::string& route, const std::vector<Finding>& findings) {
  std::string all;
  for (const Finding& finding : findings) {
    all += (all.empty() ? "" : ",") + JsonObject()
                                          .text("severity", to_string(finding.severity))
                                          .text("about", finding.about)
                                          .text("text", finding.text)
                                          .text("advice", finding.advice)
                                          .str();
  }
  return JsonObject()
      .text("route", route)
      .flag("ok", count_of(findings, Severity::problem) == 0)
      .count("problems", count_of(findings, Severity::problem))
      .count("warnings", count_of(findings, Severity::warning))
      .json("findings", "[" + all + "]")
      .str();
}

std::string styled(const Output& out, Severity severity) {
  const std::string word(to_string(severity));
  const std::string label = word + std::string(9 - word.size(), ' ');
  switch (severity) {
    case Severity::ok: return out.green(label);
    case Severity::note: return out.dim(label);
    case Severity::warning: return out.bold(label);
    case Severity::problem: break;
  }
  return out.red(label);
}

void print(const std::string& route, const std::vector<Finding>& findings, Output& out) {
  out.line(out.bold(printable(route)));
  for (const Finding& finding : findings) {
    out.line("  " + styled(out, finding.severity) + finding.about + ": " + printable(finding.text));
    if (!finding.advice.empty()) out.line("           " + out.dim("what to do: ") + printable(finding.advice));
  }
  const std::size_t problems = count_of(findings, Severity::problem);
  const std::size_t warnings = count_of(findings, Severity::warning);
  if (problems + warnings == 0) {
    out.line(out.green("ok") + ": nothing is wrong");
  } else {
    out.line(counted(problems, "problem") + ", " + counted(warnings, "warning"));
  }
}

// Shows the worst first; what is equally bad stays in its order.
std::vector<Finding> findings_of(const std::string& route) {
  std::vector<Finding> findings = examine_route(ConnectionInfo::parse(route));
  if (findings.size() > 1) {
    std::ranges::stable_sort(findings.begin() + 1, findings.end(), std::ranges::greater(), &Finding::severity);
  }
  return findings;
}

void accept(const std::string& route, Output& out) {
  const std::vector<std::string> accepted = accept_loss(ConnectionInfo::parse(route));
  out.set_done("the loss was accepted");
  if (out.json()) {
    std::string all;
    for (const std::string& one : accepted) all += (all.empty() ? "" : ",") + json_string(one);
    out.line(JsonObject().text("route", route).json("accepted", "[" + all + "]").str());
    return;
  }
  for (const std::string& one : accepted) out.line("accepted: " + printable(one));
  if (accepted.empty()) out.line("nothing is missed in " + printable(route));
}

int run_doctor(const DoctorOptions& options, Output& out) {
  int code = kDone;
  for (const std::string& route : options.all_routes()) {
    if (options.accept_loss) {
      accept(route, out);
      continue;
    }
    const std::vector<Finding> findings = findings_of(route);
    out.json() ? out.line(json_line(route, findings)) : print(route, findings, out);
    out.flush();
    if (count_of(findings, Severity::problem) > 0) code = kError;
  }
  return code;
}

constexpr const char* kDoctorWords = R"(
Looks at everything about a route that may be wrong, and says what to do about it. It changes not a byte of the
route, and works as well where it cannot be opened. It reads all of the file, as `ipcm check` does, and watches the
locks for a third of a second.

Findings are ok, note (good to know), warning (works, but not for ever or not well) and problem (something is lost,
damaged, open to others, or stands still). Exit code 1 when there is a problem, else 0.

When commits have vanished from a route, because its write-ahead log was damaged or removed or an older copy was put
in its place, clients refuse it. Copy its files, see whether there is a better copy, and then --accept-loss lets
clients go on with what is there; it prints what it has accepted, and changes nothing else.

With --json it prints an object for each route:
  {"route":"jobs.ipcm","ok":true,"problems":0,"warnings":1,"findings":[{"severity":"warning","about":"modes",
  "text":"…","advice":"…"}]}
and with --accept-loss {"route":"jobs.ipcm","accepted":["…"]}.)";

}  // namespace

void setup_doctor(CommandLine& line) {
  auto options = std::make_shared<DoctorOptions>();
  Command command = line.command("doctor", "Explain the state of a route, and what to do about it");
  command.route(options->route);
  command.arguments("ROUTES", options->more_routes, "Further routes, by path");
  command.flag("--accept-loss", options->accept_loss, "Go on with a route from which commits have vanished");
  command.teach(kDoctorWords, "  ipcm doctor jobs.ipcm\n  ipcm doctor jobs.ipcm --json");
  command.run([options](Output& out) { return run_doctor(*options, out); });
}

}  // namespace ipcm::cli
