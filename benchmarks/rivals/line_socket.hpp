// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

namespace bench {

/// A connection to a server whose protocol is made of lines that end in CR LF. Reads are buffered.
class LineSocket {
 public:
  /// Waits until the server listens at that path, for ten seconds at most.
  explicit LineSocket(const std::filesystem::path& path);
  ~LineSocket();
  LineSocket(const LineSocket&) = delete;
  LineSocket& operator=(const LineSocket&) = delete;

  /// In one call, as far as the kernel takes it.
  void write(std::string_view bytes);

  // What these return is good until the next call.

  /// The next line, without its end.
  std::string_view read_line();
  /// So many bytes, whose line end is dropped.
  std::string_view read_bytes(std::size_t count);

 private:
  std::string_view hand_out(std::size_t count);
  void receive();

  int socket_;
  std::string received_;
  std::size_t at_ = 0;
};

/// The number that a line consists of, or begins with.
std::size_t number_in(std::string_view text);

/// What stands behind a label, up to the end of its line: in statistics that servers tell. Throws when it is not there.
std::string_view value_in(std::string_view text, std::string_view label);

}  // namespace bench
