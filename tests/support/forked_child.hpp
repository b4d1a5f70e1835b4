// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <string>

namespace test {

enum class ChildExit {
  immediate,  ///< _exit(): nothing of the process runs any more
  orderly     ///< exit(): static objects are destroyed and buffers flushed
};

/// Runs `work` in a forked child and waits for its end. Returns what `work` returned, which should be empty when all is
/// well; the text of an exception; or how the child ended, where that was not as it should be.
std::string in_forked_child(const std::function<std::string()>& work, ChildExit how = ChildExit::immediate);

}  // namespace test
