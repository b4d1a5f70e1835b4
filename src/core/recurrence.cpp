// SPDX-License-Identifier: MIT
#include "core/recurrence.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include <ipcm/error.hpp>

#include "core/names.hpp"

namespace ipcm {
namespace {

using std::chrono::days;
using std::chrono::floor;
using std::chrono::local_days;
using std::chrono::local_seconds;
using std::chrono::minutes;
using std::chrono::seconds;
using std::chrono::sys_days;
using std::chrono::sys_seconds;
using std::chrono::year;
using std::chrono::year_month_day;

constexpr std::string_view kBlanks = " \t";
constexpr unsigned kHoursOfDay = 24;

constexpr std::pair<std::string_view, std::string_view> kNicknames[] = {
    {"@yearly", "0 0 1 1 *"}, {"@annually", "0 0 1 1 *"}, {"@monthly", "0 0 1 * *"}, {"@weekly", "0 0 * * 0"},
    {"@daily", "0 0 * * *"},  {"@midnight", "0 0 * * *"}, {"@hourly", "0 * * * *"}};

constexpr std::string_view kMonthNames[] = {"JAN", "FEB", "MAR", "APR", "MAY", "JUN",
                                            "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"};
constexpr std::string_view kWeekdayNames[] = {"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"};

struct CronField {
  std::string_view name;
  unsigned first;
  unsigned last;
  std::string_view example;
  std::span<const std::string_view> names;  // of first and those after it
};

constexpr CronField kMinute{"minute field", 0, 59, "*/15", {}};
constexpr CronField kHour{"hour field", 0, 23, "8-18/2", {}};
constexpr CronField kDay{"day of month field", 1, 31, "1,15", {}};
constexpr CronField kMonth{"month field", 1, 12, "JAN-MAR", kMonthNames};
constexpr CronField kWeekday{"day of week field", 0, 7, "MON-FRI", kWeekdayNames};

[[noreturn]] void refuse(std::string_view what, std::string_view text, const std::string& reason,
                         std::string_view example) {
  throw Error(ErrorCode::InvalidArgument, "the " + std::string(what) + " " + in_quotes(text) + " " + reason +
                                              "; valid is, e.g., " + in_quotes(example));
}

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  for (std::size_t begin = text.find_first_not_of(kBlanks); begin != std::string_view::npos;) {
    const std::size_t end = text.find_first_of(kBlanks, begin);
    words.push_back(text.substr(begin, end - begin));
    begin = text.find_first_not_of(kBlanks, end);
  }
  return words;
}

std::string_view expression_of(std::string_view nickname) {
  for (const auto& [name, expression] : kNicknames) {
    if (name == nickname) return expression;
  }
  refuse("nickname", nickname, "is none of @yearly, @annually, @monthly, @weekly, @daily, @midnight and @hourly",
         "@daily");
}

bool same_but_for_case(std::string_view one, std::string_view other) {
  const auto upper = [](char c) { return c & ~0x20; };  // of a letter
  return std::ranges::equal(one, other, {}, upper, upper);
}

/// Reads a field: a list of `*`, values and ranges, each perhaps with a step.
class FieldReader {
 public:
  FieldReader(const CronField& field, std::string_view text) : field_(field), text_(text) {}

  std::bitset<60> read() const {
    std::bitset<60> values;
    for (std::size_t begin = 0, end = 0; end != std::string_view::npos; begin = end + 1) {
      end = text_.find(',', begin);
      add(text_.substr(begin, end - begin), values);
    }
    return values;
  }

 private:
  void add(std::string_view part, std::bitset<60>& values) const {
    const std::size_t slash = part.find('/');
    const std::string_view range = part.substr(0, slash);
    const std::size_t dash = range.find('-');
    unsigned first = field_.first;
    unsigned last = field_.last;
    unsigned step = 1;
    if (slash != std::string_view::npos) step = number(part.substr(slash + 1), 1, "the step ");
    if (range != "*") {
      first = value(range.substr(0, dash));
      if (dash != std::string_view::npos) {
        last = value(range.substr(dash + 1));
      } else if (slash == std::string_view::npos) {
        last = first;
      }
    }
    if (first > last) {
      refuse(field_.name, text_, "has a range that runs backwards",
             std::string(range.substr(0, dash)) + "-" + std::to_string(field_.last) + "," +
                 std::to_string(field_.first) + std::string(range.substr(dash)));
    }
    for (unsigned each = first; each <= last; each += step) values.set(each);
  }

  unsigned value(std::string_view text) const {
    const auto name =
        std::ranges::find_if(field_.names, [text](std::string_view each) { return same_but_for_case(each, text); });
    if (name == field_.names.end()) return number(text, field_.first, "");
    return field_.first + static_cast<unsigned>(name - field_.names.begin());
  }

  unsigned number(std::string_view text, unsigned lowest, const std::string& what) const {
    unsigned number = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool is_number = problem == std::errc{} && end == text.data() + text.size();
    if (is_number && number >= lowest && number <= field_.last) return number;
    refuse(field_.name, text_,
           "has " + what + in_quotes(text) + " where a number from " + std::to_string(lowest) + " to " +
               std::to_string(field_.last) + " must be",
           field_.example);
  }

