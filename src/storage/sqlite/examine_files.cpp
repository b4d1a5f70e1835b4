// SPDX-License-Identifier: MIT
#include <string>

#include "core/size_text.hpp"
#include "platform/access.hpp"
#include "platform/lock_file_view.hpp"
#include "platform/process_facts.hpp"
#include "storage/sqlite/examine.hpp"
#include "storage/sqlite/locks.hpp"
#include "storage/sqlite/route_file.hpp"

namespace ipcm::storage::sqlite {
namespace {

using platform::FileStatus;

void examine_lost_log(const RoutePath& path, Findings& findings) {
  const std::uint64_t log = path.size_of(path.write_ahead_log());
  if (log == 0) return;
  findings.problem("log",
                   "there is a log without its route, " + path.write_ahead_log() + " of " + size_text(log) +
                       ": the file was moved or removed, and the log may hold messages that are nowhere else.",
                   "Keep it. Put the file back to its log before anybody connects; `ipcm spawn` would remove the log.");
}

void examine_names(const RoutePath& path, const FileStatus& route, Findings& findings) {
  if (route.links <= 1) return;
  findings.problem("links",
                   "the file has " + std::to_string(route.links) +
                       " names (hard links). Whoever opens it by another one uses another log and other locks: both "
                       "damage it.",
                   "`find FOLDER -samefile " + path.database() + "` finds the others; remove them.");
}

void examine_mounts(const RoutePath& path, Findings& findings) {
  for (const std::string& file : {path.database(), path.write_ahead_log(), path.shared_memory(), path.lock_file()}) {
    const auto status = path.status_of(file);
    if (!status || !status->is_mounted) continue;
    findings.problem(
        "mounts",
        file +
            " is mounted as a single file. A process that uses it where it was mounted from has another log and "
            "other locks: both damage it.",
        "Stop everybody who uses it here, and mount the folder that it lies in (docker: -v "
        "/folder:/folder, not the file).");
  }
}

void examine_journal(const RoutePath& path, Findings& findings) {
  if (path.size_of(path.rollback_journal()) == 0) return;
  findings.problem("journal",
                   "there is a rollback journal, " + path.rollback_journal() +
                       ": a program changed the route's journal mode, or was killed while it wrote.",
                   "Stop the clients and copy all files of the route; `sqlite3 " + path.database() +
                       " 'PRAGMA journal_mode = WAL'` rolls the rest of it back.");
}

void examine_log(const RoutePath& path, Findings& findings) {
  const bool in_use = is_in_use(path);
  const auto log = path.status_of(path.write_ahead_log());
  if (in_use && !log) return;  // examine_deleted_log() has told
  if (!log || log->size == 0) {
    findings.ok("log", in_use ? "the log is empty." : "nobody has the route open, and its log is folded in.");
  } else if (in_use) {
    findings.ok("log", "the log has " + size_text(log->size) + ".");
  } else {
    findings.note("log",
                  "nobody has the route open, and there is a log of " + size_text(log->size) +
                      ": its last clients were killed. It is as much a part of the route as the file.",
                  "Nothing; the next client folds it in. Whoever copies the route copies the log as well.");
  }
}

void examine_lock_file(const RoutePath& path, Findings& findings) {
  const platform::LockFileView view = path.look_at_lock_file();
  if (!view) return;
  const std::string page = view.contents(platform::SharedPage::kSize);
  if (RouteLocks::is_lock_file(page, path.size_of(path.lock_file()))) return;
  findings.problem("locks", path.lock_file() + " is not a lock file, so nobody can connect.",
                   "Is it a file of yours, move it. Was it the route's and is damaged, remove it while nobody is "
                   "connected: it holds nothing that a client needs.");
}

}  // namespace

bool examine_deleted_log(const RoutePath& path, Findings& findings) {
  const std::string log = path.write_ahead_log();
  if (!path.is_there(path.database()) || path.is_there(log) || !is_in_use(path)) return false;
  std::string processes, pids, copy;
  for (const platform::OpenFile& open : platform::holders_of_deleted(log)) {
    const std::string pid = std::to_string(open.pid);
    pids += " " + pid;
    processes += (processes.empty() ? "" : ", ") + platform::process_text(open.pid);
    if (copy.empty()) copy = "cp /proc/" + pid + "/fd/" + std::to_string(open.descriptor) + " " + log;
  }
  std::string advice = "Nobody may connect or end meanwhile. As the owner of the route: `kill -STOP" + pids + "`, `" +
                       copy + "`, `kill -9" + pids + "`, then `ipcm check " + path.database() +
                       "`: everything that was acknowledged is there.";
  if (copy.empty()) {
    advice = "Look again as root: this user may not see which processes have it open. `lsof +L1 | grep " + log +
             "` shows them as well.";
  }
  findings.problem("log",
                   "clients are connected, but their log " + log +
                       " was deleted: what they have stored since it was folded in is only in the file that they have "
                       "open" +
                       (processes.empty() ? "" : " (" + processes + ")") + ", and may be lost when they end.",
                   advice);
  return true;
}

void examine_files(const RoutePath& path, Findings& findings) {
  const auto route = path.status_of(path.database());
  if (!route) {
    examine_lost_log(path, findings);
    return;
  }
  if (!route->is_file()) return;
  examine_names(path, *route, findings);
  examine_mounts(path, findings);
  examine_journal(path, findings);
  examine_log(path, findings);
  examine_lock_file(path, findings);
  const RoutePath draft = path.draft();
  if (draft.is_there(draft.database()) && !is_used_as_route(draft)) {
    findings.note("leftovers", draft.database() + " is left of a route that was being made and was not completed.",
                  "Remove it while nobody makes or replaces the route.");
  }
}

}  // namespace ipcm::storage::sqlite
