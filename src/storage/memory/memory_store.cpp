// SPDX-License-Identifier: MIT
#include "storage/memory/memory_store.hpp"

#include <string>
#include <utility>

#include <ipcm/error.hpp>

namespace ipcm::storage {
namespace {

/// Reads and writes through one Access; as a Snapshot it is only read from.
class MemoryTransaction final : public Transaction {
 public:
  MemoryTransaction(MemoryRoute::Access& route, UndoLog& undo) : route_(route), undo_(undo) {}

  std::optional<PeerRow> find_peer(std::string_view name) override {
    const MemoryInbox* inbox = route_.find(name);
    return inbox ? std::optional(inbox->row) : std::nullopt;
  }

  std::vector<PeerRow> peers() override {
    std::vector<PeerRow> rows;
    for (const auto& [name, inbox] : route_.peers()) rows.push_back(inbox.row);
    return rows;
  }

  bool has_mail(PeerId inbox, double) override {
    const MemoryInbox* found = route_.find(inbox);
    return found && found->has_mail();
  }

  bool has_read_from(PeerId inbox, std::string_view sender) override {
    const MemoryInbox* found = route_.find(inbox);
    return found && found->has_read_from(sender);
  }

  void peek(PeerId inbox, std::size_t limit, Visitor visit) override {
    if (const MemoryInbox* found = route_.find(inbox)) found->peek(limit, visit);
  }

  std::vector<std::string> replies(PeerId inbox) override {
    const MemoryInbox* found = route_.find(inbox);
    return found ? found->replies() : std::vector<std::string>();
  }

  std::optional<Standing> find_reply(PeerId inbox, std::string_view correlation_id) override {
    const MemoryInbox* found = route_.find(inbox);
    return found ? found->find_reply(correlation_id) : std::nullopt;
  }

  std::vector<PairCount> counts() override {
    std::vector<PairCount> all;
    for (const auto& [name, inbox] : route_.peers()) {
      for (PairCount& pair : inbox.counts()) all.push_back(std::move(pair));
    }
    return all;
  }

  std::uint64_t depth(PeerId inbox) override {
    const MemoryInbox* found = route_.find(inbox);
    return found ? found->queued() : 0;
  }

  void attempt(FunctionRef<void()> work) override {
    const std::size_t before = undo_.mark();
    try {
      work();
    } catch (...) {
      undo_.roll_back_to(before);
      throw;
    }
  }

  PeerRow insert_peer(std::string_view name, bool) override { return route_.insert_peer(name, undo_).row; }

  void update_peer(const PeerRow& peer) override {
    MemoryInbox* inbox = route_.find(peer.id);
    if (!inbox) return;
    PeerRow changed = peer;
    changed.name = inbox->row.name;
    undo_.add([inbox, before = inbox->row]() mutable { inbox->row = std::move(before); });
    inbox->row = std::move(changed);
  }

  std::int64_t last_arrival(PeerId inbox) override {
    const MemoryInbox* found = route_.find(inbox);
    return found ? found->last_issued() : 0;
  }

  void forget_peer(const PeerRow& peer) override { route_.remove_peer(peer.id, undo_); }

  bool append(PeerId inbox, const Parcel& parcel) override { return require(inbox).append(parcel, undo_); }

  bool put_back(const PeerRow& inbox, std::optional<Place> place, const Parcel& parcel) override {
    return require(inbox.id).put_back(place, parcel, undo_);
  }

  std::size_t take(const PeerRow& inbox, std::size_t limit, Judge judge, const ClaimTerms*) override {
    MemoryInbox* found = route_.find(inbox.id);
    return found ? found->take(limit, judge, undo_) : 0;
  }

  bool take_one(const PeerRow& inbox, Place place, const MessageId& id, Judge judge) override {
    MemoryInbox* found = route_.find(inbox.id);
    return found && found->take_one(place, id, judge, undo_);
  }

 private:
  MemoryInbox& require(PeerId inbox) {
    if (MemoryInbox* found = route_.find(inbox)) return *found;
    throw Error(ErrorCode::StorageFailure, "no peer of this route has the id " + std::to_string(inbox));
  }

  MemoryRoute::Access& route_;
  UndoLog& undo_;
};

}  // namespace

MemoryStore::MemoryStore(std::shared_ptr<MemoryRoute> route)
    : route_(std::move(route)), max_content_(route_->record().max_content) {}

MemoryStore::~MemoryStore() {
  if (route_) route_->drop_all_presence(this);
}

void MemoryStore::read(FunctionRef<void(Snapshot&)> work) {
  MemoryRoute::Access access(*route_);
  UndoLog undo;
  MemoryTransaction transaction(access, undo);
  work(transaction);
}

void MemoryStore::write(FunctionRef<void(Transaction&)> work) {
  UndoLog undo;  // outlives the lock: what was taken is freed after others may go on
  MemoryRoute::Access access(*route_);
  MemoryTransaction transaction(access, undo);
  try {
    work(transaction);
  } catch (...) {
    undo.roll_back();
    throw;
  }
  route_->note_change();
}

std::uint64_t MemoryStore::change_count() {
  return route_->changes();
}

bool MemoryStore::hold_presence(PeerId peer) {
  return route_->hold_presence(peer, this);
}

void MemoryStore::drop_presence(PeerId peer) noexcept {
  route_->drop_presence(peer, this);
}

bool MemoryStore::is_present(PeerId peer) {
  return route_->is_present(peer);
}

void MemoryStore::abandon() noexcept {
  route_.reset();
}

}  // namespace ipcm::storage
