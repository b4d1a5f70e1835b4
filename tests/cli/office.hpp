// SPDX-License-Identifier: MIT
// A queue, and workers on it.
#pragma once

#include <string>
#include <vector>

#include "shell.hpp"

namespace test {

using Words = std::vector<std::string>;

/// A route with the queue mail.
class Office {
 public:
  /// With these options of `queue create`.
  explicit Office(const Words& settings = {});

  const Route& route() const { return route_; }
  const std::string& path() const { return route_.path(); }
  std::string file(const std::string& name) const { return route_.file(name); }

  void send(const std::string& content, const Words& more = {}) const;
  /// Sends the numbers from 1 to that one.
  void send_numbers(int last) const;

  /// The arguments of `ipcm work` for the queue.
  Words work(const Words& options, const Words& command) const;
  /// One job by a script of the shell.
  RunResult once(const std::string& script, const Words& options = {}) const;

  std::vector<Json> jobs() const;
  std::vector<Json> dead() const;

  /// Makes what a job can wait for, until open() is called.
  void make_gate(const std::string& name) const;
  /// Blocks until the job is there.
  void open(const std::string& name) const;

 private:
  Route route_;
};

/// A worker of its own process, whose standard error comes with its standard output.
class Running {
 public:
  /// `ipcm` with these arguments, executed by `before` if that is not empty.
  explicit Running(const Words& arguments, const Words& before = {});
  Process& process() { return process_; }
  void wait_for(const std::string& line) { process_.wait_for_line(line); }
  /// Signals until it has ended, not more often than once a second: within that a signal counts as the same one.
  RunResult stop_hard(int signal);

 private:
  Process process_;
};

/// A script that prints "begun", its process id, and hangs.
inline constexpr const char* kHang = "echo begun $$; exec sleep 1000";

bool runs(int pid);

/// The signals of the line "SigIgn:" of /proc/self/status, from 1 to 31: above are those that the C library hides.
unsigned ignored_signals(const std::string& line);

}  // namespace test
