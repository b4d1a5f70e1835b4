// SPDX-License-Identifier: MIT
// SQLite's own VFS, with a note taken of everything that reaches a file, and disks as a power loss would leave them.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

namespace test {

/// One thing that happened to a file of the database.
struct FileEvent {
  enum class Kind { write, truncate, sync, remove } kind = Kind::write;
  std::string file;         ///< its path
  std::int64_t offset = 0;  ///< of a write; the new size of a truncation
  std::string bytes;        ///< of a write
};

/// While it lives, every SQLite connection that this process opens is recorded: what is written, cut off, synced and
/// removed, by all threads, in the order in which it happened. The shared memory beside the log is not: it does not
/// survive a crash. One at a time.
class DiskRecording {
 public:
  DiskRecording();
  ~DiskRecording();
  DiskRecording(const DiskRecording&) = delete;
  DiskRecording& operator=(const DiskRecording&) = delete;

  /// From now on a sync returns at once and does nothing: the seeded bug.
  void ignore_syncs();
  /// From now on every sync fails.
  void fail_syncs();

  /// How many events there are.
  std::size_t now() const;
  std::vector<FileEvent> events() const;

 private:
  struct Vfs;
  std::unique_ptr<Vfs> vfs_;
};

/// The files of a disk, by path. One that is not there has no entry.
using Disk = std::map<std::string, std::string>;

/// What was not synced may be on the disk or not, whichever way is the worst for somebody.
enum class Unsynced {
  lost,   ///< all of it
  kept,   ///< none of it is lost
  mixed,  ///< each sector by itself is there or not, at random
};

/// A disk that is written event by event, and what it holds when the power goes.
class SimulatedDisk {
 public:
  void apply(const FileEvent& event);
  Disk after_power_loss(Unsynced fate, std::mt19937& random) const;

 private:
  struct File {
    std::string synced;               // what is on the disk for certain
    bool exists = false;              // so is its name
    std::vector<FileEvent> unsynced;  // since then
  };
  std::map<std::string, File> files_;
};

}  // namespace test
