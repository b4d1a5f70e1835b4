// SPDX-License-Identifier: MIT
// What is found about a route of SQLite, put together.
#include <chrono>

#include "client/examine_file_system.hpp"
#include "client/examine_mail.hpp"
#include "client/examine_modes.hpp"
#include "client/sqlite_protocol.hpp"
#include "core/findings.hpp"
#include "core/seconds.hpp"
#include "notify/stale_sockets.hpp"
#include "platform/file.hpp"
#include "platform/uptime.hpp"
#include "storage/sqlite/examine.hpp"
#include "storage/sqlite/route_record.hpp"
#include "storage/sqlite/route_view.hpp"
#include "storage/sqlite/sqlite_store.hpp"

namespace ipcm {
namespace {

using storage::sqlite::RoutePath;
using storage::sqlite::RouteView;

constexpr int kTriesToLook = 5;
constexpr std::chrono::milliseconds kPatienceToAccept{10'000};

std::string advice_for(ErrorCode code, const std::string& route) {
  switch (code) {
    case ErrorCode::RouteMissing: return "Check the path. Was the route moved, move it back with all files beside it.";
    case ErrorCode::NotARoute: return "Check the path.";
    case ErrorCode::RouteTooNew: return "Use the ipcm that made it, or a newer one.";
    case ErrorCode::RouteDamaged:
      return "Stop the clients and copy all files of the route, -wal and -lock too, before anything else. `ipcm "
             "salvage " +
             route + " NEW` saves what can be read.";
    case ErrorCode::ReadOnly: return "Work as the owner of the route.";
    case ErrorCode::Busy: return "Look again.";
    default: return "See whether the disk is in order (`dmesg`), and who may read the file.";
  }
}

void examine_sockets(RouteView& view, Findings& findings) {
  const std::string folder = view.path().wake_folder();
  try {
    const auto stale = notify::stale_sockets(folder, [&](notify::Inbox inbox) { return view.is_present(inbox); });
    if (stale.empty()) {
      findings.ok("sockets", "no client has left a socket behind.");
    } else {
      findings.note("sockets",
                    std::to_string(stale.size()) + " sockets in " + folder +
                        " are left of clients that were killed, such as " + stale.front() + ".",
                    "Nothing: the next client removes them.");
    }
  } catch (const Error& error) {
    findings.warning("sockets", error.what(), "Clients can be woken only there; else they look by themselves.");
  }
}

void describe_waking(const storage::sqlite::NewRoute& record, const RoutePath& path, Findings& findings) {
  const NotifierKind kind = parse_notifier_kind(record.notifier);
  std::string how = "through sockets in " + path.wake_folder() + ".";
  if (kind == NotifierKind::hook) how = "within one process only (hook): other processes find mail within a second.";
  if (kind == NotifierKind::poll) how = "by looking at the route every 1 to 20 ms (poll).";
  findings.ok("waiting", "clients that wait are woken " + how);
}

void examine_inside(const RoutePath& path, Findings& findings) {
  RouteView view(path);
  examine_database(view, findings);
  if (view.schema_version() < storage::sqlite::current_schema_version()) return;
  examine_mail(view, seconds_since_1970(std::chrono::system_clock::now()), platform::uptime(), last_noted_at(view),
               findings);
  describe_waking(view.record(), path, findings);
  examine_sockets(view, findings);
}

// A file that nobody had open may be opened, and change, while it is looked at. What is found before it turns out to be
// damaged stands.
Findings look_inside(const RoutePath& path) {
  for (int tries = 1;; ++tries) {
    Findings findings;
    try {
      examine_inside(path, findings);
    } catch (const Error& error) {
      if (error.code() == ErrorCode::Busy && tries < kTriesToLook) continue;
      findings.problem("route", error.what(), advice_for(error.code(), path.database()));
    }
    return findings;
  }
}

}  // namespace

std::vector<Finding> SqliteProtocol::examine(const std::string& route) const {
  const RoutePath path(route);
  Findings findings;
  try {
    if (!storage::sqlite::examine_deleted_log(path, findings)) findings = look_inside(path);
    examine_files(path, findings);
    examine_locks(path, findings);
  } catch (const Error& error) {  // nothing can be seen in the folder
    findings = Findings();
    findings.problem("route", error.what(), advice_for(error.code(), path.database()));
  }
  examine_modes({path.database(), path.write_ahead_log(), path.shared_memory(), path.lock_file(), path.wake_folder()},
                findings);
  examine_file_system(platform::parent_of(route), findings);
  storage::sqlite::examine_engine(findings);
  return findings.take();
}

std::vector<std::string> SqliteProtocol::accept_loss(const std::string& route) const {
  using storage::sqlite::SqliteStore;
  SqliteStore store(RoutePath(route), kPatienceToAccept, SqliteStore::LostCommits::overlook);
  std::vector<std::string> accepted;
  for (const storage::sqlite::LostTail& lost : store.accept_lost_tail()) accepted.push_back(text_of(lost));
  return accepted;
}

}  // namespace ipcm
