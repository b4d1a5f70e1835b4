// SPDX-License-Identifier: MIT
// kill -9 before and after any system call of any operation, in the library as it is shipped.
#include <boost/test/unit_test.hpp>

#include <random>
#include <string>
#include <vector>

#include "support/faults/seed.hpp"
#include "support/faults/stepper.hpp"
#include "support/faults/trial.hpp"

namespace {

using test::Judge;

// So many moments of each operation are tried, at random; IPCM_TEST_FAULTS says how many times as many.
constexpr std::size_t kKills = 8;
constexpr std::size_t kKillsOfLarge = 2;

struct Kill {
  test::Ending ending;
  test::Stepped stepped;
};

Kill perform_and_kill(const test::Operation& operation, long moment, Judge::Kind judge) {
  Kill kill;
  test::Faults faults;
  faults.begin = test::begin_to_be_traced;
  faults.end = test::end_to_be_traced;
  faults.watch = [&](pid_t actor) { kill.stepped = test::kill_at_system_call(actor, moment); };
  kill.ending = test::perform(operation, faults, judge);
  return kill;
}

std::vector<long> moments_of(const test::Operation& operation, std::mt19937& random) {
  const long all = perform_and_kill(operation, 0, Judge::Kind::comes_later).stepped.moments;
  const std::vector<long> chosen = test::chosen_up_to(all, operation.is_large ? kKillsOfLarge : kKills, random);
  BOOST_TEST_MESSAGE(operation.name << ": " << chosen.size() << " of " << all << " moments");
  return chosen;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(kill_at_a_system_call, *boost::unit_test::precondition(test::may_trace))

BOOST_AUTO_TEST_CASE(every_operation_happens_whole_or_not_at_all_at_whatever_system_call_its_process_is_killed) {
  std::mt19937 random(test::seed());
  long kills = 0;
  for (const test::Operation& operation : test::operations()) {
    const std::vector<long> moments = moments_of(operation, random);
    BOOST_TEST(!moments.empty(), operation.name);
    for (const long moment : moments) {
      const auto judge = random() % 2 == 0 ? Judge::Kind::is_connected : Judge::Kind::comes_later;
      const Kill kill = perform_and_kill(operation, moment, judge);
      const std::string problems = test::problems_of(kill.ending, test::outlook(operation));
      BOOST_TEST(problems == "", operation.name << ", killed at moment " << moment << ": " << problems);
      kills += kill.stepped.killed ? 1 : 0;
    }
  }
  BOOST_TEST_MESSAGE(kills << " kills");
  BOOST_TEST(kills > 0);
}

BOOST_AUTO_TEST_SUITE_END()
