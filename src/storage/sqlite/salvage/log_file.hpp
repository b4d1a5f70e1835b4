// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "platform/readable_file.hpp"
#include "storage/sqlite/route_path.hpp"
#include "storage/sqlite/salvage/bytes.hpp"

namespace ipcm::storage::sqlite {

/// The pages in a write-ahead log, which is not believed: it is read as SQLite reads it, up to the last commit before
/// the first frame whose checksum is wrong. https://www.sqlite.org/fileformat2.html#the_write_ahead_log
class LogFile {
 public:
  /// Of a route, whose log may be missing. Throws Error where it cannot be opened.
  explicit LogFile(const RoutePath& route);

  /// How many pages the database has after the last commit; 0: the log has none.
  PageNumber database_pages() const noexcept { return database_pages_; }
  std::size_t page_size() const noexcept { return page_size_; }

  /// False: the page is not in the log.
  bool holds(PageNumber page) const { return places_.contains(page); }
  /// False where it cannot be read any more.
  bool read(PageNumber page, std::vector<std::uint8_t>& into) const;

  /// What is wrong with it, as a sentence; empty: nothing.
  const std::string& problem() const noexcept { return problem_; }

 private:
  struct Checksum {
    std::uint32_t first = 0;
    std::uint32_t second = 0;
    bool operator==(const Checksum&) const = default;
  };

  bool read_header();
  void read_frames();
  void look_beyond(std::uint64_t frame, std::uint64_t cut_off);
  std::uint64_t offset_of(std::uint64_t frame) const noexcept;
  void add(Checksum& sum, Bytes bytes) const noexcept;

  std::optional<platform::ReadableFile> file_;
  std::map<PageNumber, std::uint64_t> places_;
  std::size_t page_size_ = 0;
  std::uint64_t frames_ = 0;
  std::uint64_t salt_ = 0;
  Checksum checksum_;
  bool big_endian_words_ = false;
  PageNumber database_pages_ = 0;
  std::string problem_;
};

}  // namespace ipcm::storage::sqlite
