// SPDX-License-Identifier: MIT
// All that can be done with a route, by processes that are killed, stopped, sent away and deafened at random, that have
// several threads on one client, and that fork: whatever they were told holds.
//
// The seed is printed; IPCM_TEST_SEED=n repeats what the driver and all others decide, as far as scheduling lets them.
// IPCM_TEST_STORM_SECONDS=n sets how long each storm rages. What it was when there are complaints is kept.
#include <boost/test/unit_test.hpp>

#include <iostream>

#include "storm/run.hpp"
#include "support/text.hpp"

namespace {

using namespace std::chrono_literals;
using ipcm::Durability;

constexpr int kFewestKills = 21;
constexpr int kMostTries = 6;
constexpr int kFewestAtOnce = 500;
constexpr int kFewestForks = 10;

storm::StormOptions options(Durability durability, int first_version = 0) {
  storm::StormOptions options;
  options.seed = storm::seed();
  options.durability = durability;
  options.first_version = first_version;
  options.fewest_kills = kFewestKills;
  return options;
}

// A storm in which nothing happened proves nothing: where so little is done in a second that a rule had nothing to
// judge, the next one follows, of the next seed.
void check(storm::StormOptions options, std::chrono::seconds how_long) {
  storm::Outcome all;
  for (int n = 0; n < kMostTries && all.complaints.empty() && (n == 0 || !all.idle_rules().empty()); ++n) {
    all.add(storm::run(options, how_long));
    ++options.seed;
  }
  BOOST_TEST_MESSAGE(all.summary());
  BOOST_TEST(all.complaints.empty(), all.summary());
  BOOST_TEST(test::joined(all.idle_rules()) == "");
  BOOST_TEST(all.deed("kills") >= kFewestKills);
  BOOST_TEST(all.deed("calls beside another one of the same client") >= kFewestAtOnce);
  BOOST_TEST(all.deed("forks") >= kFewestForks);
}

std::chrono::seconds seconds(std::uint64_t otherwise) {
  return std::chrono::seconds(storm::setting("IPCM_TEST_STORM_SECONDS", otherwise));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(storm_of_everything)

BOOST_AUTO_TEST_CASE(whatever_processes_were_told_holds_under_full) {
  check(options(Durability::full), seconds(20));
}

BOOST_AUTO_TEST_CASE(whatever_processes_were_told_holds_under_relaxed_on_a_route_that_began_as_version_1) {
  check(options(Durability::relaxed, 1), seconds(20));
}

BOOST_AUTO_TEST_CASE(whatever_processes_were_told_holds_under_full_on_a_route_that_began_as_version_2) {
  check(options(Durability::full, 2), seconds(15));
}

BOOST_AUTO_TEST_SUITE_END()

// For scripts/soak only: a storm a minute, each with another seed, until the time is over or somebody complains.
BOOST_AUTO_TEST_SUITE(soak, *boost::unit_test::disabled())

BOOST_AUTO_TEST_CASE(it_goes_on) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(storm::setting("IPCM_TEST_SOAK_MINUTES", 1));
  const auto started = std::chrono::steady_clock::now();
  storm::Outcome all;
  std::uint64_t seed = storm::seed();
  for (int round = 1; round == 1 || (std::chrono::steady_clock::now() < end && all.complaints.empty());
       ++round, ++seed) {
    const auto time = std::min<std::chrono::milliseconds>(
        60s, std::chrono::duration_cast<std::chrono::milliseconds>(end - std::chrono::steady_clock::now()));
    const storm::Outcome one = storm::run({.seed = seed,
                                           .durability = round % 2 == 0 ? Durability::relaxed : Durability::full,
                                           .first_version = round % 3},
                                          std::max<std::chrono::milliseconds>(time, 10s));
    all.add(one);
    const auto now = std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - started);
    std::cout << now.count() << " s: storm " << round << " of seed " << seed << ": " << one.calls << " calls, "
              << one.messages << " messages, " << one.deed("kills") << " kills, " << one.complaints.size()
              << " complaints" << std::endl;
  }
  std::cout << all.summary() << std::endl;
  BOOST_TEST(all.complaints.empty());
  BOOST_TEST(test::joined(all.idle_rules()) == "");
}

BOOST_AUTO_TEST_SUITE_END()
