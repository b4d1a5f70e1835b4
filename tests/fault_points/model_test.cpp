// SPDX-License-Identifier: MIT
// The model test must find what it is there to find where threads share a client: the same lists of calls, on a library
// that is wrong in one way.
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <random>

#include "conformance/model/comparison.hpp"
#include "fault_points/faults.hpp"

BOOST_AUTO_TEST_SUITE(model_of_seeded_bugs)

// Whatever wakes the client.
BOOST_DATA_TEST_CASE(a_hint_that_reaches_one_of_two_threads_is_found,
                     boost::unit_test::data::make({"socket", "hook", "poll"}), notifier) {
  model::Comparison comparison{.protocol = "SQLite", .notifiers = {notifier}, .lists = 400};
  comparison.seed = std::random_device()();
  comparison.patience = std::chrono::seconds(1);
  comparison.makes_shorter = false;  // each try would take that second
  const test::SeededBug bug("a hint reaches one thread only");
  const model::Difference difference = model::find_difference(comparison);
  BOOST_TEST(difference.found, "the seed is " << comparison.seed << ": " << difference.text);
  BOOST_TEST(difference.text.find("found by itself") != difference.text.npos, difference.text);
}

BOOST_AUTO_TEST_SUITE_END()
