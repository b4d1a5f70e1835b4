// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "storage/store.hpp"

namespace ipcm::storage::sqlite {

/// Of which route a note is, and of which run of the kernel: what was not synced does not outlive that.
struct TailOrigin {
  std::uint64_t route = 0;
  std::uint64_t boot = 0;  ///< 0: the system does not tell

  /// By the route's id, and the run of the kernel that is now.
  static TailOrigin of(std::string_view route_id);

  friend bool operator==(const TailOrigin&, const TailOrigin&) = default;
};

/// What a commit appended last: the number that it gave out in an inbox. Inbox 0: it appended nothing.
struct Appended {
  PeerId inbox = 0;
  std::int64_t number = 0;
  std::int64_t first = 0;  ///< the number of the first of those that went there together; in a note 0
};

/// One note, as it was found.
struct TailNote {
  TailOrigin origin{};
  Appended appended{};
  double time = 0;           ///< seconds since 1970
  bool synced = false;       ///< the commit was on the disk
  std::uint64_t serial = 0;  ///< of the note
};

/// What the last commits gave out, noted beside the database, in the page of the lock file: SQLite does not tell when
/// its log has lost an end, but the numbers of an inbox only grow. So a route whose inbox knows less than a note says
/// has lost commits. See docs/decisions/0014.
///
/// A writer notes with the turn to write, once its commit is done, and marks the note after its sync. Whatever the page
/// holds is harmless: a note whose checksum does not fit is none. Costs no call of the system. Copies are of one page.
class TailNotes {
 public:
  static constexpr std::size_t kSize = 1024;

  /// Where they stand, aligned to 8 bytes; null: nothing is noted or known.
  explicit TailNotes(void* where) noexcept : words_(static_cast<Words*>(where)) {}

  /// With the turn. Returns the note's serial, 0 where nothing can be noted.
  std::uint64_t add(const TailOrigin& origin, const Appended& appended, double time) noexcept;
  /// Its commit has been synced. Does nothing once other notes have taken its place.
  void mark_synced(std::uint64_t serial) noexcept;

  /// With the turn: removes those of that inbox. False: there was none.
  bool forget(PeerId inbox) noexcept;
  /// With the turn: removes all.
  void clear() noexcept;

  /// The note that was added last; with serial 0 where there is none.
  TailNote newest() const noexcept;
  std::vector<TailNote> all() const;

 private:
  struct Slot;
  struct Words;

  static TailNote note_in(const Slot& slot) noexcept;
  Slot& slot_of(std::uint64_t serial) const noexcept;

  Words* words_;
};

}  // namespace ipcm::storage::sqlite
