// SPDX-License-Identifier: MIT
#include <string>

#include "core/size_text.hpp"
#include "platform/file.hpp"
#include "platform/file_facts.hpp"
#include "storage/sqlite/examine.hpp"
#include "storage/sqlite/route_file.hpp"

namespace ipcm::storage::sqlite {
namespace {

using platform::FileFacts;

void examine_lost_log(const RoutePath& path, Findings& findings) {
  const std::uint64_t log = platform::file_size(path.write_ahead_log());
  if (log == 0) return;
  findings.problem("log",
                   "there is a log without its route, " + path.write_ahead_log() + " of " + size_text(log) +
                       ": the file was moved or removed, and the log may hold messages that are nowhere else.",
                   "Keep it. Put the file back to its log before anybody connects; `ipcm spawn` would remove the log.");
}

void examine_names(const RoutePath& path, const FileFacts& route, Findings& findings) {
  if (route.names <= 1) return;
  findings.problem("links",
                   "the file has " + std::to_string(route.names) +
                       " names (hard links). Whoever opens it by another one uses another log and other locks: both "
                       "damage it.",
                   "`find FOLDER -samefile " + path.database() + "` finds the others; remove them.");
}

void examine_journal(const RoutePath& path, Findings& findings) {
  if (platform::file_size(path.rollback_journal()) == 0) return;
  findings.problem("journal",
                   "there is a rollback journal, " + path.rollback_journal() +
                       ": a program changed the route's journal mode, or was killed while it wrote.",
                   "Stop the clients and copy all files of the route; `sqlite3 " + path.database() +
                       " 'PRAGMA journal_mode = WAL'` rolls the rest of it back.");
}

void examine_log(const RoutePath& path, Findings& findings) {
  const bool in_use = is_in_use(path);
  const auto log = platform::facts_of(path.write_ahead_log());
  if (in_use && !log) {
    findings.problem("log",
                     "clients are connected, but their log " + path.write_ahead_log() +
                         " was removed: what they store is in a file without a name, and goes with them.",
                     "Let its readers read what they can, then stop all clients, and look again.");
  } else if (!log || log->size == 0) {
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

}  // namespace

void examine_files(const RoutePath& path, Findings& findings) {
  const auto route = platform::facts_of(path.database());
  if (!route) {
    examine_lost_log(path, findings);
    return;
  }
  if (route->kind != platform::FileKind::regular) return;
  examine_names(path, *route, findings);
  examine_journal(path, findings);
  examine_log(path, findings);
  const RoutePath draft = path.draft();
  if (platform::facts_of(draft.database()) && !is_used_as_route(draft)) {
    findings.note("leftovers", draft.database() + " is left of a route that was being made and was not completed.",
                  "Remove it while nobody makes or replaces the route.");
  }
}

}  // namespace ipcm::storage::sqlite
