// SPDX-License-Identifier: MIT
#include <mutex>

#include "client/peer_state.hpp"
#include "client/store_endpoint.hpp"
#include "client/store_jobs.hpp"
#include "core/names.hpp"
#include "core/seconds.hpp"

namespace ipcm {

using notify::Event;

bool StoreEndpoint::peers_may_have_changed() {
  require_connected();
  return waiting_->before_taking(Event::peers);
}

std::vector<std::string> StoreEndpoint::peers() {
  waiting_->before_taking(Event::peers);
  std::vector<std::string> names;
  read([&](storage::Snapshot& view) {
    names.clear();
    for (const storage::PeerRow& peer : view.peers()) {
      if (peer.id != self_.id && !peer.is_queue && takes_mail(peer, now())) names.push_back(peer.name);
    }
  });
  return names;
}

std::optional<storage::PeerRow> StoreEndpoint::find(std::string_view peer) {
  std::optional<storage::PeerRow> row;
  read([&](storage::Snapshot& view) { row = view.find_peer(peer); });
  return row;
}

std::optional<StoreEndpoint::Seen> StoreEndpoint::look_at(std::string_view peer) {
  std::optional<Seen> seen;
  read([&](storage::Snapshot& view) {
    seen.reset();
    std::optional<storage::PeerRow> row = view.find_peer(peer);
    if (!row) return;
    const PeerState state = state_of(*row, *store_, now());
    seen = Seen{*std::move(row), state};
  });
  return seen;
}

bool StoreEndpoint::peer_exists(std::string_view peer) {
  return find(peer).has_value();
}

bool StoreEndpoint::peer_active(std::string_view peer, std::chrono::milliseconds timeout) {
  const auto is_active = [&] {
    const std::optional<Seen> seen = look_at(peer);
    return seen && seen->state == PeerState::active;
  };
  if (timeout == std::chrono::milliseconds::zero()) return is_active();
  return waiting_->wait(Event::peers, platform::deadline_after(timeout), is_active);
}

std::optional<PeerStatus> StoreEndpoint::peer_status(std::string_view peer) {
  const std::optional<Seen> seen = look_at(peer);
  if (!seen || seen->row.is_queue) return std::nullopt;
  const bool has_process = seen->state == PeerState::active || seen->state == PeerState::crashed;
  if (!has_process) return PeerStatus{seen->state};
  return PeerStatus{seen->state, seen->row.pid, seen->row.host};
}

std::optional<std::chrono::system_clock::time_point> StoreEndpoint::peer_suspend_expires(std::string_view peer) {
  const std::optional<storage::PeerRow> row = find(peer);
  if (!row || row->state != storage::RecordedState::suspended || !row->suspend_expires) return std::nullopt;
  return time_at(*row->suspend_expires);
}

void StoreEndpoint::forget(std::string_view peer) {
  std::set<storage::PeerId> readers;
  write([&](storage::Transaction& transaction) {
    const std::optional<storage::PeerRow> row = transaction.find_peer(peer);
    if (!row) {
      throw Error(ErrorCode::UnknownPeer,
                  "cannot forget " + in_quotes(peer) + ": no peer of that name was ever connected to " + route() + ".");
    }
    if (state_of(*row, *store_, now()) == PeerState::active) {
      throw Error(ErrorCode::NameInUse, "cannot forget " + in_quotes(peer) + ": it is connected to " + route() + ".",
                  row->pid);
    }
    if (storage::Jobs* jobs = row->is_queue ? transaction.jobs() : nullptr; jobs && jobs->has_claims(row->id)) {
      jobs_->bring_back(transaction, row->id);
      if (jobs->has_claims(row->id)) {
        throw Error(ErrorCode::NameInUse,
                    "cannot forget the queue " + in_quotes(peer) + " on " + route() +
                        ": jobs of it are in flight. Pause it, and try again when they are done.");
      }
    }
    jobs_->release_all_of(transaction, row->id, readers);
    transaction.forget_peer(*row);
  });
  for (const storage::PeerId reader : readers) waiting_->notifier().wake(reader);
  waiting_->notifier().announce();
}

int StoreEndpoint::peer_change_fd() {
  require_connected();
  return waiting_->fd(Event::peers, [] { return false; });
}

}  // namespace ipcm