  const CronField& field_;
  std::string_view text_;
};

bool is_in_known_years(sys_seconds time) {
  return time >= sys_days{year{1} / 1 / 1} && time < sys_days{year{10'000} / 1 / 1};
}

}  // namespace

Recurrence Recurrence::parse(std::string_view text) {
  const std::vector<std::string_view> words = words_of(text);
  if (words.empty()) refuse("recurrence", text, "is empty", "30 4 * * MON-FRI");
  Recurrence recurrence;
  recurrence.text_.assign(words.front().data(), words.back().data() + words.back().size());
  if (words.front() == "every") {
    recurrence.read_interval(words);
  } else if (words.front().starts_with('@')) {
    recurrence.read_cron(words_of(expression_of(recurrence.text_)));
  } else {
    recurrence.read_cron(words);
  }
  return recurrence;
}

void Recurrence::read_interval(const std::vector<std::string_view>& words) {
  constexpr std::string_view kUnits = "dhms";
  constexpr int kLengths[] = {86'400, 3'600, 60, 1};
  constexpr std::string_view kExample = "every 1h30m";
  std::string_view rest = words.size() == 2 ? words.back() : std::string_view{};
  std::size_t next_unit = 0;
  do {
    std::uint32_t count = 0;
    const auto [end, problem] = std::from_chars(rest.data(), rest.data() + rest.size(), count);
    const auto length = static_cast<std::size_t>(end - rest.data());
    const std::size_t unit = length < rest.size() ? kUnits.find(rest[length], next_unit) : std::string_view::npos;
    if (problem != std::errc{} || unit == std::string_view::npos) {
      refuse("interval", text_, "is not made of numbers with d, h, m or s, in that order", kExample);
    }
    interval_ += seconds{kLengths[unit]} * count;
    next_unit = unit + 1;
    rest.remove_prefix(length + 1);
  } while (!rest.empty());
  real_time_ = true;
  if (interval_ < seconds{1} || interval_ > days{366}) {
    refuse("interval", text_, "is not from 1 second to 366 days", kExample);
  }
}

void Recurrence::read_cron(const std::vector<std::string_view>& fields) {
  if (fields.size() != 5) {
    refuse("cron expression", text_,
           "has not five fields (minute, hour, day of month, month, day of week) but " + std::to_string(fields.size()),
           "30 4 * * MON-FRI");
  }
  minutes_ = FieldReader(kMinute, fields[0]).read();
  hours_ = FieldReader(kHour, fields[1]).read();
  days_ = FieldReader(kDay, fields[2]).read();
  months_ = FieldReader(kMonth, fields[3]).read();
  weekdays_ = FieldReader(kWeekday, fields[4]).read();
  if (weekdays_[7]) weekdays_.set(0);
  real_time_ = fields[0].starts_with('*') || hours_.count() == kHoursOfDay;
  either_day_ = !fields[2].starts_with('*') && !fields[4].starts_with('*');
  if (!ever_comes()) refuse("cron expression", text_, "never comes: its months have no such day", "0 0 28 2 *");
}

bool Recurrence::ever_comes() const {
  for (unsigned month = 1; month <= 12; ++month) {
    const auto longest = static_cast<unsigned>((year{2000} / month / std::chrono::last).day());
    for (unsigned day = 1; day <= longest; ++day) {
      if (months_[month] && (days_[day] || either_day_)) return true;
    }
  }
  return false;
}

std::optional<sys_seconds> Recurrence::next_after(sys_seconds after, sys_seconds anchor, const TimeZone& zone) const {
  if (!is_in_known_years(after) || !is_in_known_years(anchor)) return std::nullopt;
  if (interval_ > seconds{0}) {
    const seconds since_due = (after - anchor) % interval_;  // negative before the anchor
    return after - since_due + (since_due < seconds{0} ? seconds{0} : interval_);
  }
  return real_time_ ? next_in_real_time(after, zone) : next_by_the_clock(after, zone);
}

std::optional<sys_seconds> Recurrence::next_by_the_clock(sys_seconds after, const TimeZone& zone) const {
  // A later local time never has an earlier first instant, so those up to this one are over.
  auto local = floor<minutes>(local_seconds{after.time_since_epoch() + zone.period_at(after).offset});
  while (const auto match = first_match(local + minutes{1})) {
    if (const sys_seconds due = zone.first_instant(*match); due > after) return due;
    local = *match;
  }
  return std::nullopt;
}

std::optional<sys_seconds> Recurrence::next_in_real_time(sys_seconds after, const TimeZone& zone) const {
  for (sys_seconds from = after + seconds{1};;) {
    const TimeZone::Period period = zone.period_at(from);
    const auto match = first_match(std::chrono::ceil<minutes>(local_seconds{from.time_since_epoch() + period.offset}));
    if (!match) return std::nullopt;
    const sys_seconds due{match->time_since_epoch() - period.offset};
    if (due < period.end) return due;
    from = period.end;
  }
}

std::optional<Recurrence::LocalMinutes> Recurrence::first_match(LocalMinutes from) const {
  local_days day = floor<days>(from);
  minutes time = from - day;
  // February 29 is on a given day of the week every 28 years, and within 40 across a century without a leap year.
  for (const local_days end = day + days{40 * 366}; day < end; day += days{1}, time = minutes{0}) {
    const year_month_day date{day};
    if (!months_[static_cast<unsigned>(date.month())]) {
      day = local_days{date.year() / date.month() / std::chrono::last};
    } else if (is_due_on(day)) {
      if (const auto match = first_time(time)) return day + *match;
    }
  }
  return std::nullopt;
}

bool Recurrence::is_due_on(local_days day) const {
  const bool by_month = days_[static_cast<unsigned>(year_month_day{day}.day())];
  const bool by_week = weekdays_[std::chrono::weekday{day}.c_encoding()];
  return either_day_ ? by_month || by_week : by_month && by_week;
}

std::optional<minutes> Recurrence::first_time(minutes from) const {
  for (auto time = static_cast<unsigned>(from.count()); time < kHoursOfDay * 60;) {
    if (!hours_[time / 60]) {
      time = (time / 60 + 1) * 60;
    } else if (!minutes_[time % 60]) {
      ++time;
    } else {
      return minutes{time};
    }
  }
  return std::nullopt;
}

}  // namespace ipcm
