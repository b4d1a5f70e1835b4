// SPDX-License-Identifier: MIT
#include "storage/sqlite/free_space.hpp"

#include "storage/sqlite/statement.hpp"

namespace ipcm::storage::sqlite {
namespace {

// 4 MB: as much as the log has between two checkpoints, so that a queue that goes up and down moves no pages.
constexpr int kKeptPages = 1024;
// 256 pages took 0.7 ms where the end of the file was free, and 12 ms where pages had to be moved (median, ext4, SQLite
// 3.40, 400 MB of messages of 300 bytes of which nine of ten had left). A quarter of that is no longer than a
// checkpoint.
constexpr int kPagesPerStep = 64;
constexpr const char* kOneStep = "PRAGMA incremental_vacuum(64)";

}  // namespace

FreeSpace::FreeSpace(SQLite::Database& database)
    : free_pages_(database, "PRAGMA freelist_count"), vacuum_(database, kOneStep) {}

FreeSpace::Step FreeSpace::step() {
  const int free_pages = count_free_pages();
  if (free_pages <= kKeptPages) {
    removed_ = 0;
    return Step::none;
  }
  {
    Use vacuum(vacuum_);
    while (vacuum.step()) {}  // a row, without columns, for every page
  }
  const bool more = free_pages - kPagesPerStep > kKeptPages;
  removed_ = more ? kLookEvery : 0;
  return more ? Step::one_of_many : Step::last;
}

int FreeSpace::count_free_pages() {
  Use count(free_pages_);
  return count.step() ? static_cast<int>(count.integer(0)) : 0;
}

}  // namespace ipcm::storage::sqlite
