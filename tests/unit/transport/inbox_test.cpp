// SPDX-License-Identifier: MIT
#include "transport/inbox.hpp"

#include <boost/test/unit_test.hpp>

namespace inbox_test {

using ipcm::MessageId;
using ipcm::transport::Enclosure;
using ipcm::transport::Inbox;
using ipcm::transport::Letter;
using ipcm::transport::Place;

namespace {

Letter letter(const std::string& content, const std::string& chosen_id = {}) {
  return {chosen_id.empty() ? MessageId::generate(1) : MessageId::chosen(chosen_id), "boss", 0, false, "", content, {}};
}

std::string contents(const Inbox& inbox) {
  std::string all;
  for (const auto& [place, each] : inbox.letters()) all += each.content;
  return all;
}

std::pair<Place, Letter> take_first(Inbox& inbox) {
  std::pair<Place, Letter> first = *inbox.letters().begin();
  inbox.erase(inbox.begin());
  return first;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(inbox)

BOOST_AUTO_TEST_CASE(what_is_put_back_has_its_old_place) {
  Inbox inbox(1);
  for (const char* content : {"a", "b", "c"}) inbox.append(letter(content));
  const auto a = take_first(inbox);
  const auto b = take_first(inbox);
  inbox.append(letter("d"));
  BOOST_TEST(inbox.put_back(b.first, b.second).has_value());
  BOOST_TEST(contents(inbox) == "bcd");
  BOOST_TEST(!inbox.put_back(b.first, b.second).has_value());
  BOOST_TEST(inbox.put_back(a.first, a.second).has_value());
  BOOST_TEST(contents(inbox) == "abcd");
}

BOOST_AUTO_TEST_CASE(what_has_no_place_goes_to_the_front) {
  Inbox inbox(1);
  inbox.put_back(std::nullopt, letter("c"));
  inbox.append(letter("d"));
  inbox.put_back(std::nullopt, letter("b"));
  inbox.put_back(Place{1} << 60, letter("a"));  // was never given out
  BOOST_TEST(contents(inbox) == "abcd");
}

BOOST_AUTO_TEST_CASE(what_was_taken_under_an_earlier_epoch_goes_before_all_that_came_later) {
  Inbox before(1);
  before.append(letter("a"));
  before.append(letter("b"));
  const auto a = take_first(before);
  const auto b = take_first(before);
  Inbox after(2);
  after.append(letter("c"));
  after.put_back(b.first, b.second);
  after.put_back(a.first, a.second);
  BOOST_TEST(contents(after) == "abc");
}

BOOST_AUTO_TEST_CASE(a_chosen_id_may_come_twice_but_not_be_put_back_twice) {
  Inbox inbox(1);
  inbox.append(letter("a", "id"));
  inbox.append(letter("b", "id"));
  const auto a = take_first(inbox);
  BOOST_TEST(!inbox.put_back(a.first, a.second).has_value());
  take_first(inbox);
  BOOST_TEST(!inbox.has_chosen_id(MessageId::chosen("id")));
  BOOST_TEST(inbox.put_back(a.first, a.second).has_value());
}

BOOST_AUTO_TEST_CASE(it_is_full_by_number_by_bytes_or_by_enclosed_bytes) {
  Inbox by_number(1);
  while (!by_number.is_full()) by_number.append(letter("x"));
  BOOST_TEST(by_number.size() == Inbox::kMostLetters);
  Inbox by_bytes(1);
  const Letter large = letter(std::string(Inbox::kMostBytes / 4, 'x'));
  while (!by_bytes.is_full()) by_bytes.append(large);
  BOOST_TEST(by_bytes.size() == 4U);
  Inbox by_enclosed(1);
  Letter enclosing = letter("");
  enclosing.enclosure = Enclosure{1, 1, Inbox::kMostEnclosedBytes / 2};
  while (!by_enclosed.is_full()) by_enclosed.append(enclosing);
  BOOST_TEST(by_enclosed.size() == 2U);
  for (Inbox* each : {&by_number, &by_bytes, &by_enclosed}) {
    take_first(*each);
    BOOST_TEST(!each->is_full());
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace inbox_test
