// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include <ipcm/copy.hpp>

#include "client/json_line.hpp"
#include "storage/route_rows.hpp"

namespace ipcm {

/// Reads the lines of a dump, which anybody may have written, and gives the rows to a sink. Throws
/// Error(InvalidArgument) that begins with the number of the line that is wrong, and what the sink throws.
class DumpReader {
 public:
  /// `sink` must live longer.
  explicit DumpReader(storage::RowSink& sink) : sink_(sink) {}

  void read(std::string_view line);
  /// Throws where the last line is missing.
  DumpCounts finish() const;

 private:
  struct Texts;

  void take(std::string_view line);
  void take_row(const std::string& kind, JsonLineReader& line);
  void take_header(const std::string& kind, JsonLineReader& line) const;
  void take_settings(JsonLineReader& line);
  void take_inbox(JsonLineReader& line, bool is_queue);
  void take_queue(JsonLineReader& line);
  void take_message(const std::string& kind, JsonLineReader& line);
  void take_dedup(JsonLineReader& line);
  void take_schedule(JsonLineReader& line);
  void take_count(JsonLineReader& line);
  storage::KeptMessage read_message(JsonLineReader& line, Texts& texts) const;
  storage::PeerId inbox(JsonLineReader& line, std::string_view member) const;

  storage::RowSink& sink_;
  std::map<std::string, storage::PeerId, std::less<>> inboxes_;
  DumpCounts counts_;
  bool has_settings_ = false;
  bool ended_ = false;
};

}  // namespace ipcm
