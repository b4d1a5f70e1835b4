// SPDX-License-Identifier: MIT
#include "core/recurrence.hpp"

#include <boost/test/unit_test.hpp>

#include <bitset>
#include <chrono>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include "unit/support/expect_error.hpp"
#include "unit/support/times.hpp"

namespace {

using ipcm::ErrorCode;
using ipcm::Recurrence;
using ipcm::TimeZone;
using std::chrono::days;
using std::chrono::minutes;
using std::chrono::seconds;
using std::chrono::sys_days;
using std::chrono::sys_seconds;
using test::contains;
using test::expect_error;
using test::text;
using test::utc;

std::string text(const std::optional<sys_seconds>& time) {
  return time ? test::text(*time) : "never";
}

std::string next_due(const std::string& expression, const std::string& after, const char* zone = "UTC",
                     const std::string& anchor = "2026-01-01 00:00:00") {
  return text(Recurrence::parse(expression).next_after(utc(after), utc(anchor), TimeZone::find(zone)));
}

std::string refusal_of_recurrence(const std::string& expression) {
  return expect_error(ErrorCode::InvalidArgument, [&] { Recurrence::parse(expression); });
}

struct UtcCase {
  const char* expression;
  const char* after;
  const char* due;
};

const UtcCase kUtcCases[] = {
    {"* * * * *", "2026-01-15 10:00:00", "2026-01-15 10:01:00"},
    {"* * * * *", "2026-01-15 10:00:01", "2026-01-15 10:01:00"},
    {"* * * * *", "2026-12-31 23:59:59", "2027-01-01 00:00:00"},
    {"*/15 * * * *", "2026-01-15 10:00:00", "2026-01-15 10:15:00"},
    {"*/15 * * * *", "2026-01-15 10:45:00", "2026-01-15 11:00:00"},
    {"7-59/20 * * * *", "2026-01-15 10:27:00", "2026-01-15 10:47:00"},
    {"50/3 * * * *", "2026-01-15 10:56:00", "2026-01-15 10:59:00"},
    {"50/3 * * * *", "2026-01-15 10:59:00", "2026-01-15 11:50:00"},
    {"0,30 9-17 * * *", "2026-01-15 17:30:00", "2026-01-16 09:00:00"},
    {"30 4 * * *", "2026-01-15 04:30:00", "2026-01-16 04:30:00"},
    {"30 4 * * *", "2026-01-15 04:29:59", "2026-01-15 04:30:00"},
    {"0 20/2 * * *", "2026-01-15 20:00:00", "2026-01-15 22:00:00"},
    {"0 0 31 * *", "2026-01-31 00:00:00", "2026-03-31 00:00:00"},
    {"0 0 31 * *", "2026-03-31 00:00:00", "2026-05-31 00:00:00"},
    {"0 0 29 2 *", "2026-01-01 00:00:00", "2028-02-29 00:00:00"},
    {"0 0 29 2 *", "2096-02-29 00:00:00", "2104-02-29 00:00:00"},
    {"0 0 29 2 */7", "2026-01-01 00:00:00", "2032-02-29 00:00:00"},
    {"0 12 29 2 */7", "2088-02-29 12:00:00", "2128-02-29 12:00:00"},
    {"0 0 1 1 *", "2026-01-01 00:00:00", "2027-01-01 00:00:00"},
    {"59 23 31 12 *", "2026-12-31 23:58:59", "2026-12-31 23:59:00"},
    {"59 23 31 12 *", "2026-12-31 23:59:00", "2027-12-31 23:59:00"},
    {"0 0 * * 0", "2026-01-15 00:00:00", "2026-01-18 00:00:00"},
    {"0 0 * * 7", "2026-01-15 00:00:00", "2026-01-18 00:00:00"},
    {"0 0 * * SUN", "2026-01-18 00:00:00", "2026-01-25 00:00:00"},
    {"0 0 * * 5-7", "2026-01-17 00:00:00", "2026-01-18 00:00:00"},
    {"0 0 * * FRI/1", "2026-01-17 00:00:00", "2026-01-18 00:00:00"},
    {"30 4 * * MON-FRI", "2026-01-16 04:30:00", "2026-01-19 04:30:00"},
    {"30 4 * * mon-fri", "2026-01-16 04:30:00", "2026-01-19 04:30:00"},
    {"0 0 * FEB,Nov-dec *", "2026-03-01 00:00:00", "2026-11-01 00:00:00"},
    {"0 0 * jun/3 *", "2026-06-30 00:00:00", "2026-09-01 00:00:00"},
    {"30 4 1,15 * 5", "2026-01-02 04:30:00", "2026-01-09 04:30:00"},
    {"30 4 1,15 * 5", "2026-01-14 00:00:00", "2026-01-15 04:30:00"},
    {"30 4 1,15 * 5", "2026-01-15 04:30:00", "2026-01-16 04:30:00"},
    {"0 0 13 * FRI", "2026-01-13 00:00:00", "2026-01-16 00:00:00"},
    {"0 0 */2 * 1", "2026-01-05 00:00:00", "2026-01-19 00:00:00"},
    {"0 0 1,15 * */2", "2026-01-01 00:00:00", "2026-01-15 00:00:00"},
    {"0 0 30 2 MON", "2026-01-15 00:00:00", "2026-02-02 00:00:00"},
    {"0 0 5,* * 1", "2026-01-15 00:00:00", "2026-01-16 00:00:00"},
    {"0 0 * * *", "2000-02-28 12:00:00", "2000-02-29 00:00:00"},
    {"0 0 * * *", "2100-02-28 12:00:00", "2100-03-01 00:00:00"},
};

struct ZoneCase {
  const char* expression;
  const char* zone;
  const char* after;
  const char* due;
};

// Europe/Berlin: 02:00 -> 03:00 at 2026-03-29 01:00 UTC, 03:00 -> 02:00 at 2026-10-25 01:00.
// America/New_York: 02:00 -> 03:00 at 2026-03-08 07:00, 02:00 -> 01:00 at 2026-11-01 06:00.
// Australia/Lord_Howe: 02:00 -> 02:30 at 2026-10-03 15:30, 02:00 -> 01:30 at 2026-04-04 15:00.
// Pacific/Apia: no 30 December 2011.
const ZoneCase kZoneCases[] = {
    {"30 2 * * *", "Europe/Berlin", "2026-03-28 02:00:00", "2026-03-29 01:00:00"},
    {"30 2 * * *", "Europe/Berlin", "2026-03-29 01:00:00", "2026-03-30 00:30:00"},
    {"0,15,30 2 * * *", "Europe/Berlin", "2026-03-29 00:59:00", "2026-03-29 01:00:00"},
    {"0,15,30 2 * * *", "Europe/Berlin", "2026-03-29 01:00:00", "2026-03-30 00:00:00"},
    {"0 2-3 * * *", "Europe/Berlin", "2026-03-29 00:00:00", "2026-03-29 01:00:00"},
    {"0 2-3 * * *", "Europe/Berlin", "2026-03-29 01:00:00", "2026-03-30 00:00:00"},
    {"0 */2 * * *", "Europe/Berlin", "2026-03-28 23:00:00", "2026-03-29 01:00:00"},
    {"0 */2 * * *", "Europe/Berlin", "2026-03-29 01:00:00", "2026-03-29 02:00:00"},
    {"30 * * * *", "Europe/Berlin", "2026-03-29 00:30:00", "2026-03-29 01:30:00"},
    {"*/30 * * * *", "Europe/Berlin", "2026-03-29 00:30:00", "2026-03-29 01:00:00"},
    {"30 2 * * *", "Europe/Berlin", "2026-10-24 01:00:00", "2026-10-25 00:30:00"},
    {"30 2 * * *", "Europe/Berlin", "2026-10-25 00:30:00", "2026-10-26 01:30:00"},
    {"30 2 * * *", "Europe/Berlin", "2026-10-25 01:30:00", "2026-10-26 01:30:00"},
    {"* 2 * * *", "Europe/Berlin", "2026-10-25 00:59:00", "2026-10-25 01:00:00"},
    {"* 2 * * *", "Europe/Berlin", "2026-10-25 01:59:00", "2026-10-26 01:00:00"},
    {"* 2 * * *", "Europe/Berlin", "2026-03-29 00:59:00", "2026-03-30 00:00:00"},
    {"*/10 0-5 * * *", "Europe/Berlin", "2026-10-25 00:50:00", "2026-10-25 01:00:00"},
    {"*/10 0-5 * * *", "Europe/Berlin", "2026-03-29 00:50:00", "2026-03-29 01:00:00"},
    {"0,10,20,30,40,50 0-5 * * *", "Europe/Berlin", "2026-10-25 00:50:00", "2026-10-25 02:00:00"},
    {"0 */2 * * *", "Europe/Berlin", "2026-10-24 22:00:00", "2026-10-25 00:00:00"},
    {"0 */2 * * *", "Europe/Berlin", "2026-10-25 00:00:00", "2026-10-25 03:00:00"},
    {"30 * * * *", "Europe/Berlin", "2026-10-25 00:30:00", "2026-10-25 01:30:00"},
    {"30 * * * *", "Europe/Berlin", "2026-10-25 01:30:00", "2026-10-25 02:30:00"},
    {"15 0-23 * * *", "Europe/Berlin", "2026-10-25 00:15:00", "2026-10-25 01:15:00"},
    {"0 3 * * *", "Europe/Berlin", "2026-10-25 00:30:00", "2026-10-25 02:00:00"},
    {"0 0 29 3 *", "Europe/Berlin", "2026-01-01 00:00:00", "2026-03-28 23:00:00"},
    {"30 2 * * *", "America/New_York", "2026-03-08 06:59:59", "2026-03-08 07:00:00"},
    {"30 2 * * *", "America/New_York", "2026-03-08 07:00:00", "2026-03-09 06:30:00"},
    {"15 * * * *", "America/New_York", "2026-03-08 06:15:00", "2026-03-08 07:15:00"},
    {"30 1 * * *", "America/New_York", "2026-11-01 05:00:00", "2026-11-01 05:30:00"},
    {"30 1 * * *", "America/New_York", "2026-11-01 05:30:00", "2026-11-02 06:30:00"},
    {"15 * * * *", "America/New_York", "2026-11-01 05:15:00", "2026-11-01 06:15:00"},
    {"15 * * * *", "America/New_York", "2026-11-01 06:15:00", "2026-11-01 07:15:00"},
    {"0 17 * * MON-FRI", "America/New_York", "2026-03-06 22:00:00", "2026-03-09 21:00:00"},
    {"15 2 * * *", "Australia/Lord_Howe", "2026-10-03 15:00:00", "2026-10-03 15:30:00"},
    {"15 2 * * *", "Australia/Lord_Howe", "2026-10-03 15:30:00", "2026-10-04 15:15:00"},
    {"45 2 * * *", "Australia/Lord_Howe", "2026-10-03 15:30:00", "2026-10-03 15:45:00"},
    {"*/15 * * * *", "Australia/Lord_Howe", "2026-10-03 15:15:00", "2026-10-03 15:30:00"},
    {"45 1 * * *", "Australia/Lord_Howe", "2026-04-04 14:00:00", "2026-04-04 14:45:00"},
    {"45 1 * * *", "Australia/Lord_Howe", "2026-04-04 14:45:00", "2026-04-05 15:15:00"},
    {"15 1 * * *", "Australia/Lord_Howe", "2026-04-04 13:00:00", "2026-04-04 14:15:00"},
    {"45 * * * *", "Australia/Lord_Howe", "2026-04-04 14:45:00", "2026-04-04 15:15:00"},
    {"45 * * * *", "Australia/Lord_Howe", "2026-04-04 15:15:00", "2026-04-04 16:15:00"},
    {"0 * * * *", "Australia/Lord_Howe", "2026-10-03 15:00:00", "2026-10-03 16:00:00"},
    {"0 * * * *", "Australia/Lord_Howe", "2026-04-04 14:00:00", "2026-04-04 15:30:00"},
    {"0 0 * * *", "Asia/Kolkata", "2026-01-15 00:00:00", "2026-01-15 18:30:00"},
    {"0 12 30 12 *", "Pacific/Apia", "2011-12-29 00:00:00", "2011-12-30 10:00:00"},
};

/// One of the five fields, at random: as text, and the values that the text stands for.
struct RandomField {
  std::string text;
  std::bitset<60> values;
};

/// A generator of cron expressions that knows, without parsing them, what they stand for.
class RandomCron {
 public:
  explicit RandomCron(std::uint64_t seed) : engine_(seed) {
    minute_ = field(0, 59, 3);
    hour_ = field(0, 23, 3);
    day_ = field(1, 31, 2);
    month_ = field(1, 12, 1);
    weekday_ = field(0, 7, 2);
    if (weekday_.values[7]) weekday_.values.set(0);
  }

