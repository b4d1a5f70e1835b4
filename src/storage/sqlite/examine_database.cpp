// SPDX-License-Identifier: MIT
#include <SQLiteCpp/Database.h>
#include <sqlite3.h>

#include <algorithm>
#include <string>

#include <ipcm/error.hpp>

#include "core/names.hpp"
#include "core/size_text.hpp"
#include "core/utc_text.hpp"
#include "storage/sqlite/examine.hpp"
#include "storage/sqlite/inspect.hpp"
#include "storage/sqlite/route_record.hpp"

namespace ipcm::storage::sqlite {
namespace {

// What clients leave free for the messages to come: see free_space.cpp.
constexpr std::uint64_t kFreeAsARule = 8 << 20;

constexpr const char* kSave =
    "Stop the clients and copy all files of the route, -wal and -lock too, before anything else. `ipcm salvage` saves "
    "what can be read; a backup may have the rest.";

void describe(RouteView& view, Findings& findings) {
  const NewRoute record = view.record();
  const std::string text = view.path().database() + " is a route of " +
                           size_text(view.path().size_of(view.path().database())) + ", made at " +
                           utc_text(record.created_at) + ", of schema version " +
                           std::to_string(view.schema_version()) + ", durability " + record.durability + ".";
  if (record.durability == "volatile") {
    findings.note("route", text, "After a power loss it may be unusable; `ipcm durability` changes that.");
  } else {
    findings.ok("route", text);
  }
}

// The bytes of the header that say so: a file that is read as if it could not change has no journal mode.
bool is_write_ahead(SQLite::Database& database) {
  sqlite3_file* file = nullptr;
  sqlite3_file_control(database.getHandle(), "main", SQLITE_FCNTL_FILE_POINTER, &file);
  unsigned char versions[2] = {2, 2};  // to write, to read
  if (file == nullptr || file->pMethods == nullptr) return true;
  return file->pMethods->xRead(file, versions, sizeof versions, 18) != SQLITE_OK ||
         (versions[0] == 2 && versions[1] == 2);
}

void examine_journal_mode(RouteView& view, Findings& findings) {
  if (is_write_ahead(view.database())) return;
  findings.warning("journal", "a program took the route out of the mode WAL.",
                   "The next client changes it back. Find that program: it must not change the journal mode.");
}

void examine_free_pages(RouteView& view, Findings& findings) {
  const auto pages = static_cast<std::uint64_t>(view.database().execAndGet("PRAGMA freelist_count").getInt64());
  const auto page_size = static_cast<std::uint64_t>(view.database().execAndGet("PRAGMA page_size").getInt64());
  const std::uint64_t free = pages * page_size;
  const std::string text = size_text(free) + " of the file are free for messages to come";
  if (free > kFreeAsARule) {
    findings.note("free pages", text + ".", "Nothing: whoever takes messages gives it back bit by bit.");
  } else {
    findings.ok("free pages", text + ".");
  }
}

void examine_contents(RouteView& view, Findings& findings) {
  Audit audit;
  view.read([&](Snapshot&) { audit = audit_of(view.database()); });
  for (const std::string& problem : audit.problems) findings.problem("contents", problem, kSave);
  if (!audit.problems.empty()) return;
  findings.ok("contents", "the file is whole and the books balance: " + std::to_string(audit.messages) +
                              (audit.messages == 1 ? " message" : " messages") + " in " +
                              std::to_string(audit.inboxes) + (audit.inboxes == 1 ? " inbox." : " inboxes."));
}

void examine_foreign_tables(RouteView& view, Findings& findings) {
  constexpr std::size_t kMostNames = 5;
  std::vector<std::string> names;
  view.read([&](Snapshot&) { names = foreign_tables_of(view.database()); });
  if (names.empty()) return;
  std::string text;
  for (std::size_t n = 0; n < std::min(names.size(), kMostNames); ++n) {
    text += (n == 0 ? "" : ", ") + in_quotes(names[n]);
  }
  if (names.size() > kMostNames) text += " and " + std::to_string(names.size() - kMostNames) + " more";
  findings.note(
      "other tables", "another program keeps tables or views of its own in the file: " + text + ".",
      "Nothing: ipcm leaves them alone. `ipcm dump` and `ipcm salvage` have none of them, `ipcm backup` all.");
}

void examine_tail(RouteView& view, Findings& findings) {
  const std::vector<LostTail> lost = view.lost_tail();
  for (const LostTail& one : lost) {
    findings.problem(
        "vanished", text_of(one),
        "The write-ahead log was damaged, cut off or removed, or an older copy, a backup or another route was put "
        "in its place. Copy all files of the route, -wal and -lock too. Is there a copy that knows more, put that "
        "in its place with its -wal; else `ipcm doctor " +
            view.path().database() + " --accept-loss` lets clients go on with what is there.");
  }
  if (!lost.empty()) return;
  const std::optional<double> last = last_noted_at(view);
  findings.ok("vanished", last ? "everything is there that was stored last, at " + utc_text(*last) + "."
                               : "no commit is noted that could be missed.");
}

}  // namespace

void examine_database(RouteView& view, Findings& findings) {
  if (view.schema_version() < current_schema_version()) {
    findings.warning("route",
                     view.path().database() + " is a route of schema version " + std::to_string(view.schema_version()) +
                         "; this ipcm needs " + std::to_string(current_schema_version()) + ", and refuses it.",
                     "`ipcm migrate " + view.path().database() +
                         "` brings it up to date, with its mail. Older versions of ipcm refuse it afterwards.");
    return;
  }
  describe(view, findings);
  examine_tail(view, findings);
  view.read([&](Snapshot&) { examine_free_pages(view, findings); });
  examine_journal_mode(view, findings);
  examine_contents(view, findings);
  examine_foreign_tables(view, findings);
}

}  // namespace ipcm::storage::sqlite
