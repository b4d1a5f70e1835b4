// SPDX-License-Identifier: MIT
#include "storage/memory/memory_route.hpp"

#include <ipcm/error.hpp>

#include "core/names.hpp"
#include "storage/memory/peer_ids.hpp"

namespace ipcm::storage {
MemoryRoute::MemoryRoute(std::string name, MemoryRouteRecord record)
    : name_(std::move(name)), record_(std::move(record)) {}

MemoryRouteRecord MemoryRoute::record() {
  const Access access(*this);
  return record_;
}

void MemoryRoute::set_durability(const std::string& durability) {
  const Access access(*this);
  record_.durability = durability;
}

MemoryRouteTotals MemoryRoute::totals() {
  const Access access(*this);
  MemoryRouteTotals totals;
  for (const auto& [name, inbox] : access.peers()) {
    ++totals.peers;
    totals.queued += inbox.queued();
    totals.dead += inbox.dead().size();
  }
  return totals;
}

MemoryRouteAudit MemoryRoute::audit() {
  const Access access(*this);
  MemoryRouteAudit audit;
  for (const auto& [name, inbox] : access.peers()) {
    ++audit.inboxes;
    audit.pairs += inbox.counts().size();
    audit.messages += inbox.queued();
    for (std::string& problem : inbox.problems()) audit.problems.push_back(std::move(problem));
  }
  return audit;
}

bool MemoryRoute::hold_presence(PeerId peer, const void* owner) {
  const std::scoped_lock lock(presence_mutex_);
  return present_.try_emplace(peer, owner).first->second == owner;
}

void MemoryRoute::drop_presence(PeerId peer, const void* owner) noexcept {
  const std::scoped_lock lock(presence_mutex_);
  const auto holder = present_.find(peer);
  if (holder != present_.end() && holder->second == owner) present_.erase(holder);
}

void MemoryRoute::drop_all_presence(const void* owner) noexcept {
  const std::scoped_lock lock(presence_mutex_);
  std::erase_if(present_, [owner](const auto& holder) { return holder.second == owner; });
}

bool MemoryRoute::is_present(PeerId peer) {
  const std::scoped_lock lock(presence_mutex_);
  return present_.contains(peer);
}

void MemoryRoute::end() noexcept {
  const std::scoped_lock lock(mutex_);
  ended_ = true;
  peers_by_id_.clear();
  peers_.clear();
}

MemoryRoute::Access::Access(MemoryRoute& route) : route_(route), lock_(route.mutex_) {
  if (!route.ended_) return;
  throw Error(ErrorCode::RouteGone, "the route " + in_quotes(route.name_) + " was removed while it was in use");
}

MemoryInbox* MemoryRoute::Access::find(std::string_view name) {
  const auto found = route_.peers_.find(name);
  return found == route_.peers_.end() ? nullptr : &found->second;
}

MemoryInbox* MemoryRoute::Access::find(PeerId peer) {
  const auto found = route_.peers_by_id_.find(peer);
  return found == route_.peers_by_id_.end() ? nullptr : &found->second->second;
}

PeerId MemoryRoute::Access::free_id() const {
  if (const auto id = free_peer_id(route_.peers_by_id_, [](const auto& peer) { return peer.first; })) return *id;
  throw Error(ErrorCode::RouteFull, "the route " + in_quotes(route_.name_) + " has " + std::to_string(kHighestPeer) +
                                        " peers and takes no more: forget those that are not needed");
}

MemoryInbox& MemoryRoute::Access::insert_peer(std::string_view name, UndoLog& undo) {
  if (route_.peers_.contains(name)) {
    throw Error(ErrorCode::StorageFailure, "the route " + in_quotes(route_.name_) + " has a peer " + in_quotes(name));
  }
  PeerRow row;
  row.id = free_id();
  row.name = name;
  undo.add([&route = route_, id = row.id, name = row.name] {
    route.peers_by_id_.erase(id);
    route.peers_.erase(name);
  });
  const auto peer = route_.peers_.emplace(row.name, MemoryInbox(row)).first;
  route_.peers_by_id_.emplace(row.id, peer);
  return peer->second;
}

void MemoryRoute::Access::remove_peer(PeerId peer, UndoLog& undo) {
  struct Reinsert {
    MemoryRoute* route;
    Peers::node_type peer;
    std::map<PeerId, Peers::iterator>::node_type by_id;
    void operator()() {
      if (by_id.empty()) return;
      by_id.mapped() = route->peers_.insert(std::move(peer)).position;
      route->peers_by_id_.insert(std::move(by_id));
    }
  };
  const auto found = route_.peers_by_id_.find(peer);
  if (found == route_.peers_by_id_.end()) return;
  auto& removed = undo.add(Reinsert{&route_, {}, {}});
  removed.peer = route_.peers_.extract(found->second);  // its address stays, for the steps that are already in the log
  removed.by_id = route_.peers_by_id_.extract(found);
}

}  // namespace ipcm::storage
