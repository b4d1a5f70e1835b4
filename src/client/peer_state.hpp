// SPDX-License-Identifier: MIT
// The states of a peer, and what each of them means for its mail.
#pragma once

#include <optional>
#include <string_view>

#include <ipcm/error.hpp>
#include <ipcm/peer_status.hpp>

#include "storage/store.hpp"

namespace ipcm {

/// `now` in seconds since 1970. Asks the store whether a peer that is recorded as active still lives.
PeerState state_of(const storage::PeerRow& peer, storage::Store& store, double now);

/// Whether it stands in peers() and its mail is accepted. Needs no look at whether it lives: a crash refuses no mail.
bool takes_mail(const storage::PeerRow& peer, double now) noexcept;

/// Why mail to that name is refused; nothing when it is accepted. `peer` is what the store has under the name.
std::optional<Error> refusal(std::string_view name, const std::optional<storage::PeerRow>& peer, double now,
                             std::string_view route);

}  // namespace ipcm
