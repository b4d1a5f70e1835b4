// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>

#include <SQLiteCpp/Database.h>

#include "storage/sqlite/statement.hpp"

namespace ipcm::storage::sqlite {

/// Gives the space of messages that have left back to the file system, in steps so small that nobody waits for long:
/// SQLite's incremental vacuum moves the last pages of the file into free ones and cuts the file off at the next
/// checkpoint. Some free pages are kept for the messages to come.
///
/// One thread at a time. Throws SQLite::Exception.
class FreeSpace {
 public:
  explicit FreeSpace(SQLite::Database& database);

  /// To be told of what a committed transaction has removed.
  void note_removed(std::size_t bytes) noexcept { removed_ += bytes; }

  /// False while too little was removed since the last look for one to be worth its time.
  bool may_be_due() const noexcept { return removed_ >= kLookEvery; }

  enum class Step { none, one_of_many, last };

  /// Outside a transaction, with the turn to write: takes a step, if there is something to give back.
  Step step();

 private:
  int count_free_pages();

  // In bytes of contents. The first look is due at the first removal: nobody knows what others left behind.
  static constexpr std::size_t kLookEvery = std::size_t{1} << 20;

  LazyStatement free_pages_;
  LazyStatement vacuum_;
  std::size_t removed_ = kLookEvery - 1;
};

}  // namespace ipcm::storage::sqlite