  std::string text() const {
    return minute_.text + ' ' + hour_.text + ' ' + day_.text + ' ' + month_.text + ' ' + weekday_.text;
  }
  bool follows_real_time() const { return minute_.text.front() == '*' || hour_.values.count() == 24; }

  bool matches(sys_days day) const {
    const std::chrono::year_month_day date{day};
    const bool by_month = day_.values[static_cast<unsigned>(date.day())];
    const bool by_week = weekday_.values[std::chrono::weekday{day}.c_encoding()];
    const bool starred = day_.text.front() == '*' || weekday_.text.front() == '*';
    return month_.values[static_cast<unsigned>(date.month())] && (starred ? by_month && by_week : by_month || by_week);
  }
  bool matches_time(seconds of_day) const {
    const auto minute = static_cast<unsigned>(of_day / minutes{1});
    return hour_.values[minute / 60] && minute_.values[minute % 60];
  }
  bool matches(sys_seconds time) const {
    const auto day = std::chrono::floor<days>(time);
    return matches(day) && matches_time(time - day);
  }

  unsigned below(unsigned limit) { return std::uniform_int_distribution<unsigned>(0, limit - 1)(engine_); }

 private:
  /// Restricted in one of `rarity` + 1 cases; else `*`, perhaps with a step.
  RandomField field(unsigned first, unsigned last, unsigned rarity) {
    RandomField made;
    if (below(rarity + 1) > 0) {
      add("*", first, last, last, made);
      return made;
    }
    for (unsigned parts = 1 + below(3); parts > 0; --parts) {
      const unsigned from = first + below(last - first + 1);
      const unsigned to = from + below(last - from + 1);
      if (below(2) == 0) {
        add(std::to_string(from), from, from, last, made);
      } else {
        add(std::to_string(from) + '-' + std::to_string(to), from, to, to, made);
      }
    }
    return made;
  }

