// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace ipcm::cli {

/// One line on standard error that says how far a long command is. Silent unless standard error is a terminal.
class Progress {
 public:
  Progress();
  /// Leaves a clean line.
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// Shows "12,345 messages sent, 6,789/s" and then `more`; at most ten times a second.
  void show(std::uint64_t count, const std::string& what, const std::string& more = {});
  /// The same, but now.
  void show_now(std::uint64_t count, const std::string& what, const std::string& more = {});
  /// Takes the line away, so that something else can be printed on the same terminal.
  void clear();

 private:
  using Time = std::chrono::steady_clock::time_point;

  bool enabled_;
  bool visible_ = false;
  Time started_;
  Time shown_{};
};

}  // namespace ipcm::cli
