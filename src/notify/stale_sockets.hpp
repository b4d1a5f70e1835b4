// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "core/function_ref.hpp"
#include "notify/notifier.hpp"

namespace ipcm::notify {

/// The sockets in the folder of SocketNotifiers whose clients have died. They do no harm: whoever announces something
/// removes them. Throws Error where the folder cannot be listed.
std::vector<std::string> stale_sockets(const std::string& folder, FunctionRef<bool(Inbox)> is_present);

}  // namespace ipcm::notify
