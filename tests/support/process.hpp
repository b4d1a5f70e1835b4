// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace test {

/// How long a test waits for something that must happen: long enough for a loaded machine under a sanitizer, so that
/// running into it means that it does not happen.
inline constexpr std::chrono::seconds kPatience{60};

struct RunResult {
  int exit_code = -1;  ///< 128 + the signal when a signal ended it
  std::string out;
  std::string err;
};

/// A real process with pipes to its three standard streams, no signal blocked and each at its default. Killed with
/// SIGKILL and reaped when it goes out of scope.
class Process {
 public:
  /// Starts `command`; one without a slash is looked up in PATH.
  explicit Process(const std::vector<std::string>& command);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  pid_t pid() const { return pid_; }

  void write(const std::string& text);
  void close_stdin();

  /// The next line of standard output without its newline; nothing at its end. Throws when kPatience runs out.
  std::optional<std::string> read_line();
  /// Closes our end of its standard output: its next write meets a broken pipe.
  void close_stdout();
  /// Reads lines until one equals or starts with `text`, returns that one. Throws when there is none.
  std::string wait_for_line(const std::string& text);

  void signal(int number);
  /// Returns true once it has ended; finish() still tells how.
  bool has_ended() const;
  /// Closes its standard input, collects the rest of its output, waits for its end. Throws when kPatience runs out.
  RunResult finish();
  /// Waits until the kernel has stopped it after SIGSTOP.
  void wait_until_stopped();

 private:
  friend RunResult run(const std::vector<std::string>& command, const std::string& input);
  RunResult collect();

  pid_t pid_ = -1;
  int in_ = -1;
  int out_ = -1;
  int err_ = -1;
  std::string buffered_;
};

/// Runs a command to its end.
RunResult run(const std::vector<std::string>& command, const std::string& input = {});

/// The program that was built from children/NAME.cpp.
std::string child(const std::string& name);

/// Calls `done` until it returns true, sleeping briefly in between; false when kPatience runs out. For states of other
/// processes that nothing announces.
template <typename Condition>
bool eventually(Condition done);

void pause_briefly();

template <typename Condition>
bool eventually(Condition done) {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (!done()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    pause_briefly();
  }
  return true;
}

}  // namespace test
