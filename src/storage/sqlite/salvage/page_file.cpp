// SPDX-License-Identifier: MIT
#include "storage/sqlite/salvage/page_file.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <string_view>

#include <ipcm/error.hpp>

#include "platform/file.hpp"
#include "storage/sqlite/engine_error.hpp"
#include "storage/sqlite/route_database.hpp"

namespace ipcm::storage::sqlite {
namespace {

constexpr std::size_t kUsualPageSize = 4096;
constexpr std::string_view kFileMagic{"SQLite format 3\0", 16};

const RoutePath& require_file(const RoutePath& path) {
  const auto file = path.status_of(path.database());
  if (!file) throw Error(ErrorCode::RouteMissing, "there is no route at " + path.database() + ".");
  if (file->is_file()) return path;
  throw Error(ErrorCode::NotARoute, path.database() + " is not an ipcm route: it is not a regular file.");
}

}  // namespace

// A descriptor of our own would, once closed, drop the locks of any connection that this process has to the file.
struct PageFile::Engine {
  explicit Engine(const RoutePath& path) : database(require_file(path), RouteDatabase::Mode::read) {
    sqlite3_file_control(database.handle(), "main", SQLITE_FCNTL_FILE_POINTER, &file);
  }

  bool read(std::uint64_t offset, std::vector<std::uint8_t>& into) const {
    if (file == nullptr || file->pMethods == nullptr) return false;
    return file->pMethods->xRead(file, into.data(), static_cast<int>(into.size()),
                                 static_cast<sqlite3_int64>(offset)) == SQLITE_OK;
  }

  RouteDatabase database;
  RouteDatabase::Use use{database};  // by the one thread that salvages
  sqlite3_file* file = nullptr;
};

PageFile::PageFile(const RoutePath& path) try
    : engine_(std::make_unique<Engine>(path)),
      log_(path),
      page_size_(log_.page_size() != 0 ? log_.page_size() : kUsualPageSize),
      file_size_(path.size_of(path.database())),
      data_(platform::data_extents_apart(path.folder(), platform::name_in(path.database()))) {
  if (!log_.problem().empty()) problems_.push_back(log_.problem());
  look_at_header();
} catch (const SQLite::Exception& failure) {
  throw translate(failure, nullptr, "cannot open " + path.database());
}

PageFile::~PageFile() = default;

void PageFile::look_at_header() {
  std::vector<std::uint8_t> header(100);
  const bool from_log = log_.holds(1) && log_.read(1, header);
  bool believed = from_log || engine_->read(0, header);
  believed = believed && std::memcmp(header.data(), kFileMagic.data(), kFileMagic.size()) == 0;
  if (believed && log_.page_size() == 0) {
    const std::size_t size = big_endian_16(header, 16) == 1 ? 65536 : big_endian_16(header, 16);
    const bool is_size = size >= 512 && (size & (size - 1)) == 0;
    // Routes are made with the usual one. Where somebody has changed that, the number of pages agrees.
    believed = is_size && (size == kUsualPageSize || size * std::uint64_t{big_endian_32(header, 28)} == file_size_);
    if (believed) page_size_ = size;
  }
  constexpr std::uint64_t kMost = std::numeric_limits<PageNumber>::max() - 1;
  const auto pages = static_cast<PageNumber>(std::min(file_size_ / page_size_, kMost));
  page_count_ = std::max(pages, std::min(log_.database_pages(), pages + (1U << 24U)));
  if (!believed) {
    problems_.emplace_back("The beginning of the file is damaged.");
    return;
  }
  first_free_page_ = big_endian_32(header, 32);
  has_pointer_map_ = big_endian_32(header, 52) != 0;
  const PageNumber committed = log_.database_pages();
  const PageNumber expected = committed != 0 ? committed : big_endian_32(header, 28);
  if (expected > pages && !log_.holds(expected)) {
    problems_.push_back("The file ends after " + std::to_string(pages) + " of " + std::to_string(expected) + " pages.");
  }
  if (committed != 0) page_count_ = std::min(page_count_, committed);  // what comes after them was given back
}

bool PageFile::is_hole(PageNumber page) const noexcept {
  const std::uint64_t begin = (std::uint64_t{page} - 1) * page_size_;
  const auto next = std::ranges::upper_bound(data_, begin, {}, &platform::Extent::end);  // the first that ends later
  return (next == data_.end() || next->begin >= begin + page_size_) && !log_.holds(page);
}

bool PageFile::read(PageNumber page, std::vector<std::uint8_t>& into) const {
  if (page == 0 || page > page_count_) return false;
  if (log_.holds(page)) return log_.read(page, into);
  into.resize(page_size_);
  return engine_->read((std::uint64_t{page} - 1) * page_size_, into);
}

}  // namespace ipcm::storage::sqlite
