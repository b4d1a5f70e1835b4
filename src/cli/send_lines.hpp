// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

#include <ipcm/client.hpp>

#include "content.hpp"
#include "input.hpp"

namespace ipcm::cli {

/// Sends each line of the input as one message with these fields, batched; returns how many. Shows its progress.
/// Throws Failure that names the line that could not be sent, and Interrupted: every message before it is stored then,
/// and none from it on.
std::uint64_t send_lines(Client& client, const MessageFields& fields, Input& input, ContentKind kind);

}  // namespace ipcm::cli
