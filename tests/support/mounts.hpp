// SPDX-License-Identifier: MIT
// Mounts that only one process sees.
#pragma once

#include <string>

namespace test {

/// Gives this process, which should be a forked child, mounts of its own. Returns false if the system does not let it.
bool separate_mounts() noexcept;

/// Shows the file or folder `from` at `at`, which is there, in this process. Call separate_mounts() before.
bool bind_mount(const std::string& from, const std::string& at) noexcept;

/// Whether a child of this process can have mounts of its own: that takes root, and a root folder that is a mount.
bool can_separate_mounts();

}  // namespace test
