// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/function_ref.hpp"
#include "platform/file_size_limit.hpp"
#include "platform/fork.hpp"
#include "platform/range_lock.hpp"
#include "platform/shared_page.hpp"
#include "storage/sqlite/route_path.hpp"
#include "storage/sqlite/tail_notes.hpp"

namespace ipcm::storage::sqlite {

// Which byte of the lock file means what. Processes of different versions meet on one route, so these never change;
// a new meaning gets a new range.
inline constexpr off_t kWriteLockByte = 0;
inline constexpr off_t kNextInLineByte = 1;
/// Shared by clients while they make the folder of their sockets or a socket; exclusive while the route is removed.
inline constexpr off_t kWakeFolderByte = 2;
inline constexpr off_t kPresenceBase = off_t{1} << 32;   ///< + peer id
inline constexpr off_t kMailSleepBase = off_t{2} << 32;  ///< + peer id; see notify/socket_notifier.hpp

// The same holds for what stands where in the file's first page: the hints of the queue of writers from 0 on, and
inline constexpr std::size_t kTailNotesOffset = 1024;   ///< TailNotes
inline constexpr std::size_t kLockFileMarkOffset = 64;  ///< kLockFileMark

/// By which a lock file is recognised, in the page: any other file of that name is not written to.
inline constexpr std::string_view kLockFileMark{"ipcm lock file\0\1", 16};

/// Who had the turn to write last, as the lock file says, which may say anything.
struct TurnHolder {
  std::optional<int> pid;  ///< of a process that runs
  std::uint32_t peer = 0;  ///< its peer id; 0: it has no name
};

/// The name of such a peer, for the text of an error; empty where it is not known.
using NameOfHolder = FunctionRef<std::string(const TurnHolder&)>;

/// The lock file of a route as one connection sees it, and the queue of those who want to write.
///
/// The turn to write is held around every write transaction and around making and removing the route, so that writers
/// queue here instead of failing on SQLite's own lock, which stays underneath for those who do not know this one. Both
/// the turn and the place of the next in line are locks of the kernel, so no death and no content of the file can keep
/// them; a page of the file holds hints that make the queue fast and fair, and that may hold anything.
/// See docs/decisions/0005.
class RouteLocks {
 public:
  /// Makes the file where it is missing. Throws Error: Unsafe if there is one that is not a lock file.
  RouteLocks(const RoutePath& path, const platform::Access& access);

  /// Whether a file with this beginning, of at most a page, and this size is a lock file, or may become one: it is
  /// empty, or was made and not used yet.
  static bool is_lock_file(std::string_view beginning, std::uint64_t size) noexcept;

  platform::RangeLockFile& file() noexcept { return file_; }

  /// Who had the turn last, by a copy of the file's first page.
  static TurnHolder holder_in(const void* page) noexcept;

  /// What was given out last, as it stands there now: a copy, good until the next call. With the write lock it is the
  /// copy that was made when it was taken.
  TailNotes tail_notes() const noexcept;
  /// With the write lock: notes what a commit appended last. Returns the note's serial, 0 if nothing can be noted.
  std::uint64_t note(const TailOrigin& origin, const Appended& appended, double time) noexcept;
  /// The commit of that note has been synced. Does nothing once other notes have taken its place.
  void mark_synced(std::uint64_t serial) noexcept;
  /// With the turn, before the inbox is removed: nobody may miss its messages then, not even after a power loss.
  void forget_tail_of(std::int64_t inbox) noexcept;
  /// The same for all inboxes.
  void forget_tail() noexcept;

  /// As it was when this was made.
  bool has_file_size_limit() const noexcept { return has_file_size_limit_; }

  /// The peer that others are told about while this connection has the turn; 0: none.
  void set_peer(std::uint32_t peer) noexcept { peer_ = peer; }

  /// How long this connection may take one turn after another while others wait. Zero, the default, gives way after
  /// each: right where the writer has the disk to wait for anyway.
  void set_quantum(std::chrono::microseconds quantum) noexcept { quantum_ = quantum; }

 private:
  friend class WriteTurn;
  /// What other connections should know of the queue of writers, at the start of the page. Any value is harmless: the
  /// worst that a wrong one does is a nap.
  struct Hints {
    std::uint32_t turns = 0;       ///< changes when a turn ends that a writer waits for
    std::uint32_t promotions = 0;  ///< changes when the next in line got its turn
    std::uint32_t someone_waits = 0;
    std::uint32_t last_holder = 0;       ///< the mark of a connection
    std::uint32_t last_holder_pid = 0;   ///< for the text of an error
    std::uint32_t last_holder_peer = 0;  ///< the same; 0: none
  };
  struct alignas(8) Notes {
    std::array<std::byte, TailNotes::kSize> bytes{};
  };
  using Time = std::chrono::steady_clock::time_point;

  void lock(std::chrono::milliseconds patience, NameOfHolder name_of);
  void unlock() noexcept;
  bool may_overtake();
  bool wait_in_line(Time deadline);
  void note_holder(const Hints& hints) noexcept;
  void ensure_mark(const void* found) noexcept;
  [[noreturn]] void give_up(std::chrono::milliseconds patience, NameOfHolder name_of) const;
  Hints read_hints() const noexcept;
  void write_hint(std::size_t offset, std::uint32_t value) noexcept;
  void write_notes(const Notes& before, std::size_t unit) noexcept;

  bool has_file_size_limit_ = platform::has_file_size_limit();
  platform::RangeLockFile file_;
  platform::SharedPage page_;
  mutable Notes notes_{};  // a copy
  bool has_write_lock_ = false;
  std::uint32_t self_;  // tells this connection from the others in the page
  std::uint32_t peer_ = 0;
  std::chrono::microseconds quantum_{0};
  Time run_began_{};
};

/// The turn to write, for a scope, in which a write beyond the size of file that this process may have is an error and
/// not its end. Throws Error(Busy) when `patience` runs out, with the holder's pid and, where
/// `name_of` knows it, its name.
class WriteTurn {
 public:
  WriteTurn(
      RouteLocks& locks, std::chrono::milliseconds patience,
      NameOfHolder name_of = [](const TurnHolder&) { return std::string(); })
      : locks_(locks), held_back_(locks.has_file_size_limit()) {
    locks_.lock(patience, name_of);
  }
  ~WriteTurn() { locks_.unlock(); }
  WriteTurn(const WriteTurn&) = delete;
  WriteTurn& operator=(const WriteTurn&) = delete;

 private:
  platform::ForkHold hold_;  // others that a fork waits for may wait for the turn
  RouteLocks& locks_;
  platform::FileSizeSignalHeldBack held_back_;
};

}  // namespace ipcm::storage::sqlite
