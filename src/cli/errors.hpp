// SPDX-License-Identifier: MIT
// What ends a command early, and what each becomes: an exit code and at most one line on standard error.
#pragma once

#include <functional>
#include <stdexcept>
#include <string>

namespace ipcm::cli {

/// The command line was wrong: exit code 2.
struct UsageError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Something that ipcm::Error has no code for, such as an input file that cannot be read: exit code 1.
struct Failure : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// A command was given a name that is not there: a Failure that may be followed by the name that was meant.
struct UnknownName : Failure {
  using Failure::Failure;
};

/// The other end of standard output was closed. Not an error: exit code 0, no message.
struct ClosedPipe {};

/// A signal asked the command to stop. Once everything is cleaned up it dies of that signal, as its caller expects.
struct Interrupted {
  int signal;
  std::string note;  // for standard error; may be empty
};

/// Writes `ipcm: TEXT` to standard error, as one line and without control characters.
void complain(const std::string& text);

/// An error's text without the period at its end, to be continued.
std::string without_period(std::string text);

/// Runs a command and turns whatever it throws into an exit code.
int guarded(const std::function<int()>& command);

}  // namespace ipcm::cli
