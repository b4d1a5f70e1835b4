// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "platform/read_apart.hpp"
#include "storage/sqlite/route_path.hpp"
#include "storage/sqlite/salvage/bytes.hpp"
#include "storage/sqlite/salvage/log_file.hpp"

namespace ipcm::storage::sqlite {

/// The pages of a database file, with those of its log over them, as far as they can be read: nothing in them is
/// believed, and no byte is ever changed.
class PageFile {
 public:
  /// Throws Error: RouteMissing, NotARoute for what is no file, ReadOnly, StorageFailure.
  explicit PageFile(const RoutePath& path);
  ~PageFile();
  PageFile(const PageFile&) = delete;
  PageFile& operator=(const PageFile&) = delete;

  std::size_t page_size() const noexcept { return page_size_; }
  /// How many pages there are to look at.
  PageNumber page_count() const noexcept { return page_count_; }
  /// The first page of the list of free ones, as the header says; nothing where the header cannot be believed.
  std::optional<PageNumber> first_free_page() const noexcept { return first_free_page_; }

  /// Every route is made with one, but somebody may have changed that.
  bool has_pointer_map() const noexcept { return has_pointer_map_; }

  /// False where it is not there, or not all of it.
  bool read(PageNumber page, std::vector<std::uint8_t>& into) const;
  /// Whether the page lies in a hole of the file and in no log: all of it is zero, and need not be read.
  bool is_hole(PageNumber page) const noexcept;

  /// Whether what was written last is missing.
  bool lacks_the_end_of_the_log() const noexcept { return !log_.problem().empty(); }

  /// What is wrong with the file and the log as such, one sentence each.
  const std::vector<std::string>& problems() const noexcept { return problems_; }

 private:
  struct Engine;

  void look_at_header();

  std::unique_ptr<Engine> engine_;  // the file, through SQLite's own descriptor
  LogFile log_;
  std::size_t page_size_;
  std::uint64_t file_size_ = 0;
  std::vector<platform::Extent> data_;
  PageNumber page_count_ = 0;
  std::optional<PageNumber> first_free_page_;
  bool has_pointer_map_ = true;
  std::vector<std::string> problems_;
};

}  // namespace ipcm::storage::sqlite
