// SPDX-License-Identifier: MIT
#include "units.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>

#include <ipcm/error.hpp>

#include "errors.hpp"

namespace ipcm::cli {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t factor;
};

constexpr std::array kDurations = {Unit{"ms", 1}, Unit{"s", 1000}, Unit{"m", 60'000}, Unit{"h", 3'600'000},
                                   Unit{"d", 86'400'000}};
constexpr std::array kSizes = {Unit{"", 1}, Unit{"K", 1U << 10U}, Unit{"M", 1U << 20U}, Unit{"G", 1U << 30U}};

std::string quoted(std::string_view text) {
  return "'" + std::string(text) + "'";
}

/// Nothing when it is not a whole number and one of the units, or beyond `highest`.
template <std::size_t N>
std::optional<std::uint64_t> parse(std::string_view text, const std::array<Unit, N>& units, std::uint64_t highest) {
  std::uint64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [after, problem] = std::from_chars(text.data(), end, number);
  if (problem != std::errc()) return std::nullopt;
  const std::string_view name(after, static_cast<std::size_t>(end - after));
  for (const Unit& unit : units) {
    if (unit.name == name && number <= highest / unit.factor) return number * unit.factor;
  }
  return std::nullopt;
}

/// A number at the front of `text`, perhaps with a fraction, and one of the units, which `text` loses; in the unit's
/// smallest part. Sets `has_fraction`.
std::optional<std::uint64_t> take_part(std::string_view& text, std::size_t& unit, bool& has_fraction,
                                       std::uint64_t highest) {
  constexpr std::size_t kMostDigits = 9;
  std::uint64_t whole = 0;
  std::uint64_t fraction = 0;
  std::uint64_t scale = 1;
  const auto [after, problem] = std::from_chars(text.data(), text.data() + text.size(), whole);
  if (problem != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(after - text.data()));
  has_fraction = text.starts_with('.');
  if (has_fraction) {
    const std::string_view digits = text.substr(1, text.find_first_not_of("0123456789", 1) - 1);
    if (digits.empty() || digits.size() > kMostDigits) return std::nullopt;
    std::from_chars(digits.data(), digits.data() + digits.size(), fraction);
    for (std::size_t i = 0; i < digits.size(); ++i) scale *= 10;
    text.remove_prefix(1 + digits.size());
  }
  const std::string_view name = text.substr(0, text.find_first_not_of("dhms"));
  const auto found = std::ranges::find(kDurations, name, &Unit::name);
  if (found == kDurations.end() || whole > highest / found->factor) return std::nullopt;
  if (fraction * found->factor % scale != 0) return std::nullopt;  // less than a millisecond
  text.remove_prefix(name.size());
  unit = static_cast<std::size_t>(found - kDurations.begin());
  return whole * found->factor + fraction * found->factor / scale;
}

/// A number of exactly so many digits at the front of `text`, which loses it and the character `then` after it.
std::optional<int> take_digits(std::string_view& text, std::size_t digits, char then) {
  if (text.size() <= digits || text[digits] != then) return std::nullopt;
  int number = 0;
  const char* const end = text.data() + digits;
  const auto [after, problem] = std::from_chars(text.data(), end, number);
  if (problem != std::errc() || after != end || number < 0) return std::nullopt;
  text.remove_prefix(digits + 1);
  return number;
}

constexpr double kYear2262 = 9'223'372'036.0;  // where the nanoseconds of the system's clock end

std::optional<double> parse_seconds(std::string_view text) {
  double seconds = 0;
  const char* const end = text.data() + text.size();
  const auto [after, problem] = std::from_chars(text.data(), end, seconds, std::chars_format::fixed);
  const bool whole = problem == std::errc() && after == end;
  return whole && seconds >= 0 && seconds < kYear2262 ? std::optional(seconds) : std::nullopt;
}

/// What `text` ends with, and loses: Z, +01:00, -03:30; in seconds east of UTC.
std::optional<int> take_offset(std::string_view& text) {
  if (text.ends_with('Z')) {
    text.remove_suffix(1);
    return 0;
  }
  constexpr std::size_t kLength = 6;
  if (text.size() < kLength) return std::nullopt;
  std::string written(text.substr(text.size() - kLength));
  const char sign = written.front();
  if (sign != '+' && sign != '-') return std::nullopt;
  written += ' ';  // ends the minutes
  std::string_view rest = std::string_view(written).substr(1);
  const auto hours = take_digits(rest, 2, ':');
  const auto minutes = take_digits(rest, 2, ' ');
  if (!hours || !minutes || *hours > 23 || *minutes > 59) return std::nullopt;
  text.remove_suffix(kLength);
  return (sign == '-' ? -1 : 1) * (*hours * 3600 + *minutes * 60);
}

/// 2026-01-31T09:30:00Z, 2026-01-31T09:30:00.125Z or 2026-01-31T09:30:00+01:00
std::optional<double> parse_calendar(std::string_view text) {
  const auto offset = take_offset(text);
  const auto year = take_digits(text, 4, '-');
  const auto month = take_digits(text, 2, '-');
  const auto day = take_digits(text, 2, 'T');
  const auto hour = take_digits(text, 2, ':');
  const auto minute = take_digits(text, 2, ':');
  if (!offset || !year || !month || !day || !hour || !minute || text.size() < 2 || text.size() > 12) {
    return std::nullopt;
  }
  const auto second = parse_seconds(text);
  const bool two_digits = text.size() == 2 || (text.size() > 3 && text[2] == '.');
  const std::chrono::year_month_day date{std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!second || !two_digits || *second >= 61 || !date.ok() || *hour > 23 || *minute > 59) return std::nullopt;
  const auto days = std::chrono::sys_days(date).time_since_epoch().count();
  const double seconds = static_cast<double>(days) * 86'400 + *hour * 3600 + *minute * 60 + *second - *offset;
  return seconds >= 0 && seconds < kYear2262 ? std::optional(seconds) : std::nullopt;
}

}  // namespace

