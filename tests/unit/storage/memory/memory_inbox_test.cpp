// SPDX-License-Identifier: MIT
// The rules of an inbox: places, numbers, what counts as what.
#include "storage/memory/memory_inbox.hpp"

#include <ipcm/error.hpp>

#include <boost/test/unit_test.hpp>

#include <limits>
#include <random>

#include "unit/storage/memory/memory_fixture.hpp"
#include "unit/support/expect_error.hpp"

namespace {

using namespace ipcm::storage;
using ipcm::MessageId;
using test::nth_place;
using test::parcel;
using Ids = std::vector<std::string>;

struct WithInbox : test::MemoryRouteFixture {
  PeerRow inbox = add_peer("worker");

  PairCount count(const std::string& sender) {
    PairCount found;
    store.read([&](Snapshot& snapshot) {
      for (const PairCount& pair : snapshot.counts()) {
        if (pair.sender == sender) found = pair;
      }
    });
    return found;
  }
  bool take_one(Place place, const MessageId& id) {
    bool done = false;
    store.write([&](Transaction& transaction) { done = transaction.take_one(inbox, place, id, test::read_it); });
    return done;
  }
  void bury_all() {
    store.write([&](Transaction& transaction) { transaction.take(inbox, SIZE_MAX, test::bury_it); });
  }
  void require_balance() { BOOST_TEST(route->audit().problems.empty()); }
};

bool is(const PairCount& pair, std::uint64_t sent, std::uint64_t read, std::uint64_t dead, std::uint64_t queued) {
  return pair.sent == sent && pair.read == read && pair.dead == dead && pair.queued == queued;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(memory_inbox, WithInbox)

BOOST_AUTO_TEST_CASE(numbers_are_given_out_in_order_and_once) {
  for (const char* id : {"a", "b"}) append(inbox, parcel(id, "boss"));
  BOOST_TEST((places(inbox) == std::vector<Place>{nth_place(1, 1), nth_place(1, 2)}));
  BOOST_TEST((take(inbox) == Ids{"a", "b"}));
  append(inbox, parcel("c", "boss"));
  BOOST_TEST((places(inbox) == std::vector<Place>{nth_place(1, 3)}));
  require_balance();
}

BOOST_AUTO_TEST_CASE(the_number_of_the_last_message_is_not_given_out_again_when_that_one_is_taken_from_behind) {
  append(inbox, parcel("a", "boss"));
  append(inbox, parcel("b", "boss"));
  BOOST_TEST(take_one(nth_place(1, 2), MessageId::chosen("b")));
  append(inbox, parcel("c", "boss"));
  BOOST_TEST((places(inbox) == std::vector<Place>{nth_place(1, 1), nth_place(1, 3)}));
  require_balance();
}

BOOST_AUTO_TEST_CASE(a_message_keeps_all_that_it_was_sent_with) {
  const MessageId id = MessageId::generate(1);
  append(inbox, {id, "boss", -2.25, true, "CBOR", std::string_view("\0\xFF", 2)});
  store.read([&](Snapshot& snapshot) {
    BOOST_TEST(snapshot.has_mail(inbox.id, 0));
    snapshot.peek(inbox.id, 1, [&](const StoredMessage& message) {
      BOOST_TEST((message.parcel.id == id));
      BOOST_TEST(message.parcel.sender == "boss");
      BOOST_TEST(message.parcel.stamp == -2.25);
      BOOST_TEST(message.parcel.broadcast);
      BOOST_TEST(message.parcel.serializer == "CBOR");
      BOOST_TEST(message.parcel.content == std::string_view("\0\xFF", 2));
      return true;
    });
  });
}

BOOST_AUTO_TEST_CASE(a_chosen_id_is_held_once_and_free_again_when_its_message_has_left) {
  BOOST_TEST(append(inbox, parcel("x", "boss")));
  BOOST_TEST(!append(inbox, parcel("x", "another")));
  BOOST_TEST(append(add_peer("other inbox"), parcel("x", "boss")));
  take(inbox);
  BOOST_TEST(append(inbox, parcel("x", "boss")));
  bury_all();
  BOOST_TEST(append(inbox, parcel("x", "boss")));
  BOOST_TEST(take_one(places(inbox).at(0), MessageId::chosen("x")));
  BOOST_TEST(append(inbox, parcel("x", "boss")));
  BOOST_TEST((places(inbox) == std::vector<Place>{nth_place(1, 4)}));  // a refused message uses up no number
  require_balance();
}

BOOST_AUTO_TEST_CASE(a_generated_id_is_not_looked_for_and_equals_no_chosen_one) {
  const MessageId id = MessageId::generate(1);
  BOOST_TEST(append(inbox, parcel(id, "boss")));
  BOOST_TEST(append(inbox, parcel(id, "boss")));
  BOOST_TEST(append(inbox, parcel(MessageId::chosen(id.text()), "boss")));
  BOOST_TEST(!take_one(nth_place(1, 3), id));
  BOOST_TEST(take_one(nth_place(1, 2), id));
  require_balance();
}

BOOST_AUTO_TEST_CASE(take_goes_from_the_front_up_to_its_limit) {
  for (const char* id : {"a", "b", "c"}) append(inbox, parcel(id, "boss"));
  BOOST_TEST(take(inbox, 0).empty());
  BOOST_TEST((take(inbox, 2) == Ids{"a", "b"}));
  BOOST_TEST((take(inbox, 2) == Ids{"c"}));
  BOOST_TEST(take(inbox, 2).empty());
}

BOOST_AUTO_TEST_CASE(peek_stops_at_its_limit_and_when_it_is_told_to) {
  for (const char* id : {"a", "b", "c"}) append(inbox, parcel(id, "boss"));
  store.read([&](Snapshot& snapshot) {
    int shown = 0;
    snapshot.peek(inbox.id, 2, [&](const StoredMessage&) { return ++shown > 0; });
    BOOST_TEST(shown == 2);
    snapshot.peek(inbox.id, 0, [&](const StoredMessage&) { return ++shown > 0; });
    BOOST_TEST(shown == 2);
    snapshot.peek(inbox.id, 9, [&](const StoredMessage&) { return ++shown < 4; });
    BOOST_TEST(shown == 4);
  });
  BOOST_TEST(ids(inbox).size() == 3U);
}

BOOST_AUTO_TEST_CASE(what_is_judged_unreadable_counts_as_dead_and_the_rest_as_read) {
  for (const char* id : {"a", "bad", "c"}) append(inbox, parcel(id, "boss"));
  std::size_t taken = 0;
  store.write([&](Transaction& transaction) {
    taken = transaction.take(inbox, SIZE_MAX, [](const StoredMessage& message) -> std::optional<std::string> {
      return message.parcel.id == MessageId::chosen("bad") ? std::optional<std::string>("why") : std::nullopt;
    });
  });
  BOOST_TEST(taken == 3U);
  BOOST_TEST(is(count("boss"), 3, 2, 1, 0));
  BOOST_TEST(route->totals().dead == 1U);
  require_balance();
}

BOOST_AUTO_TEST_CASE(one_message_is_taken_only_with_its_place_and_its_id) {
  append(inbox, parcel("a", "boss"));
  BOOST_TEST(!take_one(nth_place(1, 1), MessageId::chosen("b")));
  BOOST_TEST(!take_one(nth_place(1, 2), MessageId::chosen("a")));
  BOOST_TEST(!take_one(nth_place(2, 1), MessageId::chosen("a")));
  BOOST_TEST(take_one(nth_place(1, 1), MessageId::chosen("a")));
  BOOST_TEST(!take_one(nth_place(1, 1), MessageId::chosen("a")));
  BOOST_TEST(is(count("boss"), 1, 1, 0, 0));
}

BOOST_AUTO_TEST_CASE(counts_are_by_pair_and_tell_what_is_queued) {
  append(inbox, parcel("a", "boss"));
  append(inbox, parcel("b", "boss"));
  append(inbox, parcel("c", "clerk"));
  take(inbox, 1);
  BOOST_TEST(is(count("boss"), 2, 1, 0, 1));
  BOOST_TEST(is(count("clerk"), 1, 0, 0, 1));
  BOOST_TEST(count("boss").recipient == "worker");
}

BOOST_AUTO_TEST_CASE(a_message_goes_back_to_its_old_place_before_what_came_later) {
  for (const char* id : {"a", "b", "c"}) append(inbox, parcel(id, "boss"));
  take(inbox, 2);
  append(inbox, parcel("d", "boss"));
  BOOST_TEST(put_back(inbox, nth_place(1, 2), parcel("b", "boss")));
  BOOST_TEST(put_back(inbox, nth_place(1, 1), parcel("a", "boss")));
  BOOST_TEST((ids(inbox) == Ids{"a", "b", "c", "d"}));
  BOOST_TEST(is(count("boss"), 4, 0, 0, 4));
  require_balance();
}

BOOST_AUTO_TEST_CASE(a_message_without_a_place_goes_to_the_front) {
  for (const char* id : {"a", "b"}) append(inbox, parcel(id, "boss"));
  take(inbox, 1);
  BOOST_TEST(put_back(inbox, std::nullopt, parcel("a", "boss")));
  BOOST_TEST((places(inbox) == std::vector<Place>{nth_place(1, 1), nth_place(1, 2)}));
  BOOST_TEST(put_back(inbox, std::nullopt, parcel("z", "boss")));
  BOOST_TEST((ids(inbox) == Ids{"z", "a", "b"}));
  BOOST_TEST(places(inbox).front() == nth_place(1, 0));
  require_balance();
}

BOOST_AUTO_TEST_CASE(a_message_without_a_place_goes_into_an_empty_inbox_where_the_next_one_comes_after_it) {
  append(inbox, parcel("a", "boss"));
  take(inbox);
  BOOST_TEST(put_back(inbox, std::nullopt, parcel("a", "boss")));
  append(inbox, parcel("b", "boss"));
  BOOST_TEST((ids(inbox) == Ids{"a", "b"}));
  BOOST_TEST((places(inbox) == std::vector<Place>{nth_place(1, 1), nth_place(1, 2)}));
  require_balance();
}

BOOST_AUTO_TEST_CASE(a_place_that_was_never_given_out_or_is_taken_is_as_good_as_none) {
  for (const char* id : {"a", "b"}) append(inbox, parcel(id, "boss"));
  take(inbox, 1);
  for (const Place place :
       {nth_place(1, 3), nth_place(2, 1), nth_place(1, 2), Place{0}, Place{1}, std::numeric_limits<Place>::max()}) {
    BOOST_TEST(put_back(inbox, place, parcel("back", "boss")));
    BOOST_TEST((ids(inbox) == Ids{"back", "b"}));
    BOOST_TEST(places(inbox).front() == nth_place(1, 1));
    take(inbox, 1);
  }
  require_balance();
}

BOOST_AUTO_TEST_CASE(putting_back_twice_is_refused_and_changes_nothing) {
  append(inbox, parcel("a", "boss"));
  const MessageId generated = MessageId::generate(1);
  append(inbox, parcel(generated, "boss"));
  take(inbox);
  BOOST_TEST(put_back(inbox, nth_place(1, 1), parcel("a", "boss")));
  BOOST_TEST(put_back(inbox, nth_place(1, 2), parcel(generated, "boss")));
  const std::string before = everything();
  BOOST_TEST(!put_back(inbox, nth_place(1, 1), parcel("a", "boss")));
  BOOST_TEST(!put_back(inbox, std::nullopt, parcel("a", "boss")));
  BOOST_TEST(!put_back(inbox, nth_place(1, 2), parcel(generated, "boss")));
  BOOST_TEST(everything() == before);
}

BOOST_AUTO_TEST_CASE(what_was_never_read_from_that_sender_counts_as_newly_sent) {
  append(inbox, parcel("a", "boss"));
  BOOST_TEST(put_back(inbox, std::nullopt, parcel("foreign", "stranger")));
  BOOST_TEST((ids(inbox) == Ids{"foreign", "a"}));
  BOOST_TEST(is(count("stranger"), 1, 0, 0, 1));
  BOOST_TEST(is(count("boss"), 1, 0, 0, 1));
  require_balance();
  append(inbox, parcel("b", "boss"));
  BOOST_TEST(places(inbox).back() == nth_place(1, 3));  // number 2 is accounted for by the stranger
  take(inbox);
  require_balance();
}

BOOST_AUTO_TEST_CASE(dead_letters_are_not_what_was_read) {
  append(inbox, parcel("a", "boss"));
  bury_all();
  BOOST_TEST(put_back(inbox, nth_place(1, 1), parcel("a", "boss")));
  BOOST_TEST(is(count("boss"), 2, 0, 1, 1));
  require_balance();
}

BOOST_AUTO_TEST_CASE(the_room_before_the_first_message_ends_somewhere) {
  // An inbox whose first message has the lowest place of all, as after 2^32 messages without a place.
  MemoryInbox direct(inbox);
  UndoLog undo;
  direct.append(parcel("a", "boss"), undo);
  direct.take(1, test::read_it, undo);
  BOOST_TEST(direct.put_back(nth_place(1, 1) - (std::int64_t{1} << 32), parcel("a", "boss"), undo));
  BOOST_TEST(direct.put_back(std::nullopt, parcel("b", "boss"), undo));
  direct.peek(SIZE_MAX, [](const StoredMessage& message) {
    BOOST_TEST(message.place >= nth_place(1, 0) - (std::int64_t{1} << 32));
    return true;
  });
  test::expect_error(ipcm::ErrorCode::RouteFull, [&] { direct.put_back(std::nullopt, parcel("c", "boss"), undo); });
}

BOOST_AUTO_TEST_CASE(the_books_balance_after_any_sequence_of_operations) {
  std::mt19937 random(6);
  const PeerRow other = add_peer("other");
  std::vector<std::pair<std::string, std::string>> taken;  // id and sender
  const char* senders[] = {"boss", "clerk", "_anonymous"};
  for (int step = 0; step < 1'000; ++step) {
    const PeerRow& peer = random() % 4 == 0 ? other : inbox;
    const std::string id = "id " + std::to_string(random() % 20);
    const std::string sender = senders[random() % 3];
    std::optional<Place> place;
    if (random() % 3 != 0) place = nth_place(peer.id, static_cast<std::int64_t>(random() % 60) - 20);
    const std::vector<std::string> before = ids(peer);
    switch (random() % 6) {
      case 0: put_back(peer, place, parcel(id.c_str(), sender)); break;
      case 1: put_back(peer, place, parcel(MessageId::generate(step), sender)); break;
      case 2: append(peer, parcel(id.c_str(), sender)); break;
      case 3: append(peer, parcel(MessageId::generate(step), sender)); break;
      case 4: {
        const Ids got = take(peer, random() % 4);
        BOOST_REQUIRE((got == Ids(before.begin(), before.begin() + static_cast<std::ptrdiff_t>(got.size()))));
        break;
      }
      default: store.write([&](Transaction& transaction) { transaction.take(peer, random() % 2, test::bury_it); });
    }
    const MemoryRouteAudit audit = route->audit();
    BOOST_REQUIRE(audit.problems == std::vector<std::string>{});
    BOOST_REQUIRE_EQUAL(audit.messages, ids(inbox).size() + ids(other).size());
  }
}

BOOST_AUTO_TEST_SUITE_END()
