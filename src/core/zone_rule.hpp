// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace ipcm {

/// When clocks are changed, as a rule for every year: a TZ string of POSIX, such as "CET-1CEST,M3.5.0,M10.5.0/3", which
/// stands at the end of a time zone file for the time after its last listed change (RFC 8536, section 3.3).
class ZoneRule {
 public:
  /// Nothing where the text is not such a string, or is of a zone whose clocks are never changed. Hours of a change are
  /// -167 to 167, as RFC 8536 extends them.
  static std::optional<ZoneRule> parse(std::string_view text);

  /// A stretch of time in which local time is UTC + offset.
  struct Period {
    std::chrono::seconds offset;
    std::chrono::sys_seconds end;  ///< the first instant after it
  };
  Period period_at(std::chrono::sys_seconds time) const;

 private:
  /// A day of each year and a time on it, by the clock that goes until then.
  struct Change {
    enum class Day { OfMonth, WithoutLeapDay, WithLeapDay };  // Mm.w.d; Jn, from 1; n, from 0
    std::chrono::local_seconds in(std::chrono::year year) const;

    Day day;
    int number;  // of the day, or of the week in the month, where 5 is the last
    unsigned month;
    unsigned weekday;  // 0 is Sunday
    std::chrono::seconds time;
  };
  class Parser;

  std::chrono::seconds standard_;
  std::chrono::seconds summer_;
  Change to_summer_;
  Change to_standard_;
};

}  // namespace ipcm
