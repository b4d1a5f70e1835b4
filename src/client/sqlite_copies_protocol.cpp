// SPDX-License-Identifier: MIT
// What SqliteProtocol does with whole routes.
#include <chrono>

#include "client/dump_reader.hpp"
#include "client/dump_writer.hpp"
#include "client/sqlite_protocol.hpp"
#include "core/message_id.hpp"
#include "core/names.hpp"
#include "core/seconds.hpp"
#include "storage/row_rules.hpp"
#include "storage/sqlite/backup.hpp"
#include "storage/sqlite/draft.hpp"
#include "storage/sqlite/inspect.hpp"
#include "storage/sqlite/mend.hpp"
#include "storage/sqlite/route_access.hpp"
#include "storage/sqlite/route_file.hpp"
#include "storage/sqlite/route_reader.hpp"
#include "storage/sqlite/route_view.hpp"
#include "storage/sqlite/route_writer.hpp"
#include "storage/sqlite/salvage/page_file.hpp"
#include "storage/sqlite/salvage/quiet_route.hpp"
#include "storage/sqlite/salvage/salvage.hpp"
#include "storage/sqlite/sqlite_store.hpp"

namespace ipcm {
namespace {

using storage::sqlite::Draft;
using storage::sqlite::Existing;
using storage::sqlite::NewRoute;
using storage::sqlite::RoutePath;

constexpr std::chrono::milliseconds kPatienceForFiles{10'000};
const platform::Access kPrivate{};  // whoever the first one is for

std::chrono::milliseconds since_1970() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch());
}

// For a route that is made of another one: nobody is to take the one for the other.
std::string fresh_id() {
  return MessageId::generate(since_1970().count()).text();
}

// Until its rows say otherwise.
NewRoute blank_route() {
  return {fresh_id(), seconds_since_1970(std::chrono::system_clock::now()), std::string(to_string(Durability::full)),
          kDefaultMaxContent};
}

[[noreturn]] void refuse_existing(const std::string& path) {
  throw Error(ErrorCode::InvalidArgument, "there is something at " + path + " already; it was left as it is.");
}

// Out of the making of a route that would be empty.
struct NothingThere {};

// A dump whose rows do not belong together, though each of them is what it must be.
void require_whole(SQLite::Database& route) {
  std::vector<std::string> problems = storage::sqlite::audit_of(route).problems;
  if (problems.empty()) {
    const storage::sqlite::Mended mended = storage::sqlite::mend(route);
    problems = mended.problems;
    if (problems.empty() && !mended.lost.empty()) {
      problems.emplace_back("An inbox has higher numbers than it gave out.");
    }
  }
  if (problems.empty()) return;
  std::string text = "the dump does not add up: " + problems.front();
  if (problems.size() > 1) text += " And " + std::to_string(problems.size() - 1) + " more of the kind.";
  throw Error(ErrorCode::InvalidArgument, text);
}

}  // namespace

Backup SqliteProtocol::backup(const std::string& route, std::string_view target, const BackupOptions& options) const {
  const std::string copy = normalized(target);  // before a folder is opened
  const RoutePath from(route);
  const RoutePath to(copy);
  verify_route_file(from);
  require_elsewhere(from, to);
  const std::string id = fresh_id();
  const auto tell = [&](std::uint64_t done, std::uint64_t total) {
    if (options.progress) options.progress(done, total);
  };
  const auto write = [&](const RoutePath& draft) {
    storage::sqlite::Connection connection(from, kPatienceForFiles);
    copy_route(connection, draft, id, tell);
  };
  if (!make_route(to, kPrivate, kPatienceForFiles, options.replace ? Existing::replace : Existing::keep, write)) {
    refuse_existing(to.database());
  }
  return {to.database(), id, to.size_of(to.database())};
}

DumpCounts SqliteProtocol::dump(const std::string& route, const LineSink& sink) const {
  const RoutePath path(route);
  DumpCounts counts;
  const auto write = [&](storage::Store& store, SQLite::Database& database) {
    store.read([&](storage::Snapshot&) {
      DumpWriter writer(sink);
      storage::sqlite::read_rows(database, writer);
      counts = writer.finish();
    });
  };
  if (const auto view = storage::sqlite::view_if_read_only(path)) {
    require_whole_tail(path, view->lost_tail());
    write(*view, view->database());
  } else {
    storage::sqlite::SqliteStore store(path, kPatienceForFiles);
    write(store, store.connection().database());
  }
  return counts;
}

DumpCounts SqliteProtocol::load(const std::string& route, const LineSource& next_line) const {
  const RoutePath path(route);
  DumpCounts counts;
  const auto write = [&](const RoutePath& draft) {
    write_new_database(draft, blank_route());
    Draft made(draft);
    {
      storage::sqlite::RouteWriter writer(made.database());
      storage::RowRules rules(writer);
      DumpReader reader(rules);
      for (std::string line; next_line(line);) reader.read(line);
      counts = reader.finish();
      writer.finish();
    }
    require_whole(made.database());
    made.finish();
  };
  if (!make_route(path, kPrivate, kPatienceForFiles, Existing::keep, write)) refuse_existing(path.database());
  return counts;
}

SalvageReport SqliteProtocol::salvage(const std::string& route, std::string_view target,
                                      const CopyProgress& progress) const {
  const std::string saved = normalized(target);  // before a folder is opened
  const RoutePath from(route);
  const RoutePath to(saved);
  require_elsewhere(from, to);
  storage::sqlite::refuse_files_of_strangers(from);
  const NewRoute blank = blank_route();
  SalvageReport report;
  const auto write = [&](const RoutePath& draft) {
    const storage::sqlite::QuietRoute quiet(from, kPatienceForFiles);
    const storage::sqlite::PageFile damaged(from);
    write_new_database(draft, blank);
    Draft made(draft);
    const bool found =
        storage::sqlite::salvage(damaged, quiet.tail_notes(), made.database(), report, [&](auto done, auto total) {
          if (progress) progress(done, total);
        });
    if (!found) throw NothingThere();
    made.finish();
  };
  try {
    if (!make_route(to, kPrivate, kPatienceForFiles, Existing::keep, write)) refuse_existing(to.database());
  } catch (const NothingThere&) {
    return report;
  }
  report.route = to.database();
  report.id = blank.id;
  return report;
}

}  // namespace ipcm
