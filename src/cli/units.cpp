// SPDX-License-Identifier: MIT
#include "units.hpp"

#include <array>
#include <charconv>
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

}  // namespace

std::chrono::milliseconds parse_duration(std::string_view text) {
  constexpr std::uint64_t kCentury = 36'525ULL * 86'400'000ULL;
  const auto milliseconds = parse(text, kDurations, kCentury);
  if (!milliseconds) throw UsageError(quoted(text) + " is not a duration such as 500ms, 10s, 5m, 2h or 3d");
  return std::chrono::milliseconds(static_cast<std::int64_t>(*milliseconds));
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

}  // namespace ipcm::cli