  /// `text`, which stands for from-to; or with a step, and then for from-last.
  void add(std::string part, unsigned from, unsigned to, unsigned last, RandomField& made) {
    unsigned step = 1;
    if (last > 0 && below(3) == 0) {
      step = 1 + below(last);
      part += '/' + std::to_string(step);
      to = last;
    }
    made.text += (made.text.empty() ? "" : ",") + part;
    for (unsigned value = from; value <= to; value += step) made.values.set(value);
  }

  std::mt19937_64 engine_;
  RandomField minute_, hour_, day_, month_, weekday_;
};

std::uint64_t random_seed() {
  const char* given = std::getenv("IPCM_TEST_SEED");
  const std::uint64_t seed = given ? std::strtoull(given, nullptr, 10) : std::random_device()();
  BOOST_TEST_MESSAGE("IPCM_TEST_SEED=" << seed);
  return seed;
}

bool matches_a_day(const RandomCron& cron, sys_days from, sys_days end) {
  for (sys_days day = from; day < end; day += days{1}) {
    if (cron.matches(day)) return true;
  }
  return false;
}

/// Compares what is due after `after` with a look at every minute of the days that match, for three years or 50 times.
void compare_with_every_minute(const RandomCron& cron, sys_seconds after) {
  constexpr days kWindow{3 * 365};
  const auto zone = TimeZone::find("UTC");
  const auto first_day = std::chrono::floor<days>(after);
  const auto recurrence = Recurrence::parse(cron.text());
  const auto due = [&] { return recurrence.next_after(after, {}, zone); };
  int left = 50;
  for (sys_days day = first_day; day < first_day + kWindow; day += days{1}) {
    if (!cron.matches(day)) continue;
    for (sys_seconds time = day; time < day + days{1}; time += minutes{1}) {
      if (time <= after || !cron.matches_time(time - day)) continue;
      BOOST_REQUIRE(text(due()) == test::text(time));
      after = time;
      if (--left == 0) return;
    }
  }
  BOOST_REQUIRE((due() >= first_day + kWindow));
}

/// The same in a time zone, for three days around a change of clocks. Each minute, clocks pass the local times from the
/// latest that they ever showed to what they show now.
void compare_with_every_minute(const RandomCron& cron, const TimeZone& zone, sys_seconds change) {
  const sys_seconds end = change + days{1} + std::chrono::hours{12};
  const auto clock = [&](sys_seconds time) { return time + zone.period_at(time).offset; };
  const auto recurrence = Recurrence::parse(cron.text());
  sys_seconds after = change - days{1} - std::chrono::hours{12};
  sys_seconds passed = clock(after);
  for (sys_seconds time = after + minutes{1}; time < end; time += minutes{1}) {
    bool due = cron.follows_real_time() && cron.matches(clock(time));
    for (; passed < clock(time); passed += minutes{1}) {
      due |= !cron.follows_real_time() && cron.matches(passed + minutes{1});
    }
    if (!due) continue;
    BOOST_REQUIRE(text(recurrence.next_after(after, {}, zone)) == test::text(time));
    after = time;
  }
  BOOST_REQUIRE((recurrence.next_after(after, {}, zone) >= end));
}

}  // namespace

