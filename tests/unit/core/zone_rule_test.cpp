// SPDX-License-Identifier: MIT
#include "core/zone_rule.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

#include "unit/support/times.hpp"

namespace {

using ipcm::ZoneRule;
using test::text;
using test::utc;

/// The offset in minutes at that time, and when it ends.
std::string period_by(const char* rule, const char* time) {
  const ZoneRule::Period period = ZoneRule::parse(rule).value().period_at(utc(time));
  return std::to_string(period.offset.count() / 60) + " until " + text(period.end);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(zone_rule)

BOOST_AUTO_TEST_CASE(summer_time_is_between_its_two_changes) {
  const char* berlin = "CET-1CEST,M3.5.0,M10.5.0/3";
  BOOST_TEST(period_by(berlin, "2026-03-29 00:59:59") == "60 until 2026-03-29 01:00:00");
  BOOST_TEST(period_by(berlin, "2026-03-29 01:00:00") == "120 until 2026-10-25 01:00:00");
  BOOST_TEST(period_by(berlin, "2026-10-25 01:00:00") == "60 until 2027-03-28 01:00:00");
}

BOOST_AUTO_TEST_CASE(in_the_south_summer_time_goes_over_the_turn_of_the_year) {
  const char* chatham = "<+1245>-12:45<+1345>,M9.5.0/2:45,M4.1.0/3:45";
  BOOST_TEST(period_by(chatham, "2026-01-01 00:00:00") == "825 until 2026-04-04 14:00:00");
  BOOST_TEST(period_by(chatham, "2026-06-01 00:00:00") == "765 until 2026-09-26 14:00:00");
  BOOST_TEST(period_by(chatham, "2026-12-31 23:59:59") == "825 until 2027-04-03 14:00:00");
}

BOOST_AUTO_TEST_CASE(summer_time_may_be_more_or_less_than_an_hour) {
  BOOST_TEST(period_by("<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", "2026-01-01 00:00:00") ==
             "660 until 2026-04-04 15:00:00");
  BOOST_TEST(period_by("<+00>0<+02>-2,M3.5.0/1,M10.5.0/3", "2026-07-01 00:00:00") == "120 until 2026-10-25 01:00:00");
  BOOST_TEST(period_by("IST-1GMT0,M10.5.0,M3.5.0/1", "2026-12-01 00:00:00") == "0 until 2027-03-28 01:00:00");
}

BOOST_AUTO_TEST_CASE(the_hour_of_a_change_may_be_on_another_day) {
  BOOST_TEST(period_by("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2026-03-01 00:00:00") == "-120 until 2026-03-29 01:00:00");
  BOOST_TEST(period_by("EET-2EEST,M3.4.4/50,M10.4.4/50", "2027-01-01 00:00:00") == "120 until 2027-03-27 00:00:00");
}

BOOST_AUTO_TEST_CASE(a_day_may_be_counted_with_or_without_the_leap_day) {
  BOOST_TEST(period_by("AAA0BBB,J60/0,J300", "2028-01-01 00:00:00") == "0 until 2028-03-01 00:00:00");
  BOOST_TEST(period_by("AAA0BBB,59/0,J300", "2028-01-01 00:00:00") == "0 until 2028-02-29 00:00:00");
  BOOST_TEST(period_by("AAA0BBB,59/0,J300", "2027-01-01 00:00:00") == "0 until 2027-03-01 00:00:00");
}

// RFC 8536, section 3.3.1
BOOST_AUTO_TEST_CASE(summer_time_may_last_all_year) {
  const char* rule = "EST5EDT,0/0,J365/25";
  BOOST_TEST(ZoneRule::parse(rule)->period_at(utc("2026-01-01 12:00:00")).offset.count() == -4 * 3600);
  BOOST_TEST(ZoneRule::parse(rule)->period_at(utc("2026-01-01 04:30:00")).offset.count() == -4 * 3600);
  BOOST_TEST(ZoneRule::parse(rule)->period_at(utc("2026-07-01 12:00:00")).offset.count() == -4 * 3600);
}

BOOST_AUTO_TEST_CASE(what_has_no_changes_or_is_no_rule_is_none) {
  for (const char* text : {"",
                           "CET-1",
                           "<+03>-3",
                           "UTC0",
                           "CET-1CEST",
                           "CE-1CEST,M3.5.0,M10.5.0",
                           "CET-1CEST,M3.5.0",
                           "CET-25CEST,M3.5.0,M10.5.0",
                           "CET-1CEST,M13.5.0,M10.5.0",
                           "CET-1CEST,M3.6.0,M10.5.0",
                           "CET-1CEST,M3.0.0,M10.5.0",
                           "CET-1CEST,M3.5.7,M10.5.0",
                           "CET-1CEST,M3.5,M10.5.0",
                           "CET-1CEST,J0,J365",
                           "CET-1CEST,J1,J366",
                           "CET-1CEST,0,366",
                           "CET-1CEST,M3.5.0/168,M10.5.0",
                           "CET-1CEST,M3.5.0/2:60,M10.5.0",
                           "CET-1CEST,M3.5.0,M10.5.0/",
                           "CET-1CEST,M3.5.0,M10.5.0 ",
                           "<+0CET-1CEST,M3.5.0,M10.5.0",
                           "CET--1CEST,M3.5.0,M10.5.0",
                           "CET-1CEST,M-3.5.0,M10.5.0"}) {
    BOOST_TEST(!ZoneRule::parse(text), text);
  }
}

BOOST_AUTO_TEST_SUITE_END()
