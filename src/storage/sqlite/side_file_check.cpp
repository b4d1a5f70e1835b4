// SPDX-License-Identifier: MIT
#include "storage/sqlite/side_file_check.hpp"

#include <limits.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <optional>
#include <string_view>

#include <ipcm/error.hpp>

#include "core/names.hpp"
#include "core/route_name.hpp"
#include "platform/file.hpp"
#include "platform/read_apart.hpp"
#include "platform/readable_file.hpp"
#include "storage/sqlite/file_format.hpp"
#include "storage/sqlite/route_file.hpp"
#include "storage/sqlite/route_vfs.hpp"
#include "storage/sqlite/route_view.hpp"

namespace ipcm::storage::sqlite {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t kLongestName = NAME_MAX;
// The longest that is added to a route's path: the journal of its draft.
constexpr std::size_t kLongestEnding = "-unfinished-journal"sv.size();

// https://www.sqlite.org/fileformat2.html#walformat; the lowest bit of the last byte tells the order of bytes.
constexpr std::size_t kSectorBytes = 512;
constexpr std::string_view kLogMagics[] = {"\x37\x7f\x06\x82"sv, "\x37\x7f\x06\x83"sv};
// https://www.sqlite.org/fileformat2.html#the_rollback_journal; zero until the journal is synced.
constexpr std::size_t kJournalHeaderBytes = 28;
constexpr std::string_view kJournalMagic = "\xd9\xd5\x05\xf9\x20\xa1\x63\xd7"sv;
// https://www.sqlite.org/walformat.html#the_wal_index_header
constexpr std::size_t kIndexHeaderBytes = 136;
constexpr std::uint32_t kIndexVersion = 3007000;
constexpr std::uint64_t kIndexStep = 4096;      // it grows by such steps, to a multiple of 32 KiB
constexpr std::uint64_t kUnusedIndexBytes = 3;  // to which SQLite cuts one that nobody uses

bool is_zero(std::string_view bytes) noexcept {
  return std::ranges::all_of(bytes, [](char byte) { return byte == 0; });
}

// A file may end anywhere after a crash.
bool begins_like(std::string_view bytes, std::string_view magic) noexcept {
  return magic.starts_with(bytes.substr(0, magic.size()));
}

// Returns nullopt if the file may not be read: SQLite could not use it, either.
std::optional<std::string> start_of(const RoutePath& route, const std::string& path, std::size_t size) {
  try {
    const auto file = platform::ReadableFile::open(route.folder(), platform::name_in(path));
    if (!file) return std::nullopt;
    std::string bytes(size, '\0');
    bytes.resize(file->read(0, {reinterpret_cast<std::uint8_t*>(bytes.data()), bytes.size()}));
    return bytes;
  } catch (const Error&) {
    return std::nullopt;
  }
}

bool is_log(const RoutePath& route) {
  const auto start = start_of(route, route.write_ahead_log(), kLogHeaderBytes);
  return !start || is_zero(*start) ||
         std::ranges::any_of(kLogMagics, [&](std::string_view magic) { return begins_like(*start, magic); });
}

// Power that fails may leave anything in the first sector of a log that was never synced, and SQLite takes such a log
// for an empty one. No text and no database are left that way.
bool may_be_torn_log(const RoutePath& route) {
  const auto start = start_of(route, route.write_ahead_log(), kSectorBytes);
  const auto is_of_text = [](char byte) {
    const auto code = static_cast<unsigned char>(byte);
    return code >= ' ' || byte == '\n' || byte == '\r' || byte == '\t';
  };
  return start && !start->starts_with(kDatabaseMagic) && !std::ranges::all_of(*start, is_of_text);
}

bool is_journal(const RoutePath& route) {
  const auto start = start_of(route, route.rollback_journal(), kJournalHeaderBytes);
  return !start || begins_like(*start, kJournalMagic) || is_zero(start->substr(0, kJournalMagic.size()));
}

// One that some process uses is what SQLite made of it. Of any other, nothing that is in it is needed.
bool is_index(const RoutePath& route) {
  const std::string path = route.shared_memory();
  const std::uint64_t size = route.size_of(path);
  if (size == 0 || is_in_use(route)) return true;
  if (size != kUnusedIndexBytes && size % kIndexStep != 0) return false;
  const auto start = platform::read_apart(route.folder(), platform::name_in(path), kIndexHeaderBytes);
  std::string version(sizeof kIndexVersion, '\0');
  std::memcpy(version.data(), &kIndexVersion, sizeof kIndexVersion);
  return !start || begins_like(*start, version) || is_zero(*start);
}

// A database of this library as far as it was written, which may be not at all.
bool is_draft(const RoutePath& draft) {
  const auto start = start_of(draft, draft.database(), kDatabaseHeaderBytes);
  if (!start || is_zero(*start)) return true;
  if (start->size() < kDatabaseHeaderBytes || !start->starts_with(kDatabaseMagic)) return false;
  const auto byte = [&](std::size_t at) { return static_cast<std::uint8_t>((*start)[kApplicationIdOffset + at]); };
  const std::uint32_t application = std::uint32_t{byte(0)} << 24U | std::uint32_t{byte(1)} << 16U |
                                    std::uint32_t{byte(2)} << 8U | std::uint32_t{byte(3)};
  return application == static_cast<std::uint32_t>(kApplicationId);
}

std::string text_of(const std::string& path, std::string_view what, const RoutePath& route) {
  return path + " stands where the " + std::string(what) + " of the route " + route.database() +
         " belongs, and is not one";
}

[[noreturn]] void throw_foreign(const std::string& path, std::string_view what, const RoutePath& route) {
  throw Error(ErrorCode::Unsafe, text_of(path, what, route) +
                                     ". It was left as it is, and nothing was stored. Move it, or give the route "
                                     "another name.");
}

[[noreturn]] void throw_not_readable(const std::string& path, std::string_view what, const RoutePath& route) {
  throw Error(
      ErrorCode::RouteDamaged,
      text_of(path, what, route) +
          ": it is another file, or its beginning is damaged. It was left as it is, and nothing was stored. "
          "Another file is to be moved away. If it is damaged, copy all files of the route, and `ipcm salvage " +
          route.database() + " NEW` saves what can be read.");
}

void refuse_if(bool is_foreign, const std::string& path, std::string_view what, const RoutePath& route) {
  if (!is_foreign) return;
  route.is_there(route.database()) ? throw_not_readable(path, what, route) : throw_foreign(path, what, route);
}

}  // namespace