// What needs the time zone database fails where there is none: TimeZone::find() says that tzdata is to be installed.
BOOST_AUTO_TEST_SUITE(recurrence)

BOOST_AUTO_TEST_CASE(cron_expressions_are_due_when_every_field_matches) {
  for (const UtcCase& each : kUtcCases) {
    BOOST_TEST_CONTEXT(each.expression << " after " << each.after) {
      BOOST_TEST(next_due(each.expression, each.after) == each.due);
    }
  }
}

BOOST_AUTO_TEST_CASE(cron_expressions_follow_the_clocks_of_their_zone) {
  for (const ZoneCase& each : kZoneCases) {
    BOOST_TEST_CONTEXT(each.expression << " after " << each.after << " in " << each.zone) {
      BOOST_TEST(next_due(each.expression, each.after, each.zone) == each.due);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_nickname_stands_for_its_expression) {
  const std::string after = "2026-02-17 10:20:30";  // a Tuesday
  BOOST_TEST(next_due("@yearly", after) == "2027-01-01 00:00:00");
  BOOST_TEST(next_due("@annually", after) == "2027-01-01 00:00:00");
  BOOST_TEST(next_due("@monthly", after) == "2026-03-01 00:00:00");
  BOOST_TEST(next_due("@weekly", after) == "2026-02-22 00:00:00");
  BOOST_TEST(next_due("@daily", after) == "2026-02-18 00:00:00");
  BOOST_TEST(next_due("@midnight", after) == "2026-02-18 00:00:00");
  BOOST_TEST(next_due("@hourly", after) == "2026-02-17 11:00:00");
  BOOST_TEST(next_due("@hourly", "2026-10-25 00:00:00", "Europe/Berlin") == "2026-10-25 01:00:00");
}

BOOST_AUTO_TEST_CASE(an_interval_is_counted_from_its_anchor) {
  const std::string anchor = "2026-01-01 00:00:07";
  BOOST_TEST(next_due("every 30s", "2026-01-01 00:00:07", "UTC", anchor) == "2026-01-01 00:00:37");
  BOOST_TEST(next_due("every 30s", "2026-01-01 00:00:36", "UTC", anchor) == "2026-01-01 00:00:37");
  BOOST_TEST(next_due("every 30s", "2026-01-01 00:00:37", "UTC", anchor) == "2026-01-01 00:01:07");
  BOOST_TEST(next_due("every 1s", "2026-01-01 00:00:37", "UTC", anchor) == "2026-01-01 00:00:38");
  BOOST_TEST(next_due("every 5m", "2026-06-01 00:00:00", "UTC", anchor) == "2026-06-01 00:00:07");
  BOOST_TEST(next_due("every 1h30m", "2026-01-01 01:00:00", "UTC", anchor) == "2026-01-01 01:30:07");
  BOOST_TEST(next_due("every 1d2h3m4s", "2026-01-01 00:00:07", "UTC", anchor) == "2026-01-02 02:03:11");
  BOOST_TEST(next_due("every 366d", "2026-01-01 00:00:07", "UTC", anchor) == "2027-01-02 00:00:07");
  BOOST_TEST(next_due("every 90m", "2025-12-31 22:30:06", "UTC", anchor) == "2025-12-31 22:30:07");
  BOOST_TEST(next_due("every 90m", "2025-12-31 22:30:07", "UTC", anchor) == "2026-01-01 00:00:07");
}

BOOST_AUTO_TEST_CASE(an_interval_does_not_care_when_clocks_are_changed) {
  for (const char* zone : {"UTC", "Europe/Berlin"}) {
    BOOST_TEST(next_due("every 1d", "2026-03-29 00:00:00", zone) == "2026-03-30 00:00:00");
    BOOST_TEST(next_due("every 1h", "2026-10-25 00:00:00", zone) == "2026-10-25 01:00:00");
  }
}

BOOST_AUTO_TEST_CASE(the_text_is_kept_as_it_was_given_but_for_blanks_around_it) {
  BOOST_TEST(Recurrence::parse(" \t0  0 1 jan *\t ").text() == "0  0 1 jan *");
  BOOST_TEST(Recurrence::parse(" @daily ").text() == "@daily");
  BOOST_TEST(Recurrence::parse("every\t5m ").text() == "every\t5m");
}

BOOST_AUTO_TEST_CASE(random_expressions_are_due_as_a_look_at_every_minute_says) {
  const std::uint64_t first = random_seed();
  for (std::uint64_t seed = first; seed < first + 200; ++seed) {
    RandomCron cron(seed);
    const auto from = sys_days{std::chrono::year{1990} / 1 / 1} + days{cron.below(20'000)};
    BOOST_TEST_CONTEXT("IPCM_TEST_SEED=" << seed << ": " << cron.text()) {
      if (matches_a_day(cron, from, from + days{40 * 366})) {
        compare_with_every_minute(cron, from + seconds{cron.below(86'400)});
      } else {
        BOOST_TEST(contains(refusal_of_recurrence(cron.text()), "never comes"));
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(random_expressions_are_due_as_a_look_at_every_minute_says_when_clocks_are_changed) {
  const std::uint64_t first = random_seed();
  for (const char* name : {"Europe/Berlin", "America/New_York", "Australia/Lord_Howe"}) {
    const auto zone = TimeZone::find(name);
    const sys_seconds spring = zone.period_at(utc("2026-01-01 00:00:00")).end;
    const sys_seconds autumn = zone.period_at(spring).end;
    for (std::uint64_t seed = first; seed < first + 10; ++seed) {
      const RandomCron cron(seed);
      BOOST_TEST_CONTEXT("IPCM_TEST_SEED=" << seed << ": " << cron.text() << " in " << name) {
        if (!matches_a_day(cron, sys_days{}, sys_days{} + days{40 * 366})) continue;
        compare_with_every_minute(cron, zone, spring);
        compare_with_every_minute(cron, zone, autumn);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(times_beyond_the_years_that_are_known_have_nothing_after_them) {
  for (const char* expression : {"* * * * *", "0 0 29 2 *", "every 1s"}) {
    const auto recurrence = Recurrence::parse(expression);
    const auto zone = TimeZone::find("UTC");
    for (const sys_seconds time :
         {sys_seconds::min(), sys_seconds::max(), utc("0000-12-31 23:59:59"), utc("10000-01-01 00:00:00")}) {
      BOOST_TEST(!recurrence.next_after(time, {}, zone));
      BOOST_TEST(!recurrence.next_after({}, time, zone));
    }
    BOOST_TEST(recurrence.next_after(utc("0001-01-01 00:00:00"), utc("9999-12-31 23:59:59"), zone).has_value());
    BOOST_TEST(recurrence.next_after(utc("9999-12-31 23:59:59"), utc("0001-01-01 00:00:00"), zone).has_value());
  }
}

BOOST_AUTO_TEST_CASE(a_refusal_names_the_field_says_what_is_wrong_and_gives_an_example) {
  BOOST_TEST(refusal_of_recurrence("61 * * * *") ==
             R"(the minute field "61" has "61" where a number from 0 to 59 must be; valid is, e.g., "*/15")");
  BOOST_TEST(refusal_of_recurrence("0 8,24 * * *") ==
             R"(the hour field "8,24" has "24" where a number from 0 to 23 must be; valid is, e.g., "8-18/2")");
  BOOST_TEST(refusal_of_recurrence("0 0 0 * *") ==
             R"(the day of month field "0" has "0" where a number from 1 to 31 must be; valid is, e.g., "1,15")");
  BOOST_TEST(
      refusal_of_recurrence("0 0 * JANUARY *") ==
      R"(the month field "JANUARY" has "JANUARY" where a number from 1 to 12 must be; valid is, e.g., "JAN-MAR")");
  BOOST_TEST(refusal_of_recurrence("0 0 * * 8") ==
             R"(the day of week field "8" has "8" where a number from 0 to 7 must be; valid is, e.g., "MON-FRI")");
  BOOST_TEST(refusal_of_recurrence("*/0 * * * *") ==
             R"(the minute field "*/0" has the step "0" where a number from 1 to 59 must be; valid is, e.g., "*/15")");
  BOOST_TEST(refusal_of_recurrence("0 22-2 * * *") ==
             R"(the hour field "22-2" has a range that runs backwards; valid is, e.g., "22-23,0-2")");
  BOOST_TEST(refusal_of_recurrence("0 0 * * FRI-MON") ==
             R"(the day of week field "FRI-MON" has a range that runs backwards; valid is, e.g., "FRI-7,0-MON")");
  BOOST_TEST(refusal_of_recurrence("0 0 30 2 *") ==
             "the cron expression \"0 0 30 2 *\" never comes: its months have no such day; "
             "valid is, e.g., \"0 0 28 2 *\"");
  BOOST_TEST(contains(refusal_of_recurrence("0 0 * *"),
                      "has not five fields (minute, hour, day of month, month, day of week) but 4"));
  BOOST_TEST(contains(refusal_of_recurrence("@reboot"), "\"@reboot\" is none of @yearly, "));
  BOOST_TEST(contains(refusal_of_recurrence("every 5x"), "is not made of numbers with d, h, m or s"));
  BOOST_TEST(contains(refusal_of_recurrence("every 367d"), "is not from 1 second to 366 days"));
  BOOST_TEST(contains(refusal_of_recurrence(""), "is empty; valid is, e.g., \"30 4 * * MON-FRI\""));
}

BOOST_AUTO_TEST_CASE(the_example_for_a_range_that_runs_backwards_is_that_range) {
  BOOST_TEST(next_due("0 22-23,0-2 * * *", "2026-01-15 23:00:00") == "2026-01-16 00:00:00");
  BOOST_TEST(next_due("0 0 * * FRI-7,0-MON", "2026-01-16 00:00:00") == "2026-01-17 00:00:00");
  BOOST_TEST(next_due("0 0 * * FRI-7,0-MON", "2026-01-19 00:00:00") == "2026-01-23 00:00:00");
}

BOOST_AUTO_TEST_CASE(what_is_no_recurrence_is_refused) {
  for (const std::string expression : {" ",
                                       "*",
                                       "hello",
                                       "* * * * * *",
                                       "0 0 1 1 * root",
                                       "60 * * * *",
                                       "-1 * * * *",
                                       "+1 * * * *",
                                       "1.5 * * * *",
                                       "a * * * *",
                                       "JAN * * * *",
                                       "1, * * * *",
                                       ",1 * * * *",
                                       "1,,2 * * * *",
                                       "1- * * * *",
                                       "-5 * * * *",
                                       "1-2-3 * * * *",
                                       "1-*  * * * *",
                                       "*-5 * * * *",
                                       "** * * * *",
                                       "/5 * * * *",
                                       "*/ * * * *",
                                       "*/-1 * * * *",
                                       "*/x * * * *",
                                       "*/60 * * * *",
                                       "1/2/3 * * * *",
                                       "* * */32 * *",
                                       "4294967297 * * * *",
                                       "99999999999999999999 * * * *",
                                       "* 24 * * *",
                                       "* 0-24 * * *",
                                       "* * 32 * *",
                                       "* * MON * *",
                                       "* * L * *",
                                       "* * ? * *",
                                       "* * 15W * *",
                                       "* * * 0 *",
                                       "* * * 13 *",
                                       "* * * JA *",
                                       "* * * MON *",
                                       "* * * DEC-JAN *",
                                       "* * * * 8",
                                       "* * * * JAN",
                                       "* * * * MONDAY",
                                       "* * * * 5L",
                                       "* * * * 1#2",
                                       "* * * * SAT-SUN",
                                       "* * * * */MON",
                                       "0 0 31 2,4,6,9,11 *",
                                       "0 0 30,31 FEB *",
                                       "0 0 30 2 */2",
                                       "0 0 */29,30 2 1\n",
                                       "@",
                                       "@Daily",
                                       "@daily @daily",
                                       "@reboot",
                                       "@every 5m",
                                       "every",
                                       "every ",
                                       "every s",
                                       "every 5",
                                       "every 5 m",
                                       "every 5m 3s",
                                       "every 5M",
                                       "every 5ms",
                                       "every 3s5m",
                                       "every 5m5m",
                                       "every -5m",
                                       "every +5m",
                                       "every 1.5h",
                                       "every 0s",
                                       "every 0d0h",
                                       "every 366d1s",
                                       "every 99999999999999999999s",
                                       "every 4294967295d",
                                       "every 5m,",
                                       "every5m",
                                       "Every 5m",
                                       "EVERY 5m"}) {
    BOOST_TEST(contains(refusal_of_recurrence(expression), "; valid is, e.g., "), expression);
  }
}

BOOST_AUTO_TEST_SUITE_END()
