// SPDX-License-Identifier: MIT
#include "storage/sqlite/free_space.hpp"

#include <string>

#include "storage/sqlite/statement.hpp"

namespace ipcm::storage::sqlite {
namespace {

// 4 MB: as much as the log has between two checkpoints, so that a queue that goes up and down moves no pages.
constexpr int kKeptPages = 1024;
// A step of 256 pages took 0.7 ms where the end of the file was free, and 12 ms where pages had to be moved (median, ext4,
// SQLite 3.40, 400 MB of messages of 300 bytes of which nine of ten had left). A quarter of that is no longer than a
// checkpoint.
constexpr int kPagesPerStep = 64;

}  // namespace

FreeSpace::FreeSpace(SQLite::Database& database)
    : free_pages_(database, "PRAGMA freelist_count"),
      vacuum_(database, "PRAGMA incremental_vacuum(" + std::to_string(kPagesPerStep) + ")") {}

bool FreeSpace::step() {
  int free_pages = 0;
  {
    Use count(free_pages_);
    if (count.step()) free_pages = static_cast<int>(count.integer(0));
  }
  if (free_pages > kKeptPages) {
    Use vacuum(vacuum_);
    while (vacuum.step()) {}  // a row, without columns, for every page
    free_pages -= kPagesPerStep;
  }
  const bool more = free_pages > kKeptPages;
  removed_ = more ? kLookEvery : 0;
  return more;
}

}  // namespace ipcm::storage::sqlite
