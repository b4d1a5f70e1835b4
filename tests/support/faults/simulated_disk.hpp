// SPDX-License-Identifier: MIT
// Disks as a power loss would leave them.
#pragma once

#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "support/faults/disk_recording.hpp"

namespace test {

/// The files of a folder, by name. One that is not there has no entry.
using Disk = std::map<std::string, std::string>;

/// What was not synced may be on the disk or not, whichever way is the worst for somebody.
enum class Unsynced {
  lost,   ///< all of it
  kept,   ///< none of it is lost
  mixed,  ///< each name and each sector by itself is there or not, at random; some sectors in part
};

/// A disk that is written event by event, and what it holds when the power goes. It keeps what SQLite asks of a disk
/// and no more (https://www.sqlite.org/atomiccommit.html, https://www.sqlite.org/psow.html): a sector may be written in
/// part, from one of its ends on; where a file grows there may be anything before what was written is there; but no
/// byte outside of a write changes. A file that was synced may still have no name: that of its folder needs a sync,
/// too.
class SimulatedDisk {
 public:
  /// With the files of that folder, which are as durable as can be.
  explicit SimulatedDisk(const std::string& folder);

  void apply(const DiskEvent& event);
  Disk after_power_loss(Unsynced fate, std::mt19937& random) const;

 private:
  struct File {
    std::string synced;               // what is on the disk for certain
    std::vector<DiskEvent> unsynced;  // since then
  };
  using Names = std::map<std::string, std::shared_ptr<File>>;
  struct NameChange {
    DiskEvent::Kind kind;
    std::string name;
    std::string new_name;
    std::shared_ptr<File> file;
  };

  static void change(Names& names, const NameChange& change);
  static std::string content_of(const File& file, Unsynced fate, std::mt19937& random);

  std::map<ino_t, std::shared_ptr<File>> files_;
  Names names_;                       // as programs see them
  Names durable_names_;               // that are on the disk for certain
  std::vector<NameChange> unsynced_;  // since then
};

/// Puts the files into a folder.
void write_disk(const Disk& disk, const std::string& folder);

}  // namespace test
