// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace ipcm {

/// `expired`: suspended, and its time has run out. `crashed`: its process ended without a word.
enum class PeerState { active, suspended, expired, crashed, disconnected };

/// The name of the enumerator.
std::string_view to_string(PeerState state) noexcept;

/// What a client sees of another peer.
struct PeerStatus {
  PeerState state = PeerState::disconnected;
  /// The process of one that is active, or the one that a crashed peer had; nothing for the others.
  std::optional<int> pid{};
  /// The machine of that process.
  std::string host{};
};

}  // namespace ipcm
