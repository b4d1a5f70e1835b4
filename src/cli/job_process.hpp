// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace ipcm::cli {

/// A command that runs for one job, in a process group of its own. It is given its input, and what it prints is handed
/// over in pieces; nothing here waits. Killed and reaped when it goes out of scope; told to end when this process dies.
class JobProcess {
 public:
  struct Plan {
    std::vector<std::string> command;
    std::vector<std::string> environment;  // VAR=value
    std::string input;                     // for its standard input
    bool take_output = false;              // or it has the standard output of this process
  };

  /// Throws Failure when no process can be made. That the command cannot be executed is one of the ways to end.
  explicit JobProcess(Plan plan);
  ~JobProcess();
  JobProcess(const JobProcess&) = delete;
  JobProcess& operator=(const JobProcess&) = delete;

  /// For poll(): writable when write_input() has something to do; -1: all is written, or it does not want it.
  int input_fd() const noexcept { return input_.get(); }
  void write_input();

  /// For poll(): readable when there is something to take; -1: there will be nothing.
  int output_fd() const noexcept { return output_.get(); }
  int errors_fd() const noexcept { return errors_.get(); }
  /// What it has printed by now and was not taken before.
  std::string take_output();
  std::string take_errors();

  /// True once it has ended and was reaped.
  bool ended();

  // Once it has ended.
  /// Nothing when a signal killed it or it could not be executed.
  std::optional<int> exit_code() const noexcept;
  /// How it ended and the end of what it said on standard error, in 1 to 4096 bytes of UTF-8.
  std::string reason() const;

  /// To all of its process group; no effect once it has ended.
  void signal(int number) noexcept;

 private:
  class Descriptor {
   public:
    ~Descriptor() { reset(); }
    Descriptor() = default;
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    int get() const noexcept { return descriptor_; }
    void reset(int descriptor = -1) noexcept;
    int release() noexcept { return std::exchange(descriptor_, -1); }

   private:
    int descriptor_ = -1;
  };
  struct Pipe;

  std::string take(Descriptor& from);

  Plan plan_;
  std::size_t written_ = 0;
  Descriptor input_;
  Descriptor output_;
  Descriptor errors_;
  std::string tail_;    // of standard error
  pid_t pid_ = -1;      // -1: reaped, or never there
  int status_ = 0;      // as waitpid() has it
  int exec_error_ = 0;  // why it could not be executed
};

}  // namespace ipcm::cli
