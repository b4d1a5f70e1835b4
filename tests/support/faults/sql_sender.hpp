// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include <ipcm/ipcm.hpp>

namespace test {

/// Sends by ipcm::send_in() in a transaction of its own on a connection of its own, and commits. Throws
/// Error(StorageFailure) where SQLite fails outside ipcm.
void send_by_sql(const std::string& route, ipcm::Client& client, const ipcm::MessageFields& message);

}  // namespace test
