// SPDX-License-Identifier: MIT
// kill -9, again and again, among senders, readers and people with the sqlite3 shell: nothing that was acknowledged is
// lost, nothing comes twice, order is kept, the books balance, and nobody is told that the database is locked.
//
// The seed is printed; IPCM_TEST_SEED=n repeats what is killed and when, IPCM_TEST_STORM_SECONDS=n sets how long each
// storm rages.
#include <boost/test/unit_test.hpp>

#include <cstdlib>
#include <map>
#include <random>

#include "integration/sqlite_shell.hpp"
#include "integration/storm/storm.hpp"
#include "support/text.hpp"

namespace {

using ipcm::Durability;

std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
  const char* given = std::getenv(variable);
  return given != nullptr ? std::strtoull(given, nullptr, 10) : otherwise;
}

// A storm in which nothing happened proves nothing.
void check_that_it_was_one(const std::vector<storm::Evidence>& evidence) {
  std::map<std::string, std::size_t> sent;
  std::size_t sent_by_all = 0, received = 0, queued = 0;
  for (const storm::Evidence& one : evidence) {
    for (const auto& [name, entries] : one.senders) {
      sent[name] += entries.size();
      sent_by_all += entries.size();
    }
    BOOST_TEST(one.reader.size() > 20);
    received += one.reader.size();
    queued += one.queued.size();
  }
  for (const auto& [name, entries] : sent) BOOST_TEST(entries > 10, name << " hardly sent anything");
  BOOST_TEST_MESSAGE(sent_by_all << " entries by senders, " << received << " by readers, " << queued
                                 << " still queued");
}

void run(storm::StormOptions options) {
  options.seed = number_from("IPCM_TEST_SEED", std::random_device()());
  options.with_shells = test::has_sqlite_shell({}) ? true : false;
  BOOST_TEST_MESSAGE("IPCM_TEST_SEED=" << options.seed);
  if (!options.with_shells) BOOST_TEST_MESSAGE("there is no sqlite3 shell on this machine: the storm goes without");
  storm::Storm storm(options);
  storm.rage(std::chrono::seconds(number_from("IPCM_TEST_STORM_SECONDS", 3)));
  storm.end();
  BOOST_TEST_MESSAGE(storm.kills() << " kills; at the shell " << storm.looks().rounds << " looks, "
                                   << storm.mail_by_sql().rounds << " sends");
  BOOST_TEST(test::joined(storm.complaints()) == "");
  if (options.with_shells) {
    BOOST_TEST(storm.looks().rounds > 0);
    BOOST_TEST(storm.mail_by_sql().rounds > 0);
  }
  const auto evidence = storm.evidence();
  for (const storm::Evidence& one : evidence) BOOST_TEST(test::joined(storm::problems(one)) == "");
  check_that_it_was_one(evidence);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(kill_storm)

BOOST_AUTO_TEST_CASE(readers_that_remove_what_they_wrote_down_lose_nothing_under_full) {
  run({.durability = Durability::full, .reader_mode = "remove"});
}

BOOST_AUTO_TEST_CASE(readers_that_remove_what_they_wrote_down_lose_nothing_under_relaxed) {
  run({.durability = Durability::relaxed, .reader_mode = "remove"});
}

BOOST_AUTO_TEST_CASE(readers_that_take_get_every_message_once_while_senders_are_killed_under_full) {
  run({.durability = Durability::full, .reader_mode = "take", .kill_readers = false});
}

BOOST_AUTO_TEST_CASE(readers_that_take_get_every_message_once_while_senders_are_killed_under_relaxed) {
  run({.durability = Durability::relaxed, .reader_mode = "take", .kill_readers = false});
}

BOOST_AUTO_TEST_CASE(readers_that_are_killed_after_taking_lose_what_they_held_and_no_more_under_full) {
  run({.durability = Durability::full, .reader_mode = "take"});
}

BOOST_AUTO_TEST_CASE(readers_that_are_killed_after_taking_lose_what_they_held_and_no_more_under_relaxed) {
  run({.durability = Durability::relaxed, .reader_mode = "take"});
}

BOOST_AUTO_TEST_SUITE_END()
