// SPDX-License-Identifier: MIT
#include "core/time_zone.hpp"

#include <sys/resource.h>

#include <boost/test/unit_test.hpp>

#include <cstdlib>
#include <optional>
#include <string>

#include "unit/support/expect_error.hpp"
#include "unit/support/forked.hpp"
#include "unit/support/times.hpp"

namespace {

using ipcm::ErrorCode;
using ipcm::TimeZone;
using test::contains;
using test::expect_error;
using test::local;
using test::text;
using test::utc;

/// Sets TZ, or unsets it, for as long as it lives.
class TzVariable {
 public:
  explicit TzVariable(const char* value) {
    if (const char* before = std::getenv("TZ")) before_ = before;
    set(value);
  }
  ~TzVariable() { set(before_ ? before_->c_str() : nullptr); }
  TzVariable(const TzVariable&) = delete;
  TzVariable& operator=(const TzVariable&) = delete;

 private:
  static void set(const char* value) {
    if (value) {
      ::setenv("TZ", value, 1);
    } else {
      ::unsetenv("TZ");
    }
  }

  std::optional<std::string> before_;
};

std::string local_name_with(const char* tz) {
  const TzVariable variable(tz);
  return TimeZone::local_name();
}

std::string refusal_of_zone(const std::string& name) {
  return expect_error(ErrorCode::InvalidArgument, [&] { TimeZone::find(name); });
}

/// The offset in minutes at that time, and when it ends.
std::string period_of(const char* zone, const char* time) {
  const TimeZone::Period period = TimeZone::find(zone).period_at(utc(time));
  return std::to_string(period.offset.count() / 60) + " until " + text(period.end);
}

std::string first_instant_of(const char* zone, const char* time) {
  return text(TimeZone::find(zone).first_instant(local(time)));
}

}  // namespace

// What needs the time zone database fails where there is none: find() says that tzdata is to be installed.
BOOST_AUTO_TEST_SUITE(time_zone)

BOOST_AUTO_TEST_CASE(utc_is_there_without_a_database_and_never_changes) {
  const TimeZone zone = TimeZone::find("UTC");
  BOOST_TEST(zone.name() == "UTC");
  const auto period = zone.period_at(utc("2026-07-01 00:00:00"));
  BOOST_TEST(period.offset.count() == 0);
  BOOST_TEST((period.end == std::chrono::sys_seconds::max()));
  BOOST_TEST(text(zone.first_instant(local("2026-07-01 12:34:56"))) == "2026-07-01 12:34:56");
}

BOOST_AUTO_TEST_CASE(a_period_has_its_offset_and_ends_where_clocks_are_changed) {
  BOOST_TEST(period_of("Europe/Berlin", "2026-01-01 00:00:00") == "60 until 2026-03-29 01:00:00");
  BOOST_TEST(period_of("Europe/Berlin", "2026-03-29 00:59:59") == "60 until 2026-03-29 01:00:00");
  BOOST_TEST(period_of("Europe/Berlin", "2026-03-29 01:00:00") == "120 until 2026-10-25 01:00:00");
  BOOST_TEST(period_of("Europe/Berlin", "2026-10-25 01:00:00") == "60 until 2027-03-28 01:00:00");
  BOOST_TEST(period_of("America/New_York", "2026-01-01 00:00:00") == "-300 until 2026-03-08 07:00:00");
  BOOST_TEST(period_of("America/New_York", "2026-07-01 00:00:00") == "-240 until 2026-11-01 06:00:00");
  BOOST_TEST(period_of("Australia/Lord_Howe", "2026-01-01 00:00:00") == "660 until 2026-04-04 15:00:00");
  BOOST_TEST(period_of("Australia/Lord_Howe", "2026-07-01 00:00:00") == "630 until 2026-10-03 15:30:00");
  BOOST_TEST(period_of("Asia/Kolkata", "2026-01-01 00:00:00").starts_with("330 until "));
}

