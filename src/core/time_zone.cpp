// SPDX-License-Identifier: MIT
#include "core/time_zone.hpp"

#include <date/tz.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <memory>
#include <new>
#include <system_error>

#include <ipcm/error.hpp>

#include "core/names.hpp"

namespace ipcm {
namespace {

constexpr std::string_view kUtc = "UTC";
constexpr std::string_view kDatabase = "/usr/share/zoneinfo";
constexpr std::size_t kLongestRule = 256;  // with its two line feeds; the longest of the database of 2025 has 45

/// Names come from strangers, and the database is a folder.
bool looks_like_a_name(std::string_view text) {
  constexpr std::string_view kAllowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/";
  return !text.empty() && text.size() <= kMaxNameBytes && text.front() != '/' &&
         text.find_first_not_of(kAllowed) == std::string_view::npos;
}

struct Close {
  void operator()(std::FILE* file) const { static_cast<void>(std::fclose(file)); }
};
using File = std::unique_ptr<std::FILE, Close>;

// Null: it is not there, or may not be read. A zone that is not read for lack of a descriptor is not one that is not
// there.
File open(const std::string& path) {
  if (File file{std::fopen(path.c_str(), "re")}) return file;
  const int problem = errno;
  if (problem == EMFILE || problem == ENFILE || problem == ENOMEM) {
    throw Error(ErrorCode::StorageFailure,
                "cannot read " + path + ": " + std::system_category().message(problem) + ".");
  }
  return nullptr;
}

std::string path_of(std::string_view name) {
  std::string path(kDatabase);  // in steps: GCC 14 sees an overflow in a sum of these
  path.append("/").append(name);
  return path;
}

// The last line of the zone's file. The date library does not read it: it takes the last offset for one that stays.
std::optional<ZoneRule> read_rule_of(std::string_view name) {
  const File file = open(path_of(name));
  std::array<char, kLongestRule> tail;
  if (!file || std::fseek(file.get(), 0, SEEK_END) != 0) return {};
  const long size = std::ftell(file.get());
  const long tail_size = std::min<long>(size, tail.size());
  if (tail_size <= 0 || std::fseek(file.get(), -tail_size, SEEK_END) != 0) return {};
  std::string_view text(tail.data(), std::fread(tail.data(), 1, static_cast<std::size_t>(tail_size), file.get()));
  if (!text.ends_with('\n')) return {};  // of version 1, which has none
  text.remove_suffix(1);
  const std::size_t before = text.rfind('\n');
  return before == std::string_view::npos ? std::nullopt : ZoneRule::parse(text.substr(before + 1));
}

// Read once, as the library reads the zone: who has found it needs no descriptor to find it again. A list that only
// grows, never destroyed, without a mutex, which a child that is forked meanwhile could never lock. Threads that are
// the first at the same time each add the same.
std::optional<ZoneRule> rule_of(std::string_view name) {
  struct Known {
    std::string name;
    std::optional<ZoneRule> rule;
    const Known* next;
  };
  static std::atomic<const Known*> all{nullptr};
  for (const Known* known = all.load(std::memory_order_acquire); known != nullptr; known = known->next) {
    if (known->name == name) return known->rule;
  }
  auto* const added = new Known{std::string(name), read_rule_of(name), all.load(std::memory_order_relaxed)};
  while (!all.compare_exchange_weak(added->next, added, std::memory_order_release, std::memory_order_relaxed)) {}
  return added->rule;
}

// Those trees repeat the others; the library leaves them out.
bool is_of_a_tree_left_out(std::string_view name) {
  return name.starts_with("posix/") || name.starts_with("right/");
}

// Up to the slash before the last part; "" for the database's own folder.
std::string_view folder_of(std::string_view name) {
  const std::size_t slash = name.rfind('/');
  if (slash == std::string_view::npos) return {};
  const std::size_t last = name.find_last_not_of('/', slash);
  return name.substr(0, last + 1);
}

bool is_in(std::string_view name, std::string_view folder) {
  if (folder.empty()) return name.find('/') == std::string_view::npos;
  return name.size() > folder.size() && name.starts_with(folder) && name[folder.size()] == '/';
}

// Whether the library's list has anything of that folder. It leaves out a folder that it cannot open.
bool is_listed(std::string_view folder) {
  try {
    return std::ranges::any_of(date::get_tzdb().zones,
                               [&](const date::time_zone& zone) { return is_in(zone.name(), folder); });
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception&) {  // there is no list
    return false;
  }
}

// Null: it is not there, or cannot be read. The library reads the list of zones once, and keeps one that came out empty
// or in part.
const date::time_zone* located(std::string_view name) {
  static std::atomic<bool> list_was_read{false};
  if (!list_was_read) static_cast<void>(open(std::string(kDatabase)));
  try {
    const date::time_zone* zone = date::locate_zone(name);
    list_was_read = true;
    zone->get_info(std::chrono::sys_seconds{});  // reads it
    return zone;
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception&) {
    return nullptr;
  }
}

}  // namespace

TimeZone TimeZone::find(std::string_view name) {
  if (name == kUtc) return {kUtc, nullptr, std::nullopt};
  if (!looks_like_a_name(name)) {
    throw Error(ErrorCode::InvalidArgument,
                in_quotes(name) + " is not the name of a time zone; they look like \"Europe/Berlin\" or \"UTC\"");
  }
  if (const date::time_zone* zone = located(name)) return {name, zone, rule_of(name)};
  const std::string path = path_of(name);
  const bool is_there = open(path) != nullptr;
  if (const date::time_zone* zone = located(name)) {  // if a descriptor was lacking, it is there again
    return {name, zone, rule_of(name)};
  }
  if (is_there && !is_of_a_tree_left_out(name) && !is_listed(folder_of(name))) {
    throw Error(ErrorCode::StorageFailure,
                "the folder of " + path +
                    " could not be read when this process first needed a time zone: descriptors were lacking, or a "
                    "right to read it. Start the program again.");
  }
  throw Error(ErrorCode::InvalidArgument,
              "the time zone " + in_quotes(name) + " is not in this machine's database, " + std::string(kDatabase) +
                  "; names are spelled as there, e.g. \"Europe/Berlin\"; if nothing is there, install tzdata, or use "
                  "\"UTC\"");
}

std::string TimeZone::local_name() {
  if (const char* variable = std::getenv("TZ")) {
    std::string_view name = variable;
    if (name.starts_with(':')) name.remove_prefix(1);  // tzset(3)
    if (name.empty()) return std::string(kUtc);
    try {
      return find(name).name();
    } catch (const Error& error) {
      if (error.code() != ErrorCode::InvalidArgument) throw;
      // A file, or a rule such as CET-1CEST.
    }
  }
  try {
    return find(date::current_zone()->name()).name();
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const Error& error) {
    if (error.code() != ErrorCode::InvalidArgument) throw;
    return std::string(kUtc);
  } catch (const std::exception&) {
    return std::string(kUtc);
  }
}

TimeZone::Period TimeZone::period_at(std::chrono::sys_seconds time) const {
  if (zone_ == nullptr) return {std::chrono::seconds{0}, std::chrono::sys_seconds::max()};
  const date::sys_info info = zone_->get_info(time);
  const bool is_last = info.end >= date::sys_days(date::year::max() / date::December / 31);  // how the library says it
  return is_last && rule_ ? rule_->period_at(time) : Period{info.offset, info.end};
}

std::chrono::sys_seconds TimeZone::first_instant(std::chrono::local_seconds local) const {
  // A day before it in UTC is before it in every zone.
  std::chrono::sys_seconds from{local.time_since_epoch() - std::chrono::days{1}};
  for (;;) {
    const Period period = period_at(from);
    const std::chrono::sys_seconds instant{local.time_since_epoch() - period.offset};
    if (instant < period.end) return std::max(instant, from);
    from = period.end;
  }
}

}  // namespace ipcm
