// SPDX-License-Identifier: MIT
#include "core/zone_rule.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace ipcm {

using std::chrono::hours;
using std::chrono::local_seconds;
using std::chrono::minutes;
using std::chrono::seconds;
using std::chrono::sys_seconds;
using std::chrono::year;

local_seconds ZoneRule::Change::in(year year) const {
  namespace chrono = std::chrono;
  const chrono::month month_of(month);
  const chrono::weekday weekday_of(weekday);
  switch (day) {
    case Day::OfMonth:
      return number == 5 ? chrono::local_days(year / month_of / weekday_of[chrono::last]) + time
                         : chrono::local_days(year / month_of / weekday_of[static_cast<unsigned>(number)]) + time;
    case Day::WithoutLeapDay: {
      const int leap_day = year.is_leap() && number > 59 ? 1 : 0;
      return chrono::local_days(year / chrono::January / 1) + chrono::days(number - 1 + leap_day) + time;
    }
    case Day::WithLeapDay: break;
  }
  return chrono::local_days(year / chrono::January / 1) + chrono::days(number) + time;
}

// Each part is taken from the front of what is left; false or nothing where it does not begin with such a part.
class ZoneRule::Parser {
 public:
  explicit Parser(std::string_view text) : rest_(text) {}

  std::optional<ZoneRule> rule() {
    if (!name()) return {};
    const auto west = time(24);  // POSIX counts what is west of Greenwich
    if (!west || !name()) return {};
    seconds summer = hours{1} - *west;
    if (!rest_.starts_with(',')) {
      const auto summer_west = time(24);
      if (!summer_west) return {};
      summer = -*summer_west;
    }
    const auto to_summer = change();
    const auto to_standard = change();
    if (!to_summer || !to_standard || !rest_.empty()) return {};
    ZoneRule rule;
    rule.standard_ = -*west;
    rule.summer_ = summer;
    rule.to_summer_ = *to_summer;
    rule.to_standard_ = *to_standard;
    return rule;
  }

 private:
  bool is_next(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  // "CET" or "<+1030>"
  bool name() {
    const bool in_brackets = is_next('<');
    const std::string_view allowed = in_brackets ? "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-"
                                                 : "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    const std::size_t length = std::min(rest_.find_first_not_of(allowed), rest_.size());
    rest_.remove_prefix(length);
    return length >= 3 && (!in_brackets || is_next('>'));
  }

  std::optional<int> number(int least, int most) {
    int value = 0;
    const auto [end, problem] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
    if (problem != std::errc() || rest_.starts_with('-') || value < least || value > most) return {};
    rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
    return value;
  }

  // "2", "-1", "+12:45", "3:30:15"
  std::optional<seconds> time(int most_hours) {
    const bool negative = is_next('-');
    if (!negative) static_cast<void>(is_next('+'));
    const auto whole_hours = number(0, most_hours);
    if (!whole_hours) return {};
    seconds time = hours{*whole_hours};
    if (is_next(':')) {
      const auto whole_minutes = number(0, 59);
      if (!whole_minutes) return {};
      time += minutes{*whole_minutes};
      if (is_next(':')) {
        const auto whole_seconds = number(0, 59);
        if (!whole_seconds) return {};
        time += seconds{*whole_seconds};
      }
    }
    return negative ? -time : time;
  }

  // ",M3.5.0/2"; "/2" may be left out
  std::optional<Change> change() {
    if (!is_next(',')) return {};
    Change change{Change::Day::WithLeapDay, 0, 0, 0, hours{2}};
    if (is_next('M')) {
      const auto month = number(1, 12);
      const auto week = month && is_next('.') ? number(1, 5) : std::nullopt;
      const auto weekday = week && is_next('.') ? number(0, 6) : std::nullopt;
      if (!weekday) return {};
      change.day = Change::Day::OfMonth;
      change.number = *week;
      change.month = static_cast<unsigned>(*month);
      change.weekday = static_cast<unsigned>(*weekday);
    } else {
      const bool without_leap_day = is_next('J');
      const auto day = without_leap_day ? number(1, 365) : number(0, 365);
      if (!day) return {};
      if (without_leap_day) change.day = Change::Day::WithoutLeapDay;
      change.number = *day;
    }
    if (is_next('/')) {
      const auto at = time(167);
      if (!at) return {};
      change.time = *at;
    }
    return change;
  }

  std::string_view rest_;
};

std::optional<ZoneRule> ZoneRule::parse(std::string_view text) {
  return Parser(text).rule();
}

ZoneRule::Period ZoneRule::period_at(sys_seconds time) const {
  const year this_year = std::chrono::year_month_day(std::chrono::floor<std::chrono::days>(time)).year();
  // A change at an hour far from its day may fall into the year before or after.
  std::array<std::pair<sys_seconds, seconds>, 8> changes;  // when, and the offset from then on
  auto next = changes.begin();
  for (const int offset : {-2, -1, 0, 1}) {
    const year of_change = this_year + std::chrono::years{offset};
    *next++ = {sys_seconds{to_summer_.in(of_change).time_since_epoch() - standard_}, summer_};
    *next++ = {sys_seconds{to_standard_.in(of_change).time_since_epoch() - summer_}, standard_};
  }
  std::ranges::stable_sort(changes, {}, &std::pair<sys_seconds, seconds>::first);
  const auto after = std::ranges::upper_bound(changes, time, {}, &std::pair<sys_seconds, seconds>::first);
  return {std::prev(after)->second, after->first};
}

}  // namespace ipcm
