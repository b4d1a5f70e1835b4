// SPDX-License-Identifier: MIT
#pragma once

#include <string>

namespace ipcm {

/// 2026-01-31T09:30:00Z for seconds since 1970; the plain number where no calendar reaches.
std::string utc_text(double seconds);

}  // namespace ipcm
