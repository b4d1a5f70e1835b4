// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "signals.hpp"

namespace ipcm::cli {

/// Prints what must not be lost, and knows how much of it has arrived.
///
/// In a file a text has arrived once it is on the disk, on a terminal once it is written. In a pipe it has arrived only
/// when the other end has read it: what still lies in the pipe when `head -1` or a pager goes away is gone with it. So
/// a pipe gets one text at a time, and the next one when it is empty again.
class Delivery {
 public:
  enum class State {
    open,
    closed,   ///< the reader went away
    stopped,  ///< a signal came
    failed,   ///< error() says why
  };
  /// Called once in each print() that has to wait for a slow reader, with the number of texts that have arrived so far.
  using Waiting = std::function<void(std::size_t arrived)>;

  Delivery(int descriptor, const StopSignals& signals);

  /// Prints the texts; returns how many have arrived, counted from the first. Fewer than all: state() says why.
  std::size_t print(std::span<const std::string> texts, Waiting waiting);

  /// Blocks until `other` is readable, a signal comes, or the reader of the pipe goes away, which state() then says.
  void wait_for(int other);

  State state() const noexcept { return state_; }
  /// The errno of the write that failed.
  int error() const noexcept { return error_; }

 private:
  void print_one_by_one(std::span<const std::string> texts);
  void print_at_once(std::span<const std::string> texts);
  std::size_t write(std::string_view text);
  bool wait_until_read();
  void tell_that_it_waits();
  void fail(int error);

  enum class Kind { pipe, file, other };

  int descriptor_;
  const StopSignals& signals_;
  Kind kind_ = Kind::other;
  State state_ = State::open;
  int error_ = 0;
  std::size_t arrived_ = 0;
  Waiting waiting_;
};

}  // namespace ipcm::cli
