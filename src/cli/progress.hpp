// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace ipcm::cli {

/// One line on standard error that says how far a long command is. Silent unless standard error is a terminal.
class Progress {
 public:
  explicit Progress(std::string noun = "message");
  /// Leaves a clean line.
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// Shows "12,345 messages sent, 6,789/s" and then `more`; at most ten times a second.
  void show(std::uint64_t count, const std::string& what, const std::string& more = {});
  /// The same, but now.
  void show_now(std::uint64_t count, const std::string& what, const std::string& more = {});
  /// Whether there is anybody to show it to.
  bool enabled() const noexcept { return enabled_; }
  /// So many a second since it was made; 0 while it is too early to say.
  double rate(std::uint64_t count) const;
  /// Takes the line away, so that something else can be printed on the same terminal.
  void clear();

 private:
  using Time = std::chrono::steady_clock::time_point;

  std::string noun_;
  bool enabled_;
  bool visible_ = false;
  Time started_;
  Time shown_{};
};

}  // namespace ipcm::cli
