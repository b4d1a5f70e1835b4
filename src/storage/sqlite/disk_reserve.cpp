// SPDX-License-Identifier: MIT
#include "storage/sqlite/disk_reserve.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <cstdint>
#include <limits>

#include <ipcm/error.hpp>

#include "platform/file_facts.hpp"
#include "storage/sqlite/engine_error.hpp"
#include "storage/sqlite/file_format.hpp"

namespace ipcm::storage::sqlite {
namespace {

// Taking or claiming a message of 20 KB writes 10 to 20 pages to the log.
constexpr std::int64_t kReservedPages = 64;
// More than senders can store between two looks, so that the reserve is held before it is needed.
constexpr std::int64_t kScarce = 64 << 20;

// What senders leave free on the file system: a process that opens the route makes a log and its index.
constexpr std::int64_t kLeftFree = 256 << 10;

sqlite3_file* file_of(sqlite3* database, int which) noexcept {
  sqlite3_file* file = nullptr;
  sqlite3_file_control(database, "main", which, &file);
  return file == nullptr || file->pMethods == nullptr ? nullptr : file;
}

// How much the file lacks to be that large.
std::int64_t lacking(sqlite3_file* file, std::int64_t bytes) noexcept {
  sqlite3_int64 size = 0;
  if (file == nullptr || file->pMethods->xFileSize(file, &size) != SQLITE_OK) return 0;
  return std::max<std::int64_t>(bytes - size, 0);
}

// Makes the file at least that large, by SQLite, as another descriptor of it could lose SQLite's locks. Returns false
// if there is no space; other failures are left to the commit.
bool make_room(sqlite3_file* file, std::int64_t bytes) noexcept {
  if (file == nullptr) return true;
  int chunk = kPageBytes;  // without one the hint would do nothing; with it a checkpoint would round the file up
  sqlite3_int64 size = bytes;
  file->pMethods->xFileControl(file, SQLITE_FCNTL_CHUNK_SIZE, &chunk);
  const int result = file->pMethods->xFileControl(file, SQLITE_FCNTL_SIZE_HINT, &size);
  chunk = 0;
  file->pMethods->xFileControl(file, SQLITE_FCNTL_CHUNK_SIZE, &chunk);
  if (result == SQLITE_OK) return true;
  int error = 0;
  file->pMethods->xFileControl(file, SQLITE_FCNTL_LAST_ERRNO, &error);
  return !is_lack_of_space(error);
}

std::int64_t with_reserve(std::int64_t pages, std::int64_t free_pages) noexcept {
  return (pages + std::max<std::int64_t>(kReservedPages - free_pages, 0)) * kPageBytes;
}

}  // namespace

DiskReserve::DiskReserve(SQLite::Database& database, const std::string& path)
    : path_(path),
      database_(database),
      page_count_(database, "PRAGMA page_count"),
      free_count_(database, "PRAGMA freelist_count") {}

DiskReserve::Pages DiskReserve::count_pages() {
  Use all(page_count_);
  Use free(free_count_);
  return {all.step() ? all.integer(0) : 0, free.step() ? free.integer(0) : 0};
}

void DiskReserve::hold(std::size_t bytes, bool sends) {
  if (unchecked_ >= kCheckEvery) {
    unchecked_ = 0;
    is_scarce_ = free_bytes() < kScarce;
    if (!is_scarce_) return;
  }
  if (sends ? make_room_for_sender(bytes) : make_room_for_pages()) return;
  throw Error(ErrorCode::RouteFull,
              sends ? "cannot store messages in " + path_ +
                          ": the file system is full, but for what the route holds so that messages can be taken. Take "
                          "messages, or make room on the file system; nothing was stored."
                    : "cannot write to " + path_ +
                          ": the file system is full, and this would need more than the route holds so that messages "
                          "can be taken. Take or claim fewer messages at a time, or make room; nothing was changed.");
}

std::int64_t DiskReserve::free_bytes() const {
  constexpr std::uint64_t kMost = std::numeric_limits<std::int64_t>::max();
  const auto file_system = platform::file_system_of(path_);
  return static_cast<std::int64_t>(file_system ? std::min(file_system->free_bytes, kMost) : kMost);
}

bool DiskReserve::make_room_for_sender(std::size_t bytes) {
  const Pages pages = count_pages();
  sqlite3_file* const database = file_of(database_.getHandle(), SQLITE_FCNTL_FILE_POINTER);
  sqlite3_file* const log = file_of(database_.getHandle(), SQLITE_FCNTL_JOURNAL_POINTER);
  const std::int64_t database_size = with_reserve(pages.all, pages.free);
  constexpr std::int64_t kLogSize = kLogHeaderBytes + kReservedPages * (kFrameHeaderBytes + kPageBytes);
  const std::int64_t more = lacking(database, database_size) + lacking(log, kLogSize);
  if (more == 0) return true;
  if (free_bytes() < more + static_cast<std::int64_t>(bytes) + kLeftFree) return false;
  return make_room(log, kLogSize) && make_room(database, database_size);
}

bool DiskReserve::make_room_for_pages() {
  return make_room(file_of(database_.getHandle(), SQLITE_FCNTL_FILE_POINTER), count_pages().all * kPageBytes);
}

void DiskReserve::restore() noexcept {
  if (!is_scarce_) return;
  try {
    const Pages pages = count_pages();
    make_room(file_of(database_.getHandle(), SQLITE_FCNTL_FILE_POINTER), with_reserve(pages.all, pages.free));
  } catch (const std::exception&) {  // the next sender tries it again
  }
}

}  // namespace ipcm::storage::sqlite
