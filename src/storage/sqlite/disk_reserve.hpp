// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include <SQLiteCpp/Database.h>

#include "storage/sqlite/statement.hpp"

namespace ipcm::storage::sqlite {

/// Keeps a route on a full disk such that its messages can be taken: while there is little space, the route's own files
/// hold what a take needs.
///
/// Invariant, while space is scarce: the database file is as large as its pages, those that are only in the log
/// included; with its free pages it has room for 64 more, and the log has, too. So the log can be moved into the
/// database file and begun anew without any space. Senders must leave this reserve alone, and 256 KB of the file
/// system; those who take or move messages may use it.
///
/// One thread at a time, with the write lock. Throws SQLite::Exception.
class DiskReserve {
 public:
  /// `path`: of the database file. Both must live longer.
  DiskReserve(SQLite::Database& database, const std::string& path);

  /// To be called in a transaction that is about to commit and has stored `bytes` of content, `sends` if some of them
  /// are new messages. Throws Error(RouteFull) if it sends and the reserve cannot be held, or if the database file
  /// cannot be as large as its pages. Looks at the file system each kCheckEvery bytes only.
  void require(std::size_t bytes, bool sends) {
    if (bytes == 0 && !sends) return;
    unchecked_ += bytes + kBytesAround;
    if (is_scarce_ || unchecked_ >= kCheckEvery) hold(bytes, sends);
  }

  /// To be called after a checkpoint, which cuts the database file off behind its last page.
  void restore() noexcept;

  /// To be called once a write has found no space.
  void note_lack() noexcept { is_scarce_ = true; }

 private:
  struct Pages {
    std::int64_t all = 0;
    std::int64_t free = 0;
  };

  void hold(std::size_t bytes, bool sends);
  std::int64_t free_bytes() const;
  Pages count_pages();
  bool make_room_for_sender(std::size_t bytes);
  bool make_room_for_pages();

  static constexpr std::size_t kCheckEvery = 16 << 10;
  static constexpr std::size_t kBytesAround = 100;  // of a message, beside its content

  const std::string& path_;
  SQLite::Database& database_;
  LazyStatement page_count_;
  LazyStatement free_count_;
  std::size_t unchecked_ = kCheckEvery;
  bool is_scarce_ = false;
};

}  // namespace ipcm::storage::sqlite