// Zone files list changes up to 2037, or, of the kind "slim" (zic -b), none of those to come.
BOOST_AUTO_TEST_CASE(after_the_changes_that_are_listed_the_zones_rule_goes_on) {
  BOOST_TEST(period_of("Europe/Berlin", "2037-01-01 00:00:00") == "60 until 2037-03-29 01:00:00");
  BOOST_TEST(period_of("Europe/Berlin", "2037-12-01 00:00:00") == "60 until 2038-03-28 01:00:00");
  BOOST_TEST(period_of("Europe/Berlin", "2050-07-01 00:00:00") == "120 until 2050-10-30 01:00:00");
  BOOST_TEST(period_of("America/New_York", "2100-01-01 00:00:00") == "-300 until 2100-03-14 07:00:00");
  BOOST_TEST(period_of("Australia/Lord_Howe", "2060-01-01 00:00:00") == "660 until 2060-04-03 15:00:00");
  BOOST_TEST(period_of("Asia/Kolkata", "2060-01-01 00:00:00").starts_with("330 until "));
  BOOST_TEST(first_instant_of("Europe/Berlin", "2050-07-15 12:00:00") == "2050-07-15 10:00:00");
}

BOOST_AUTO_TEST_CASE(a_local_time_that_exists_once_is_at_that_instant) {
  BOOST_TEST(first_instant_of("Europe/Berlin", "2026-01-15 12:00:00") == "2026-01-15 11:00:00");
  BOOST_TEST(first_instant_of("Europe/Berlin", "2026-07-15 12:00:01") == "2026-07-15 10:00:01");
  BOOST_TEST(first_instant_of("Europe/Berlin", "2026-03-29 01:59:59") == "2026-03-29 00:59:59");
  BOOST_TEST(first_instant_of("Europe/Berlin", "2026-03-29 03:00:00") == "2026-03-29 01:00:00");
  BOOST_TEST(first_instant_of("Europe/Berlin", "2026-10-25 03:00:00") == "2026-10-25 02:00:00");
  BOOST_TEST(first_instant_of("Pacific/Kiritimati", "2026-01-01 00:00:00") == "2025-12-31 10:00:00");
  BOOST_TEST(first_instant_of("Etc/GMT+12", "2026-01-01 00:00:00") == "2026-01-01 12:00:00");
}

BOOST_AUTO_TEST_CASE(a_local_time_that_is_skipped_is_at_the_end_of_the_gap) {
  BOOST_TEST(first_instant_of("Europe/Berlin", "2026-03-29 02:00:00") == "2026-03-29 01:00:00");
  BOOST_TEST(first_instant_of("Europe/Berlin", "2026-03-29 02:59:59") == "2026-03-29 01:00:00");
  BOOST_TEST(first_instant_of("America/New_York", "2026-03-08 02:30:00") == "2026-03-08 07:00:00");
  BOOST_TEST(first_instant_of("Australia/Lord_Howe", "2026-10-04 02:15:00") == "2026-10-03 15:30:00");
  BOOST_TEST(first_instant_of("Pacific/Apia", "2011-12-30 12:00:00") == "2011-12-30 10:00:00");  // a day
}

BOOST_AUTO_TEST_CASE(a_local_time_that_exists_twice_is_at_its_first) {
  BOOST_TEST(first_instant_of("Europe/Berlin", "2026-10-25 02:00:00") == "2026-10-25 00:00:00");
  BOOST_TEST(first_instant_of("Europe/Berlin", "2026-10-25 02:59:59") == "2026-10-25 00:59:59");
  BOOST_TEST(first_instant_of("America/New_York", "2026-11-01 01:30:00") == "2026-11-01 05:30:00");
  BOOST_TEST(first_instant_of("Australia/Lord_Howe", "2026-04-05 01:30:00") == "2026-04-04 14:30:00");
}

