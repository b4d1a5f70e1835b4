// SPDX-License-Identifier: MIT
// Forked processes of a program that has one thread and no client of its own: thousands of them take seconds.
#pragma once

#include <sys/types.h>

#include <functional>
#include <string>

namespace test {

/// Both ends are closed at the end of the scope, but for one that is kept.
class Pipe {
 public:
  Pipe();
  ~Pipe();
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;

  void write(const std::string& text) const;
  /// Without its newline; "" at the end. Closes the writing end first, as this process is not who writes.
  std::string read_line();

  int keep_reading_end();
  int keep_writing_end();

 private:
  int reading_ = -1;
  int writing_ = -1;
};

std::string read_to_end(int descriptor);

/// Runs `work` in a child, which ends without any clean-up once it returns, with exit code 0, or 1 for an exception.
/// One that hangs ends by SIGALRM.
pid_t fork_child(const std::function<void()>& work);

/// Waits for its end: its exit code, or 128 and the signal; 0 where somebody has waited for it before.
int wait_for_child(pid_t pid);

}  // namespace test
