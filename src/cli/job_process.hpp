// SPDX-License-Identifier: MIT
#pragma once

#include <sys/resource.h>
#include <sys/types.h>

#include <cstddef>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace ipcm::cli {

class Supervisor;

/// A command that could not be started: nothing of it ran. `error` is the errno.
struct CannotStart : std::runtime_error {
  CannotStart(const std::string& what, int number) : std::runtime_error(what), error(number) {}

  /// True if there is no use in trying again soon: the command is missing or not executable. False if the system lacks
  /// something, such as memory, processes or descriptors.
  bool is_permanent() const noexcept;
  /// 127 if the command was not found, else 126, as env(1), nohup(1) and xargs(1) have it.
  int exit_code() const noexcept;

  int error;
};

/// A command that runs for one job, in a process group of its own. It is given its input, and what it prints is handed
/// over in pieces; nothing here waits. Killed and reaped when it goes out of scope; told to end when this process dies.
class JobProcess {
 public:
  struct Plan {
    std::vector<std::string> command;
    std::vector<std::string> environment;    // VAR=value
    std::string input;                       // for its standard input
    bool take_output = false;                // or it has the standard output of this process
    rlimit open_files{};                     // its limit of open files
    const Supervisor* supervisor = nullptr;  // kills it with this process; must outlive it
  };

  /// Throws CannotStart if there is no process or the command cannot be executed.
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

  /// Its process id; -1 once it has ended.
  pid_t pid() const noexcept { return pid_; }
  /// Waits for its end, and takes note of it.
  void reap() noexcept;
  bool ended() const noexcept { return pid_ < 0; }

  // Once it has ended.
  /// Returns nullopt if a signal killed it.
  std::optional<int> exit_code() const noexcept;
  /// The signal that killed it, or of which it says by its exit code, 128 + n, that it was killed; 0: none.
  int ending_signal() const noexcept;
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
  std::string tail_;  // of standard error
  pid_t pid_ = -1;    // -1: reaped
  int status_ = 0;    // as waitpid() has it
};

}  // namespace ipcm::cli
