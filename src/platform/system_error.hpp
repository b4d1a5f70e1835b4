// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

#include <ipcm/error.hpp>

namespace ipcm::platform {

/// The code that fits an errno value of an operation on a route's files.
ErrorCode code_of_errno(int error) noexcept;

/// Throws Error for an errno value. `attempt` is what was tried and on what: "cannot open /tmp/jobs.ipcm-lock".
[[noreturn]] void throw_errno(int error, std::string_view attempt);

/// The system's words for an errno value, e.g. "No space left on device".
std::string words_of_errno(int error);

}  // namespace ipcm::platform
