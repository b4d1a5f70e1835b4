// SPDX-License-Identifier: MIT
#include "client/peer_state.hpp"

#include <string>

#include "core/fault_point.hpp"
#include "core/names.hpp"

namespace ipcm {
namespace {

using storage::RecordedState;

bool is_expired(const storage::PeerRow& peer, double now) noexcept {
  return peer.state == RecordedState::suspended && peer.suspend_expires && *peer.suspend_expires <= now;
}

}  // namespace

std::string_view to_string(PeerState state) noexcept {
  switch (state) {
    case PeerState::active: return "active";
    case PeerState::suspended: return "suspended";
    case PeerState::expired: return "expired";
    case PeerState::crashed: return "crashed";
    case PeerState::disconnected: break;
  }
  return "disconnected";
}

PeerState state_of(const storage::PeerRow& peer, storage::Store& store, double now) {
  switch (peer.state) {
    case RecordedState::active: return store.is_present(peer.id) ? PeerState::active : PeerState::crashed;
    case RecordedState::suspended: return is_expired(peer, now) ? PeerState::expired : PeerState::suspended;
    case RecordedState::disconnected: break;
  }
  return PeerState::disconnected;
}

bool takes_mail(const storage::PeerRow& peer, double now) noexcept {
  if (peer.state == RecordedState::suspended && faults::has_bug("the suspended get no mail")) return false;
  return peer.state != RecordedState::disconnected && !is_expired(peer, now);
}

std::optional<Error> refusal(std::string_view name, const std::optional<storage::PeerRow>& peer, double now,
                             std::string_view route) {
  if (peer && takes_mail(*peer, now)) return std::nullopt;
  const std::string who = "cannot send to " + in_quotes(name) + " on " + std::string(route) + ": ";
  if (!peer) {
    return Error(
        ErrorCode::UnknownPeer,
        who +
            "there is no peer or queue of that name. Make a queue with `ipcm queue create`, or register a peer "
            "with `ipcm connect`.");
  }
  if (peer->state == RecordedState::disconnected) {
    return Error(ErrorCode::PeerDisconnected, who + "it said goodbye and takes no mail until it connects again.");
  }
  return Error(ErrorCode::PeerGone, who + "its suspension ran out; it takes no mail until it connects again.");
}

}  // namespace ipcm
