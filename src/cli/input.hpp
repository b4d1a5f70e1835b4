// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include <ipcm/spawn.hpp>

#include "signals.hpp"

namespace ipcm::cli {

/// Where content is read from: standard input or a file.
class Input {
 public:
  static Input standard();
  /// Throws Failure.
  static Input file(const std::string& path);
  ~Input();
  Input(Input&& other) noexcept;
  Input& operator=(Input&&) = delete;

  int descriptor() const noexcept { return descriptor_; }
  /// For error texts.
  const std::string& name() const noexcept { return name_; }
  /// Its size where that is known beforehand.
  std::optional<std::uint64_t> size() const;

  /// Everything up to its end. Throws Failure when it cannot be read or is larger than any content may be.
  std::string read_all();
  /// Appends what can be read without waiting for more than the first byte; false at the end.
  bool read_some(std::string& into);

 private:
  Input(int descriptor, std::string name, bool owned);

  int descriptor_;
  std::string name_;
  bool owned_;
};

/// The lines of an input, without their newlines.
class LineReader {
 public:
  enum class Result { line, end, pause, stopped };

  /// `longest`: of a line, in bytes.
  LineReader(Input& input, const StopSignals& signals, std::size_t longest = kHighestMaxContent)
      : input_(input), signals_(signals), longest_(longest) {}

  /// Reads the next line into `line`. `pause`: the line is not there yet, and may_wait is false. `stopped`: a signal
  /// came.
  Result next(std::string& line, bool may_wait);

  /// The number of the line that next() returned last, from 1.
  std::uint64_t number() const noexcept { return number_; }
  std::uint64_t bytes_read() const noexcept { return bytes_; }

 private:
  bool take_line(std::string& line);
  void fill();

  Input& input_;
  const StopSignals& signals_;
  std::size_t longest_;
  std::string buffer_;
  std::size_t begin_ = 0;    // of the line that comes next
  std::size_t scanned_ = 0;  // no newline between begin_ and here
  bool at_end_ = false;
  std::uint64_t number_ = 0;
  std::uint64_t bytes_ = 0;
};

}  // namespace ipcm::cli
