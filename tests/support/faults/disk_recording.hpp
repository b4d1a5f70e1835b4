// SPDX-License-Identifier: MIT
// A note taken of everything that reaches the disk.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "support/faults/system_calls.hpp"

namespace test {

/// One thing that happened to a file, or to the names in its folder.
struct DiskEvent {
  enum class Kind { create, write, truncate, sync, remove, rename, sync_folder } kind = Kind::write;
  std::string name;         ///< of the file, without its folder; as it was when it was opened
  ino_t file = 0;           ///< which file it is, whatever its name
  std::int64_t offset = 0;  ///< of a write; the new size of a truncation
  std::string bytes;        ///< of a write
  std::string new_name;     ///< of a rename
};

/// While it lives, what this process does to the files of one folder is recorded, by all threads, in the order in which
/// it happened: by SQLite and by ipcm. Shared memory and the file of locks are not: they do not survive a crash. One at
/// a time.
class DiskRecording : public SystemCallWatcher {
 public:
  explicit DiskRecording(const std::string& folder);
  ~DiskRecording() override;
  DiskRecording(const DiskRecording&) = delete;
  DiskRecording& operator=(const DiskRecording&) = delete;

  /// From now on a sync returns at once and does nothing: the seeded bug.
  void ignore_syncs() noexcept { ignores_syncs_ = true; }
  /// From now on every sync fails.
  void fail_syncs() noexcept { fails_syncs_ = true; }

  /// How many events there are.
  std::size_t now() const;
  std::vector<DiskEvent> events() const;

  long around(const SystemCall& call, Doing act) noexcept override;

 private:
  struct Open {
    std::string name;  // empty: the folder itself
    ino_t file = 0;
  };

  std::string name_of(const char* path) const;
  long open(const SystemCall& call, Doing act);
  long rename(const SystemCall& call, Doing act);
  long remove(const SystemCall& call, Doing act);
  long sync(const Open& file, Doing act);
  long change(const Open& file, const SystemCall& call, Doing act);

  const std::string folder_;
  mutable std::mutex mutex_;
  std::map<int, Open> open_;  // by descriptor
  std::vector<DiskEvent> events_;
  std::atomic<bool> ignores_syncs_{false};
  std::atomic<bool> fails_syncs_{false};
};

}  // namespace test
