// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <string>

#include <ipcm/copy.hpp>

#include "client/json_line.hpp"
#include "storage/route_rows.hpp"

namespace ipcm {

/// The version of the format that is written and read: docs/dump-format.md.
inline constexpr std::int64_t kDumpVersion = 1;

/// Writes the rows of a route as lines of JSON. Throws Error(RouteDamaged) for a row that belongs to no inbox, and what
/// the sink throws.
class DumpWriter : public storage::RowSink {
 public:
  /// `sink` must live longer.
  explicit DumpWriter(const LineSink& sink);

  void settings(const storage::RouteSettings& row) override;
  void inbox(const storage::InboxRow& row) override;
  void queue(const storage::QueueRow& row) override;
  void message(const storage::KeptMessage& row) override;
  void later(const storage::KeptLater& row) override;
  void claim(const storage::KeptClaim& row) override;
  void dead(const storage::KeptDead& row) override;
  void dedup(const storage::KeptDedup& row) override;
  void schedule(const storage::KeptSchedule& row) override;
  void count(const storage::KeptCount& row) override;

  /// The last line, without which a dump is not complete.
  DumpCounts finish();

 private:
  void write(JsonLine& line);
  void write_message(JsonLine& line, const storage::KeptMessage& row, std::uint64_t& count);
  const std::string& name_of(storage::PeerId inbox) const;

  const LineSink& sink_;
  std::map<storage::PeerId, std::string> names_;
  DumpCounts counts_;
};

}  // namespace ipcm