void refuse_foreign_side_files(const RoutePath& path) {
  const auto is_file_at = [&](const std::string& file) {
    const auto status = path.status_of(file);
    if (status && !status->is_file()) throw_foreign(file, "side file", path);
    return status.has_value();
  };
  const std::string log = path.write_ahead_log();
  const std::string journal = path.rollback_journal();
  const std::string index = path.shared_memory();
  if (is_file_at(log)) {
    const bool is_known = is_log(path) || (path.is_there(path.database()) && may_be_torn_log(path));
    refuse_if(!is_known, log, "write-ahead log", path);
  }
  if (is_file_at(journal)) refuse_if(!is_journal(path), journal, "rollback journal", path);
  if (is_file_at(index) && !is_index(path)) throw_foreign(index, "index of the log", path);
}

void refuse_foreign_draft(const RoutePath& draft) {
  const std::string& path = draft.database();
  const auto status = draft.status_of(path);
  if (status && (!status->is_file() || !is_draft(draft))) {
    throw Error(ErrorCode::Unsafe, path +
                                       " has the name under which a route is made first, and is not one that was "
                                       "left unfinished. It was left as it is, and nothing was made. Move it.");
  }
  refuse_foreign_side_files(draft);
}

void require_usable_name(const RoutePath& path) {
  const std::string& text = path.database();
  require_route_name(text);
  const std::string name = std::filesystem::path(text).filename().string();
  if (name.size() + kLongestEnding > kLongestName) {
    throw Error(ErrorCode::InvalidArgument, "the name of the route has " + std::to_string(name.size()) +
                                                " bytes; at most " + std::to_string(kLongestName - kLongestEnding) +
                                                " leave room for the names of the files beside it: " + in_quotes(name) +
                                                ".");
  }
  if (text.size() + kLongestEnding > RouteAddress::longest_path()) throw_path_too_long(path);
}

void throw_path_too_long(const RoutePath& path) {
  const std::string& text = path.database();
  const std::size_t longest = RouteAddress::longest_path();
  const bool is_of_system = longest + 1 == PATH_MAX;
  throw Error(ErrorCode::InvalidArgument,
              "the path of the route has " + std::to_string(text.size()) + " bytes; " +
                  (is_of_system ? "the system" : "where /proc is not mounted, SQLite") + " takes at most " +
                  std::to_string(longest) + ", with the ends of the names of the files beside it, so at most " +
                  std::to_string(longest - kLongestEnding) +
                  ". A symbolic link does not help, as it is followed. The path begins with " + in_quotes(text) + ".");
}

}  // namespace ipcm::storage::sqlite
