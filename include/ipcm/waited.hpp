// SPDX-License-Identifier: MIT
#pragma once

namespace ipcm {

/// How a wait ended.
enum class Waited { ready, timed_out, interrupted };

}  // namespace ipcm
