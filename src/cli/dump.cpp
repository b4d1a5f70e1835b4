// SPDX-License-Identifier: MIT
#include <optional>

#include <ipcm/copy.hpp>

#include "command_line.hpp"
#include "commands.hpp"
#include "errors.hpp"
#include "exit_code.hpp"
#include "json_text.hpp"
#include "new_file.hpp"
#include "progress.hpp"
#include "signals.hpp"
#include "text.hpp"

namespace ipcm::cli {
namespace {

struct DumpCommandOptions {
  std::string route;
  std::optional<std::string> file;
  bool force = false;
};

void print_counts(const std::string& file, const DumpCounts& counts, Output& out) {
  if (out.json()) {
    out.line(JsonObject()
                 .text("file", file)
                 .count("lines", counts.lines)
                 .count("peers", counts.peers)
                 .count("messages", counts.messages)
                 .count("dead", counts.dead)
                 .str());
  } else {
    out.line("wrote " + counted(counts.lines, "line") + " to " + printable(file) + ": " +
             counted(counts.peers, "peer") + ", " + counted(counts.messages, "message") + ", " +
             with_thousands(counts.dead) + " dead");
  }
}

int run_dump(const DumpCommandOptions& options, Output& out) {
  if (options.force && !options.file) throw UsageError("--force goes with --output");
  Progress progress("line");
  // Without a file there is nothing to settle: a signal may end it in the middle of a write that nobody reads.
  std::optional<StopSignals> signals;
  std::optional<NewFile> file;
  if (options.file) {
    signals.emplace();
    file.emplace(*options.file, options.force);
  }
  const bool is_looked_at = !file && out.is_terminal();
  std::uint64_t lines = 0;
  const DumpCounts counts = dump_route(ConnectionInfo::parse(options.route), [&](std::string_view line) {
    if (signals && *signals) throw Interrupted{signals->raised(), "stopped by a signal; the dump is not complete"};
    const auto write = [&](std::string_view text) { file ? file->write(text) : out.write(text); };
    is_looked_at ? write(compact_json(line, BigIntegers::keep).text) : write(line);
    write("\n");
    if (file) progress.show(++lines, "written");
  });
  progress.clear();
  if (!file) return kDone;
  file->finish();
  out.set_done("the dump was written");
  print_counts(*options.file, counts, out);
  return kDone;
}

constexpr const char* kDumpWords = R"(
Writes the whole route as lines of JSON, as it is at one moment, while others use it: settings, peers, messages with
their content, claims, dead letters, schedules and the books. docs/dump-format.md describes them; ipcm load makes a
route of them. The same route gives the same text. What is written to a file appears there when it is complete.

Whoever reads the lines slowly keeps the route's log from being emptied as long: better write them to a file. On a
terminal, what could steer it is shown escaped.

With --json it says of a file {"file":"jobs.jsonl","lines":9,"peers":2,"messages":3,"dead":0}.)";

constexpr const char* kDumpExamples = R"(
  ipcm dump jobs.ipcm | grep '"kind":"message"'
  ipcm dump jobs.ipcm -o jobs.jsonl
  ipcm dump jobs.ipcm | ipcm load copy.ipcm)";

}  // namespace

void setup_dump(CommandLine& line) {
  auto options = std::make_shared<DumpCommandOptions>();
  Command command = line.command("dump", "Write a whole route as lines of JSON");
  command.route(options->route);
  command.option("-o,--output", "FILE", options->file,
                 "write to a file, which must not exist, instead of standard output");
  command.flag("--force", options->force, "replace that file");
  command.teach(kDumpWords, kDumpExamples);
  command.run([options](Output& out) { return run_dump(*options, out); });
}

}  // namespace ipcm::cli
