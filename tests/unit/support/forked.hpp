// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <string>

namespace test {

enum class ForkBy {
  fork,  ///< with the handlers of pthread_atfork
  clone  ///< the bare system call, which runs none
};

/// Runs `work` in a forked child, waits for its end and returns what `work` returned. Throws when the child fails.
std::string in_child(const std::function<std::string()>& work, ForkBy how = ForkBy::fork);

}  // namespace test
