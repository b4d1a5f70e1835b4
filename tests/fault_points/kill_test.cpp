// SPDX-License-Identifier: MIT
// kill -9 between any two steps of any operation: it happened whole or not at all, and if it was acknowledged it did;
// everything else is as it was, and whoever comes next goes on at once.
#include <boost/test/unit_test.hpp>

#include <random>
#include <string>

#include "fault_points/faults.hpp"
#include "support/faults/seed.hpp"
#include "support/faults/trial.hpp"

namespace {

using test::Judge;

// So many points of each operation are tried, at random; IPCM_TEST_FAULTS says how many times as many.
constexpr std::size_t kSample = 12;
constexpr std::size_t kSampleOfLarge = 4;

class DeathAt : public test::Faults {
 public:
  explicit DeathAt(long point) {
    begin = [point] { test::die_at_point(point); };
  }
};

long count_points(const test::Operation& operation) {
  test::Faults none = DeathAt(0);
  std::size_t count = 0;
  none.end = [&] { count = test::points_reached().size(); };
  none.afterwards = [&](test::Stage&) { return std::to_string(count); };
  return std::stol(test::perform(operation, none, Judge::Kind::comes_later).afterwards);
}

// Returns whether it died. One that comes when all is over, or one that was there all the time.
bool kill_at(const test::Operation& operation, long point, Judge::Kind judge) {
  const test::Ending ending = test::perform(operation, DeathAt(point), judge);
  const std::string problems = test::problems_of(ending, test::outlook(operation));
  BOOST_TEST(problems == "", operation.name << ", killed at point " << point << ": " << problems);
  return ending.said.empty();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(kill_between_two_steps)

BOOST_AUTO_TEST_CASE(every_operation_happens_whole_or_not_at_all_wherever_its_process_is_killed) {
  std::mt19937 random(test::seed());
  long kills = 0;
  for (const test::Operation& operation : test::operations()) {
    const long points = count_points(operation);
    BOOST_TEST(points > 0, operation.name);
    const std::vector<long> chosen = test::chosen_up_to(points, operation.is_large ? kSampleOfLarge : kSample, random);
    BOOST_TEST_MESSAGE(operation.name << ": " << chosen.size() << " of " << points << " points");
    for (const long point : chosen) {
      const bool late = random() % 2 == 0;
      if (kill_at(operation, point, late ? Judge::Kind::comes_later : Judge::Kind::is_connected)) ++kills;
      if (test::tries_everything()) {
        kill_at(operation, point, late ? Judge::Kind::is_connected : Judge::Kind::comes_later);
      }
    }
  }
  BOOST_TEST_MESSAGE(kills << " kills");
  BOOST_TEST(kills > 0);
}

BOOST_AUTO_TEST_SUITE_END()
