// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace ipcm::cli {

/// Standard output: buffered lines, styled only where a person looks at them.
class Output {
 public:
  /// `descriptor` stays the caller's. Styles are off when it is not a terminal, and with NO_COLOR or TERM=dumb.
  explicit Output(int descriptor);

  /// Whether --json was given.
  bool json() const noexcept { return json_; }
  void set_json() noexcept { json_ = true; }

  int descriptor() const noexcept { return descriptor_; }
  bool is_terminal() const noexcept { return terminal_; }
  /// The width of the terminal; nothing when it is none, or does not know.
  std::optional<std::size_t> columns() const;

  void write(std::string_view text);
  void line(std::string_view text) { write(std::string(text) + "\n"); }

  /// Takes note that the command has done what it is for, such as "the message was sent". An error from here on, as of
  /// printing that or of leaving the route, is not to hide it.
  void set_done(std::string what) { done_ = std::move(what); }
  /// Empty until then.
  const std::string& done() const noexcept { return done_; }

  /// Writes what is buffered. Throws ClosedPipe when nobody reads it any more, Failure when it cannot be written.
  void flush();

  std::string bold(std::string_view text) const { return styled(text, "\033[1m"); }
  std::string dim(std::string_view text) const { return styled(text, "\033[2m"); }
  std::string green(std::string_view text) const { return styled(text, "\033[32m"); }
  std::string red(std::string_view text) const { return styled(text, "\033[31m"); }

 private:
  std::string styled(std::string_view text, std::string_view style) const;

  int descriptor_;
  bool terminal_;
  bool styles_;
  bool json_ = false;
  std::string buffer_;
  std::string done_;
};

/// Whether a terminal is there that understands control sequences.
bool is_smart_terminal(int descriptor);

/// Throws what flush() throws for a write that failed with that errno.
[[noreturn]] void throw_write_error(int error);

}  // namespace ipcm::cli
