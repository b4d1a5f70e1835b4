// SPDX-License-Identifier: MIT
#pragma once

#include <functional>

namespace ipcm::platform {

/// Starts a thread that nobody joins and that takes none of the process's signals. `work` must not throw.
/// Throws Error(StorageFailure) where there can be no more threads.
void start_background_thread(std::function<void()> work);

}  // namespace ipcm::platform