BOOST_AUTO_TEST_CASE(what_is_not_made_like_a_name_is_refused_before_anything_is_looked_up) {
  for (const std::string& name :
       {std::string(), std::string("../../etc/passwd"), std::string("Europe/../Europe/Berlin"),
        std::string("/etc/passwd"), std::string("/usr/share/zoneinfo/Europe/Berlin"), std::string("Europe/Berlin "),
        std::string("Europe/Berlin\n"), std::string("Europe/Berlin\0", 14), std::string("tzdata.zi"),
        std::string(":Europe/Berlin"), std::string("CET-1CEST,M3.5.0,M10.5.0/3"), std::string("Europe\\Berlin"),
        std::string("Zürich"), std::string(256, 'x')}) {
    BOOST_TEST(contains(refusal_of_zone(name), "is not the name of a time zone"), name);
  }
  BOOST_TEST(contains(refusal_of_zone("../x"), "\"../x\""));
  BOOST_TEST(contains(refusal_of_zone("../x"), "\"Europe/Berlin\""));
}

BOOST_AUTO_TEST_CASE(a_name_that_the_database_does_not_have_is_refused_with_advice) {
  for (const char* name : {"Europe/Atlantis", "Europe", "Europe/", "Europe//Berlin", "europe/berlin", "utc", "zone1970",
                           "leapseconds", "Europe/Berlin/", "+", "-"}) {
    const std::string refusal = refusal_of_zone(name);
    BOOST_TEST(contains(refusal, "\"" + std::string(name) + "\" is not in this machine's database"), refusal);
    BOOST_TEST(contains(refusal, "install tzdata"), refusal);
  }
}

BOOST_AUTO_TEST_CASE(a_zone_keeps_the_name_by_which_it_was_found) {
  for (const char* name : {"Europe/Berlin", "America/Argentina/Buenos_Aires", "America/Port-au-Prince", "Etc/GMT+12"}) {
    BOOST_TEST(TimeZone::find(name).name() == name);
  }
}

BOOST_AUTO_TEST_CASE(the_local_zone_is_what_tz_names) {
  BOOST_TEST(local_name_with("Australia/Lord_Howe") == "Australia/Lord_Howe");
  BOOST_TEST(local_name_with(":Australia/Lord_Howe") == "Australia/Lord_Howe");
  BOOST_TEST(local_name_with("UTC") == "UTC");
  BOOST_TEST(local_name_with("") == "UTC");  // tzset(3)
  BOOST_TEST(local_name_with(":") == "UTC");
}

BOOST_AUTO_TEST_CASE(where_tz_names_no_zone_the_local_zone_is_the_systems) {
  const std::string systems = local_name_with(nullptr);
  BOOST_TEST(TimeZone::find(systems).name() == systems);
  for (const char* tz :
       {"/etc/localtime", ":/etc/localtime", "../etc/passwd", "Europe/Atlantis", "CET-1CEST,M3.5.0,M10.5.0/3"}) {
    BOOST_TEST(local_name_with(tz) == systems, tz);
  }
}

BOOST_AUTO_TEST_CASE(a_zone_that_cannot_be_read_for_lack_of_descriptors_is_not_unknown) {
  const std::string found = test::in_child([] {
    const auto find = []() -> std::string {
      try {
        return TimeZone::find("Pacific/Chatham").name();
      } catch (const ipcm::Error& error) {
        return std::string(to_string(error.code()));
      }
    };
    rlimit most{};
    getrlimit(RLIMIT_NOFILE, &most);
    rlimit none = most;
    none.rlim_cur = 0;
    setrlimit(RLIMIT_NOFILE, &none);
    const std::string lacking = find();
    setrlimit(RLIMIT_NOFILE, &most);
    return lacking + " " + find();
  });
  BOOST_TEST(found == "StorageFailure Pacific/Chatham");
}

BOOST_AUTO_TEST_CASE(a_zone_that_was_found_is_found_again_without_a_descriptor) {
  const std::string found = test::in_child([] {
    const auto period = [] { return period_of("Pacific/Chatham", "2050-07-01 00:00:00"); };
    const std::string first = period();
    rlimit limit{};
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = 0;
    setrlimit(RLIMIT_NOFILE, &limit);
    try {
      return first + ", " + period();
    } catch (const ipcm::Error& error) {
      return std::string(error.what());
    }
  });
  BOOST_TEST(found == "765 until 2050-09-24 14:00:00, 765 until 2050-09-24 14:00:00");
}

BOOST_AUTO_TEST_SUITE_END()
