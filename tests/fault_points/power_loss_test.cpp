// SPDX-License-Identifier: MIT
// The judge of power losses finds what it is there to find: syncs that the library must not leave out.
#include <boost/test/unit_test.hpp>

#include <string>

#include "fault_points/faults.hpp"
#include "support/faults/power_loss.hpp"
#include "support/faults/seed.hpp"

namespace {

bool is_caught(const char* bug, const std::string& operation) {
  const test::SeededBug wrong(bug);
  return test::lose_power_during(test::operation(operation), test::seed()).bad > 0;
}

bool is_sound(const std::string& operation) {
  const test::PowerLosses losses = test::lose_power_during(test::operation(operation), test::seed());
  BOOST_TEST_MESSAGE(losses.first);
  return losses.bad == 0;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(power_loss)

BOOST_AUTO_TEST_CASE(commits_that_are_not_synced_are_caught) {
  BOOST_TEST(is_sound("send"));
  BOOST_TEST(is_caught("commits are not synced", "send"));
}

BOOST_AUTO_TEST_CASE(checkpoints_that_are_not_synced_are_caught) {
  BOOST_TEST(is_sound("send over a log that was moved"));
  BOOST_TEST(is_caught("checkpoints are not synced", "send over a log that was moved"));
}

BOOST_AUTO_TEST_CASE(names_that_are_not_synced_are_caught) {
  for (const char* operation : {"spawn", "unspawn"}) {
    BOOST_TEST_CONTEXT(operation) {
      BOOST_TEST(is_sound(operation));
      BOOST_TEST(is_caught("folders are not synced", operation));
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