std::chrono::milliseconds parse_duration(std::string_view text) {
  constexpr std::uint64_t kCentury = 36'525ULL * 86'400'000ULL;
  std::string_view rest = text;
  std::uint64_t milliseconds = 0;
  std::size_t last_unit = kDurations.size();
  bool has_fraction = false;
  do {
    std::size_t unit = 0;
    const auto part = has_fraction ? std::nullopt : take_part(rest, unit, has_fraction, kCentury);
    if (!part || unit >= last_unit || milliseconds + *part > kCentury) {
      throw UsageError(quoted(text) + " is not a duration such as 500ms, 0.5s, 10s, 1m30s, 2h or 3d");
    }
    milliseconds += *part;
    last_unit = unit;
  } while (!rest.empty());
  return std::chrono::milliseconds(static_cast<std::int64_t>(milliseconds));
}

std::size_t parse_size(std::string_view text) {
  const auto bytes = parse(text, kSizes, std::numeric_limits<std::size_t>::max());
  if (!bytes || *bytes == 0) throw UsageError(quoted(text) + " is not a size such as 4096, 64K, 16M or 1G");
  return *bytes;
}

Durability parse_durability_word(std::string_view text) {
  try {
    return parse_durability(text);
  } catch (const Error& error) {
    throw UsageError(error.what());
  }
}

NotifierKind parse_notifier_word(std::string_view text) {
  try {
    return parse_notifier_kind(text);
  } catch (const Error& error) {
    throw UsageError(error.what());
  }
}

std::size_t parse_count(std::string_view text) {
  constexpr std::array kPlain = {Unit{"", 1}};
  const auto count = parse(text, kPlain, std::numeric_limits<std::size_t>::max());
  if (!count || *count == 0) throw UsageError(quoted(text) + " is not a whole number from 1 on");
  return *count;
}

int parse_number(std::string_view text, int lowest, int highest) {
  int number = 0;
  const char* const end = text.data() + text.size();
  const auto [after, problem] = std::from_chars(text.data(), end, number);
  if (problem != std::errc() || after != end || number < lowest || number > highest) {
    const bool open = highest == std::numeric_limits<int>::max();
    throw UsageError(quoted(text) + " is not a whole number from " + std::to_string(lowest) +
                     (open ? " on" : " to " + std::to_string(highest)));
  }
  return number;
}

std::chrono::system_clock::time_point parse_time(std::string_view text) {
  const auto seconds = text.find('T') != std::string_view::npos ? parse_calendar(text) : parse_seconds(text);
  if (!seconds) {
    throw UsageError(quoted(text) +
                     " is not a time such as 2026-01-31T09:30:00Z, in UTC, or 2026-01-31T10:30:00+01:00, or seconds "
                     "since 1970");
  }
  const double whole = std::floor(*seconds);  // apart, as both together have more digits than a double
  using WallTime = std::chrono::system_clock::time_point;
  return WallTime(std::chrono::seconds(static_cast<std::int64_t>(whole))) +
         std::chrono::round<WallTime::duration>(std::chrono::duration<double>(*seconds - whole));
}

std::string duration_text(std::chrono::milliseconds duration) {
  const auto milliseconds = static_cast<std::uint64_t>(duration.count());
  const Unit* best = &kDurations.front();
  for (const Unit& unit : kDurations) {
    if (milliseconds >= unit.factor && milliseconds % unit.factor == 0) best = &unit;
  }
  return milliseconds == 0 ? "0s" : std::to_string(milliseconds / best->factor) + std::string(best->name);
}

std::string rough_duration(std::chrono::milliseconds duration) {
  const auto milliseconds = static_cast<std::uint64_t>(std::max<std::int64_t>(duration.count(), 0));
  if (milliseconds < 10'000) {
    return std::to_string(milliseconds / 1000) + "." + std::to_string(milliseconds / 100 % 10) + "s";
  }
  constexpr std::array kHigher = {24U, 60U, 60U};
  for (std::size_t i = kDurations.size() - 1; i > 1; --i) {
    const Unit& unit = kDurations[i];
    if (milliseconds < unit.factor) continue;
    const Unit& below = kDurations[i - 1];
    const std::uint64_t rest = milliseconds / below.factor % kHigher[kDurations.size() - 1 - i];
    const std::string more = rest == 0 ? "" : " " + std::to_string(rest) + std::string(below.name);
    return std::to_string(milliseconds / unit.factor) + std::string(unit.name) + more;
  }
  return std::to_string(milliseconds / 1000) + "s";
}

}  // namespace ipcm::cli
