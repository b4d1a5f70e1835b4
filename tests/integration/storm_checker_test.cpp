// SPDX-License-Identifier: MIT
// The checker of a storm must find what it is there to find.
#include <boost/test/unit_test.hpp>

#include "integration/storm/checker.hpp"
#include "support/text.hpp"

namespace {

using storm::Entry;
using Event = Entry::Event;

// A sender that got 1 to 4 acknowledged and was killed over 5; a reader that removed 1 and 2 and was killed over 3.
storm::Evidence good() {
  storm::Evidence evidence;
  for (int n = 1; n <= 5; ++n) {
    evidence.senders["s"].push_back({Event::tried, "s", n});
    if (n < 5) evidence.senders["s"].push_back({Event::sent, "s", n});
  }
  evidence.reader = {{Event::delivered, "s", 1}, {Event::removed, "s", 1},   {Event::delivered, "s", 2},
                     {Event::removed, "s", 2},   {Event::delivered, "s", 3}, {Event::delivered, "s", 3}};
  evidence.queued = {{Event::delivered, "s", 3}, {Event::delivered, "s", 4}, {Event::delivered, "s", 5}};
  evidence.read["s"] = 2;
  return evidence;
}

// A reader that took 1 to 3 and was killed before it wrote 3 down.
storm::Evidence good_taken() {
  storm::Evidence evidence = good();
  evidence.reader_removes = false;
  evidence.reader = {{Event::delivered, "s", 1}, {Event::delivered, "s", 2}};
  evidence.queued = {{Event::delivered, "s", 4}, {Event::delivered, "s", 5}};
  evidence.read["s"] = 3;
  return evidence;
}

std::string found(const storm::Evidence& evidence) {
  return test::joined(storm::problems(evidence));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(storm_checker)

BOOST_AUTO_TEST_CASE(what_a_kill_may_do_is_no_problem) {
  BOOST_TEST(found(good()) == "");
  auto unsent = good();
  unsent.queued.pop_back();  // the one that was not acknowledged
  BOOST_TEST(found(unsent) == "");
  BOOST_TEST(found(good_taken()) == "");
}

BOOST_AUTO_TEST_CASE(a_lost_message_is_found) {
  auto evidence = good();
  evidence.queued.erase(evidence.queued.begin() + 1);
  BOOST_TEST(found(evidence) == "message 4 of s was acknowledged and is lost");
  auto taken = good_taken();
  taken.queued.erase(taken.queued.begin());
  BOOST_TEST(found(taken) == "3 messages of s count as read, but 2 were delivered and 2 are missing");
}

BOOST_AUTO_TEST_CASE(a_message_that_nobody_sent_is_found) {
  auto evidence = good();
  evidence.queued.push_back({Event::delivered, "s", 6});
  BOOST_TEST(found(evidence) == "message 6 of s arrived, but was never sent");
}

BOOST_AUTO_TEST_CASE(a_message_that_comes_again_is_found) {
  auto evidence = good();
  evidence.reader.push_back({Event::delivered, "s", 1});
  BOOST_TEST(found(evidence) == "message 1 of s came again after it was removed");
  evidence = good();
  evidence.queued.insert(evidence.queued.begin(), Entry{Event::delivered, "s", 2});
  BOOST_TEST(found(evidence) != "");
  auto taken = good_taken();
  taken.reader.push_back({Event::delivered, "s", 2});
  BOOST_TEST(found(taken) == "message 2 of s was delivered twice");
  taken = good_taken();
  taken.queued.insert(taken.queued.begin(), Entry{Event::delivered, "s", 2});
  BOOST_TEST(found(taken) != "");
}

BOOST_AUTO_TEST_CASE(a_message_that_is_queued_twice_is_found) {
  auto evidence = good();
  evidence.queued.push_back({Event::delivered, "s", 5});
  BOOST_TEST(found(evidence) == "message 5 of s is queued twice");
}

BOOST_AUTO_TEST_CASE(a_broken_order_is_found) {
  auto evidence = good();
  std::swap(evidence.queued[1], evidence.queued[2]);
  BOOST_TEST(found(evidence) == "message 4 of s is queued out of order");
  evidence = good();
  std::swap(evidence.reader[0], evidence.reader[2]);
  std::swap(evidence.reader[1], evidence.reader[3]);
  BOOST_TEST(found(evidence) == "message 1 of s came out of order");
}

BOOST_AUTO_TEST_CASE(a_message_that_vanishes_under_its_reader_is_found) {
  auto evidence = good();
  evidence.reader.push_back({Event::vanished, "s", 3});
  BOOST_TEST(found(evidence) == "message 3 of s or one beside it was gone before it was removed");
}

BOOST_AUTO_TEST_CASE(counts_that_do_not_agree_are_found) {
  auto evidence = good();
  evidence.read["s"] = 3;
  BOOST_TEST(found(evidence) == "3 messages of s count as read, but 2 were delivered and are gone");
  auto taken = good_taken();
  taken.read["s"] = 1;
  BOOST_TEST(found(taken) != "");
}

BOOST_AUTO_TEST_SUITE_END()
