// SPDX-License-Identifier: MIT
#include <ipcm/copy.hpp>

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

constexpr std::uint64_t kPageBytes = 4096;

struct BackupCommandOptions {
  std::string route;
  std::string file;
  bool force = false;
};

int run_backup(const BackupCommandOptions& options, Output& out) {
  const StopSignals signals;
  Progress progress("page");
  BackupOptions how;
  how.replace = options.force;
  how.progress = [&](std::uint64_t done, std::uint64_t total) {
    if (signals) throw Interrupted{signals.raised(), "stopped by a signal; no backup was made"};
    progress.show(done / kPageBytes, "copied", total > 0 ? ", " + std::to_string(done * 100 / total) + "%" : "");
  };
  const Backup made = backup_route(ConnectionInfo::parse(options.route), options.file, how);
  out.set_done("the copy was made");
  progress.clear();
  if (out.json()) {
    out.line(JsonObject().text("route", made.route).text("id", made.id).count("bytes", made.bytes).str());
  } else {
    out.line("copied to " + printable(made.route) + " (" + readable_size(made.bytes) + "), a route of its own");
  }
  return kDone;
}

constexpr const char* kBackupWords = R"(
Copies a route while others send and read, as it is at one moment; nobody is kept waiting. FILE appears when it is
complete and on the disk. It is a route of its own, with another id: whoever was connected has crashed there, what was
claimed is ready again, and schedules fire once somebody uses it. A route of an older version is copied as it is.

FILE must not exist. With --force it may be a route that nobody has open, such as an earlier backup, and is replaced in
one step.

To restore: stop the users of the route, move it away with all its files, and copy the backup back, as in the last
example.

With --json it prints {"route":"/path/copy.ipcm","id":"0190...","bytes":20480}.)";

constexpr const char* kBackupExamples = R"(
  ipcm backup jobs.ipcm jobs-$(date +%F).ipcm
  ipcm backup jobs.ipcm last.ipcm --force
  mkdir broken && mv jobs.ipcm* broken && ipcm backup last.ipcm jobs.ipcm)";

}  // namespace

void setup_backup(CommandLine& line) {
  auto options = std::make_shared<BackupCommandOptions>();
  Command command = line.command("backup", "Copy a route while others use it");
  command.route(options->route);
  command.argument("FILE", options->file, "where the copy goes");
  command.flag("--force", options->force, "replace a route that is there and that nobody has open");
  command.teach(kBackupWords, kBackupExamples);
  command.run([options](Output& out) { return run_backup(*options, out); });
}

}  // namespace ipcm::cli
