// SPDX-License-Identifier: MIT
#pragma once

#include <bitset>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/time_zone.hpp"

namespace ipcm {

/// When something is due again and again: by a cron expression, or at a fixed interval.
///
/// A cron expression is minute, hour, day of month, month and day of week, as in Vixie's crontab(5): `*`, numbers,
/// lists, ranges, steps (`*/n`, `a-b/n`; `a/n` goes on to the field's last), JAN-DEC, SUN-SAT; 0 and 7 are Sunday.
/// Where both day fields are restricted, i.e. neither begins with `*`, one that matches is enough. Short for common
/// ones: @yearly, @annually, @monthly, @weekly, @daily, @midnight, @hourly.
///
/// An interval is from 1 s to 366 days: `every 30s`, `every 5m`, `every 2h`, `every 1d`, and combined, `every 1h30m`. A
/// day is 24 hours.
class Recurrence {
 public:
  /// Throws Error(InvalidArgument), also for what never comes, such as February 30.
  static Recurrence parse(std::string_view text);

  /// Returns true for an interval and for an expression that follows real time; false for times of day.
  bool follows_real_time() const noexcept { return real_time_; }

  /// As it was given, without blanks around it.
  const std::string& text() const noexcept { return text_; }

  /// The first due time after `after`. An interval is due at anchor + k intervals for every integer k: the anchor is a
  /// phase, not a beginning. Nothing where a given time is not in the years 1 to 9999.
  ///
  /// Where clocks are changed, as in cron(8): a local time that is skipped is due at the end of the gap, all that are
  /// skipped together once; one that exists twice is due at its first. But an expression whose minute field begins with
  /// `*`, or for every hour, follows real time: it is due whenever clocks show a time that matches.
  std::optional<std::chrono::sys_seconds> next_after(std::chrono::sys_seconds after, std::chrono::sys_seconds anchor,
                                                     const TimeZone& zone) const;

 private:
  using LocalMinutes = std::chrono::local_time<std::chrono::minutes>;
  using Set = std::bitset<60>;

  void read_interval(const std::vector<std::string_view>& words);
  void read_cron(const std::vector<std::string_view>& fields);
  bool ever_comes() const;
  bool is_due_on(std::chrono::local_days day) const;
  std::optional<std::chrono::minutes> first_time(std::chrono::minutes from) const;
  std::optional<LocalMinutes> first_match(LocalMinutes from) const;
  std::optional<std::chrono::sys_seconds> next_by_the_clock(std::chrono::sys_seconds after, const TimeZone& zone) const;
  std::optional<std::chrono::sys_seconds> next_in_real_time(std::chrono::sys_seconds after, const TimeZone& zone) const;

  std::string text_;
  std::chrono::seconds interval_{0};  // 0: the rest is a cron expression
  Set minutes_;
  Set hours_;
  Set days_;  // of the month
  Set months_;
  Set weekdays_;  // from Sunday, 0
  bool either_day_ = false;
  bool real_time_ = false;
};

}  // namespace ipcm
