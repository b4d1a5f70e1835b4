// SPDX-License-Identifier: MIT
#pragma once

#include <optional>

#include "core/findings.hpp"
#include "storage/store.hpp"

namespace ipcm {

/// What waits in a store for whom, and whether anybody will ever fetch it: peers, queues, what is in flight or for
/// later, schedules, the dead. Throws what Store::read() throws.
///
/// `now` in seconds since 1970, `uptime` in seconds since the machine's start; `newest`: when the last message was
/// stored, where that is known.
void examine_mail(storage::Store& store, double now, double uptime, std::optional<double> newest, Findings& findings);

}  // namespace ipcm
