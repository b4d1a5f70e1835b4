// SPDX-License-Identifier: MIT
#include "client/local_memory_protocol.hpp"

#include <chrono>

#include "core/findings.hpp"
#include "core/message_id.hpp"
#include "notify/local_notifier.hpp"
#include "storage/memory/memory_route.hpp"
#include "storage/memory/memory_store.hpp"

namespace ipcm {
namespace {

storage::MemoryRouteRecord new_record(const SpawnOptions& options) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
  return {MessageId::generate(milliseconds).text(), std::chrono::duration<double>(now).count(),
          std::string(to_string(options.durability)), options.max_content};
}

}  // namespace

std::string LocalMemoryProtocol::normalized(std::string_view route) const {
  if (route.empty()) throw Error(ErrorCode::InvalidArgument, "the name of a route is empty.");
  return std::string(route);
}

Protocol::Spawned LocalMemoryProtocol::spawn(const SpawnOptions& options) const {
  const storage::MemoryRouteRecord record = new_record(options);
  Spawned spawned;
  spawned.route = options.route.empty() ? record.id : options.route;
  spawned.created = storage::open_or_create_memory_route(spawned.route, record).second;
  spawned.stash = name();  // tells unspawn() that the route is no path
  return spawned;
}

void LocalMemoryProtocol::unspawn(const std::string& route, const std::string&) const {
  storage::remove_memory_route(route);
}

StoreParts LocalMemoryProtocol::open(const std::string& route, const ConnectOptions&) const {
  const std::shared_ptr<storage::MemoryRoute> memory = storage::open_memory_route(route);
  const std::shared_ptr<notify::LocalHub> hub = notify::LocalHub::of_route(memory->record().id);
  return {std::make_unique<storage::MemoryStore>(memory), [hub](notify::Inbox inbox, const StoreParts::ChangeCount&) {
            return std::make_unique<notify::LocalNotifier>(hub, inbox);
          }};
}

RouteInfo LocalMemoryProtocol::info(const std::string& route) const {
  const std::shared_ptr<storage::MemoryRoute> memory = storage::open_memory_route(route);
  const storage::MemoryRouteRecord record = memory->record();
  const storage::MemoryRouteTotals totals = memory->totals();
  RouteInfo info;
  info.id = record.id;
  info.protocol = name();
  info.route = route;
  info.durability = record.durability;
  info.schema_version = 0;
  info.max_content = record.max_content;
  info.created_at = record.created_at;
  info.peers = totals.peers;
  info.queued = totals.queued;
  info.dead = totals.dead;
  info.engine = "the memory of this process";
  info.notifier = "local: within this process";
  return info;
}

CheckReport LocalMemoryProtocol::check(const std::string& route) const {
  storage::MemoryRouteAudit audit = storage::open_memory_route(route)->audit();
  return {std::move(audit.problems), audit.messages, audit.pairs, audit.inboxes};
}

std::vector<Finding> LocalMemoryProtocol::examine(const std::string& route) const {
  Findings findings;
  try {
    const storage::MemoryRouteTotals totals = storage::open_memory_route(route)->totals();
    findings.ok("route", route + " is in the memory of this process, with " + std::to_string(totals.queued) +
                             " messages that wait.");
    for (const std::string& problem : check(route).problems) findings.problem("contents", problem, {});
  } catch (const Error& error) {
    findings.problem("route", error.what(), "Only the process that made a route in its memory can look at it.");
  }
  return findings.take();
}

Migration LocalMemoryProtocol::migrate(const std::string& route) const {
  storage::open_memory_route(route);
  return {};
}

void LocalMemoryProtocol::set_durability(const std::string& route, Durability durability) const {
  storage::open_memory_route(route)->set_durability(std::string(to_string(durability)));
}

}  // namespace ipcm
