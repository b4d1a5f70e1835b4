// SPDX-License-Identifier: MIT
#include "client/sqlite_protocol.hpp"

#include <chrono>

#include "core/message_id.hpp"
#include "core/names.hpp"
#include "core/seconds.hpp"
#include "core/time_zone.hpp"
#include "notify/hook_notifier.hpp"
#include "notify/poll_notifier.hpp"
#include "notify/socket_notifier.hpp"
#include "platform/file.hpp"
#include "storage/sqlite/application_send.hpp"
#include "storage/sqlite/inspect.hpp"
#include "storage/sqlite/locks.hpp"
#include "storage/sqlite/migrate.hpp"
#include "storage/sqlite/route_access.hpp"
#include "storage/sqlite/route_file.hpp"
#include "storage/sqlite/route_record.hpp"
#include "storage/sqlite/route_view.hpp"
#include "storage/sqlite/sqlite_store.hpp"

namespace ipcm {
namespace {

using storage::sqlite::Connection;
using storage::sqlite::RoutePath;
using storage::sqlite::SqliteStore;

constexpr std::chrono::milliseconds kAdminPatience{10'000};
constexpr const char* kPrivateRoute = "route.ipcm";  // in a folder of its own

std::unique_ptr<notify::Notifier> make_socket_notifier(const RoutePath& path, notify::Inbox inbox) {
  return std::make_unique<notify::SocketNotifier>(
      notify::SocketNotifier::Place{path.shared_folder(), platform::name_in(path.wake_folder()),
                                    platform::name_in(path.lock_file()), storage::sqlite::kMailSleepBase,
                                    storage::sqlite::kPresenceBase, storage::sqlite::kWakeFolderByte,
                                    storage::sqlite::access_of(path)},
      inbox);
}

std::unique_ptr<notify::Notifier> make_notifier(NotifierKind kind, const RoutePath& path, const std::string& route_id,
                                                notify::Inbox inbox, const StoreParts::ChangeCount& change_count) {
  switch (kind) {
    case NotifierKind::socket: return make_socket_notifier(path, inbox);
    case NotifierKind::hook: return std::make_unique<notify::HookNotifier>(notify::LocalHub::of_route(route_id), inbox);
    case NotifierKind::poll:
      return std::make_unique<notify::PollNotifier>("a look at the store's version every 1 to 20 ms", change_count);
    case NotifierKind::automatic: break;
  }
  try {
    return make_socket_notifier(path, inbox);
  } catch (const Error& refused) {
    if (refused.code() == ErrorCode::RouteGone) throw;
    return std::make_unique<notify::PollNotifier>(refused.what(), change_count);
  }
}

// The observer of a store whose commits wake the clients of this process.
storage::sqlite::CommitHooks::Observer waker(const std::string& route_id) {
  return [hub = notify::LocalHub::of_route(route_id)](const storage::sqlite::CommitHooks::Changes& changes) {
    for (const storage::PeerId inbox : changes.inboxes) hub->wake(inbox);
    if (changes.peers) hub->announce(nullptr);
  };
}

platform::Access access_for(const SpawnOptions& options) {
  platform::Access access;
  if (options.group.empty()) return access;
  access.mode = 0660;
  access.group = platform::find_group(options.group);
  return access;
}

storage::sqlite::NewRoute new_route(const SpawnOptions& options) {
  const TimeZone zone = TimeZone::find(options.time_zone.empty() ? TimeZone::local_name() : options.time_zone);
  const auto now = std::chrono::system_clock::now();
  const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count();
  return {MessageId::generate(milliseconds).text(),
          seconds_since_1970(now),
          std::string(to_string(options.durability)),
          options.max_content,
          std::string(to_string(options.notifier)),
          zone.name(),
          options.secure_delete,
          access_for(options)};
}

bool is_in_private_folder(const RoutePath& path) {
  return platform::name_in(path.database()) == kPrivateRoute && platform::is_private_folder(path.folder());
}

// Removes the folder of a route that is gone, if it was made for the route, as the stash tells, or the folder itself.
// One that files of somebody else use stays.
void remove_private_folder(const RoutePath& path, const std::string& stash) noexcept {
  try {
    if (stash.empty() && !is_in_private_folder(path)) return;
    const std::string folder = path.folder().path();
    const platform::Folder parent(platform::parent_of(folder));
    const auto now = parent.status_of(platform::name_in(folder));
    if (now && now->identity == path.folder().status().identity) {
      parent.remove_empty_folder(platform::name_in(folder));
    }
  } catch (const std::exception&) {  // it is gone already
  }
}

// After a failure, which is what is to be told.
void remove_stash(const Protocol::Spawned& spawned) noexcept {
  if (spawned.stash.empty()) return;
  try {
    remove_private_folder(RoutePath(spawned.route), spawned.stash);
  } catch (...) {  // no memory
  }
}

void describe(const storage::sqlite::NewRoute& record, const storage::sqlite::RouteTotals& totals, RouteInfo& info) {
  info.id = record.id;
  info.durability = record.durability;
  info.max_content = record.max_content;
  info.secure_delete = record.secure_delete;
  info.created_at = record.created_at;
  info.peers = totals.peers;
  info.queued = totals.queued;
  info.dead = totals.dead;
  info.file_bytes = totals.file_bytes;
  info.wal_bytes = totals.log_bytes;
  info.engine = storage::sqlite::engine_name();
}

}  // namespace

std::string SqliteProtocol::normalized(std::string_view route) const {
  // SQLite follows a link to the file, too; a lock file beside the link would be another one.
  return normalized_path(route);
}

Protocol::Spawned SqliteProtocol::spawn(const SpawnOptions& options) const {
  Spawned spawned;
  if (options.route.empty()) {
    spawned.stash = platform::make_private_folder();
    spawned.route = spawned.stash + "/" + kPrivateRoute;
  } else {
    spawned.route = normalized(options.route);
  }
  try {
    spawned.created = storage::sqlite::create_route(RoutePath(spawned.route), new_route(options), kAdminPatience);
  } catch (...) {
    remove_stash(spawned);
    throw;
  }
  if (!spawned.created) migrate(spawned.route);
  return spawned;
}

void SqliteProtocol::unspawn(const std::string& route, const std::string& stash) const {
  const std::string folder = platform::parent_of(route);
  if (!stash.empty() && folder != stash) {
    throw Error(ErrorCode::InvalidArgument,
                "the stash " + in_quotes(stash) + " does not belong to the route " + route + ".");
  }
  const RoutePath path(route);
  storage::sqlite::remove_route(path, kAdminPatience);
  remove_private_folder(path, stash);
}

StoreParts SqliteProtocol::open(const std::string& route, const ConnectOptions& options) const {
  const RoutePath path(route);
  StoreParts parts;
  if (auto view = storage::sqlite::view_if_read_only(path)) {
    require_whole_tail(path, view->lost_tail());
    parts.store = std::move(view);
    parts.make_notifier = [](notify::Inbox, const StoreParts::ChangeCount& change_count) {
      return std::make_unique<notify::PollNotifier>("the route may only be read", change_count);
    };
    return parts;
  }
  auto store = std::make_unique<SqliteStore>(path, options.busy_timeout);
  const std::string route_id = store->record().id;
  const NotifierKind kind = options.notifier.value_or(parse_notifier_kind(store->record().notifier));
  if (kind == NotifierKind::hook) store->observe(waker(route_id));
  parts.store = std::move(store);
  parts.make_notifier = [=](notify::Inbox inbox, const StoreParts::ChangeCount& change_count) {
    return make_notifier(kind, path, route_id, inbox, change_count);
  };
  parts.send_in = [path](sqlite3* connection, const std::string& recipient, const storage::Parcel& parcel,
                         std::optional<double> deliver_at, Endpoint::Committed committed) {
    return storage::sqlite::send_by_application(connection, path, recipient, parcel, deliver_at, std::move(committed));
  };
  return parts;
}

std::unique_ptr<storage::Store> SqliteProtocol::open_to_look(const std::string& route) const {
  const RoutePath path(route);
  if (auto view = storage::sqlite::view_if_read_only(path)) return view;
  return std::make_unique<SqliteStore>(path, kAdminPatience, SqliteStore::LostCommits::overlook);
}

RouteInfo SqliteProtocol::info(const std::string& route) const {
  const RoutePath path(route);
  RouteInfo info;
  info.protocol = name();
  info.route = route;
  if (const auto view = storage::sqlite::view_if_read_only(path)) {
    describe(view->record(), totals_of(*view, view->database(), path), info);
    info.schema_version = view->schema_version();
    info.notifier = "none: the route may only be read";
    return info;
  }
  SqliteStore store(path, kAdminPatience, SqliteStore::LostCommits::overlook);
  describe(store.record(), totals_of(store, store.connection().database(), path), info);
  info.schema_version = store.connection().schema_version();
  storage::sqlite::LogPin pin = log_pin_of(store);
  info.wal_pinned_bytes = pin.bytes;
  info.wal_pinned_by = std::move(pin.pids);
  const NotifierKind kind = parse_notifier_kind(store.record().notifier);
  info.notifier = make_notifier(kind, path, info.id, 0, [] { return std::uint64_t{0}; })->describe();
  info.notifier += kind == NotifierKind::automatic ? " (the best that works here)" : " (as the route says)";
  return info;
}

CheckReport SqliteProtocol::check(const std::string& route) const {
  const RoutePath path(route);
  std::vector<storage::sqlite::LostTail> lost_tail;
  storage::sqlite::Audit audit;
  if (const auto view = storage::sqlite::view_if_read_only(path)) {
    view->read([&](storage::Snapshot&) { audit = storage::sqlite::audit_of(view->database()); });
    if (audit.problems.empty()) lost_tail = view->lost_tail();
  } else {
    SqliteStore store(path, kAdminPatience, SqliteStore::LostCommits::overlook);
    store.read([&](storage::Snapshot&) {
      store.connection().guarded("read", [&] { audit = storage::sqlite::audit_of(store.connection().database()); });
    });
    if (audit.problems.empty()) store.connection().guarded("read", [&] { lost_tail = store.lost_tail(); });
  }
  for (const auto& lost : lost_tail) audit.problems.push_back(text_of(lost));
  return {std::move(audit.problems), audit.messages, audit.pairs, audit.inboxes};
}

Migration SqliteProtocol::migrate(const std::string& route) const {
  Connection connection(RoutePath(route), kAdminPatience);
  Migration migration;
  migration.from_version = storage::sqlite::migrate(connection, storage::sqlite::kMigrations);
  migration.to_version = storage::sqlite::current_schema_version();
  return migration;
}

void SqliteProtocol::set_durability(const std::string& route, Durability durability) const {
  SqliteStore store(RoutePath(route), kAdminPatience);
  if (durability == Durability::full) {  // what is promised from now on holds for this change, too
    store.connection().set_durability(to_string(durability));
    store.connection().sync_log_name();
  }
  store.write([&](storage::Transaction&) {
    storage::sqlite::update_durability(store.connection().database(), std::string(to_string(durability)));
  });
}

}  // namespace ipcm
