// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "platform/fork.hpp"
#include "storage/memory/memory_inbox.hpp"
#include "storage/memory/undo_log.hpp"
#include "storage/store.hpp"

namespace ipcm::storage {

/// What a route says of itself.
struct MemoryRouteRecord {
  std::string id;  ///< a UUID given at birth
  double created_at = 0;
  std::string durability;  ///< kept and told; memory is never more durable than its process
  std::size_t max_content = 0;
};

/// How much a route holds.
struct MemoryRouteTotals {
  std::uint64_t peers = 0;
  std::uint64_t queued = 0;
  std::uint64_t dead = 0;
};

/// Whether a route's books balance.
struct MemoryRouteAudit {
  std::vector<std::string> problems;  ///< one sentence each
  std::uint64_t messages = 0;
  std::uint64_t pairs = 0;
  std::uint64_t inboxes = 0;
};

/// One route of this process: what all MemoryStores on it share. Thread-safe, but for what an Access gives.
/// Lives as long as someone holds it; after end() every call throws Error(RouteGone).
class MemoryRoute {
 public:
  using Peers = std::map<std::string, MemoryInbox, std::less<>>;  // by name
  class Access;

  MemoryRoute(std::string name, MemoryRouteRecord record);

  const std::string& name() const noexcept { return name_; }
  MemoryRouteRecord record();
  void set_durability(const std::string& durability);
  MemoryRouteTotals totals();
  MemoryRouteAudit audit();

  /// Presence belongs to an owner: an address that nobody else uses as long as it holds anything.
  bool hold_presence(PeerId peer, const void* owner);
  void drop_presence(PeerId peer, const void* owner) noexcept;
  void drop_all_presence(const void* owner) noexcept;
  bool is_present(PeerId peer);

  /// Counts the transactions that may have changed something.
  void note_change() noexcept { ++changes_; }
  std::uint64_t changes() const noexcept { return changes_; }

  /// Frees what the route holds and makes every later call fail.
  void end() noexcept;

 private:
  const std::string name_;
  platform::ForkSafeMutex mutex_;  // guards what follows, up to the next one
  bool ended_ = false;
  MemoryRouteRecord record_;
  Peers peers_;
  std::map<PeerId, Peers::iterator> peers_by_id_;
  platform::ForkSafeMutex presence_mutex_;  // of its own: presence is asked for inside transactions
  std::map<PeerId, const void*> present_;
  std::atomic<std::uint64_t> changes_{0};
};

/// The lock on a route, and with it its peers. Throws Error(RouteGone) where the route has ended.
class MemoryRoute::Access {
 public:
  explicit Access(MemoryRoute& route);

  const Peers& peers() const noexcept { return route_.peers_; }
  /// Null: none of that name or id.
  MemoryInbox* find(std::string_view name);
  MemoryInbox* find(PeerId peer);

  /// Under an id from free_peer_id(). Throws Error(RouteFull), and StorageFailure when the name is there.
  MemoryInbox& insert_peer(std::string_view name, UndoLog& undo);
  void remove_peer(PeerId peer, UndoLog& undo);

 private:
  PeerId free_id() const;

  MemoryRoute& route_;
  std::unique_lock<platform::ForkSafeMutex> lock_;
};

// The routes of this process, by name. Thread-safe. A forked child has none: it does not share its parent's memory.

/// The route of that name, and whether it is new.
std::pair<std::shared_ptr<MemoryRoute>, bool> open_or_create_memory_route(const std::string& name,
                                                                          const MemoryRouteRecord& record);

/// Throws Error(RouteMissing).
std::shared_ptr<MemoryRoute> open_memory_route(std::string_view name);

/// Ends the route. False: there was none of that name.
bool remove_memory_route(std::string_view name);

}  // namespace ipcm::storage
