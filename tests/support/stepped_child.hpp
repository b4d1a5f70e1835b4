// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

#include <functional>
#include <string>

namespace test {

/// A forked child that does two things, the second one once it is told to.
class SteppedChild {
 public:
  using Step = std::function<std::string()>;

  /// Forks here. The child ends with _exit().
  SteppedChild(const Step& first, const Step& second);
  ~SteppedChild();
  SteppedChild(const SteppedChild&) = delete;
  SteppedChild& operator=(const SteppedChild&) = delete;

  /// What the first step returned, which is waited for: empty when all is well; the text of what it threw.
  std::string first();
  /// Tells the child to go on; then the same, of the second step, or how the child ended otherwise.
  std::string second();

 private:
  pid_t pid_;
  int told_ = -1;
  int said_ = -1;
};

}  // namespace test
