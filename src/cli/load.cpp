// SPDX-License-Identifier: MIT
#include <ipcm/copy.hpp>
#include <ipcm/spawn.hpp>

#include "command_line.hpp"
#include "commands.hpp"
#include "errors.hpp"
#include "exit_code.hpp"
#include "input.hpp"
#include "json_text.hpp"
#include "progress.hpp"
#include "signals.hpp"
#include "text.hpp"

namespace ipcm::cli {
namespace {

// The largest content, in base64 and with what else a line holds; or as text, with escapes.
constexpr std::size_t kLongestLine = 2 * kHighestMaxContent;

struct LoadCommandOptions {
  std::string route;
  std::string file;
};

class LoadProgress {
 public:
  LoadProgress(const Input& input, const LineReader& lines) : input_(input), lines_(lines) {}

  void show() {
    if (!progress_.enabled()) return;
    std::string more;
    if (const auto size = input_.size(); size && *size > 0) {
      more = ", " + std::to_string(lines_.bytes_read() * 100 / *size) + "% of " + printable(input_.name()) + " read";
    }
    progress_.show(lines_.number(), "loaded", more);
  }
  void clear() { progress_.clear(); }

 private:
  const Input& input_;
  const LineReader& lines_;
  Progress progress_{"line"};
};

int run_load(const LoadCommandOptions& options, Output& out) {
  const ConnectionInfo info = ConnectionInfo::parse(options.route);
  Input input = options.file.empty() || options.file == "-" ? Input::standard() : Input::file(options.file);
  const StopSignals signals;
  LineReader lines(input, signals, kLongestLine);
  LoadProgress progress(input, lines);
  const DumpCounts counts = load_route(info, [&](std::string& line) {
    const LineReader::Result result = lines.next(line, true);
    if (result == LineReader::Result::stopped) {
      throw Interrupted{signals.raised(), "stopped by a signal; no route was made"};
    }
    progress.show();
    return result == LineReader::Result::line;
  });
  out.set_done("the route was made");
  progress.clear();
  if (out.json()) {
    out.line(JsonObject()
                 .text("route", info.route)
                 .count("peers", counts.peers)
                 .count("messages", counts.messages)
                 .count("dead", counts.dead)
                 .str());
  } else {
    out.line("made " + printable(info.route) + ": " + counted(counts.peers, "peer") + ", " +
             counted(counts.messages, "message") + ", " + with_thousands(counts.dead) + " dead");
  }
  return kDone;
}

constexpr const char* kLoadWords = R"(
Makes the new route ROUTE of what ipcm dump wrote, all of it or nothing: a line that is not what it must be, with its
number in the error, or books that do not balance leave no route behind. Whoever was connected has crashed in the new
route, and what was claimed is ready again.

With --json it prints {"route":"jobs.ipcm","peers":2,"messages":3,"dead":0}.)";

constexpr const char* kLoadExamples = R"(
  ipcm dump jobs.ipcm | ipcm load copy.ipcm
  ipcm dump jobs.ipcm -o jobs.jsonl && ipcm load another.ipcm jobs.jsonl)";

}  // namespace

void setup_load(CommandLine& line) {
  auto options = std::make_shared<LoadCommandOptions>();
  Command command = line.command("load", "Make a route of what ipcm dump wrote");
  command.route(options->route);
  command.argument("FILE", options->file, "the dump, or - for standard input (the default)", Command::Need::optional);
  command.teach(kLoadWords, kLoadExamples);
  command.run([options](Output& out) { return run_load(*options, out); });
}

}  // namespace ipcm::cli
