// SPDX-License-Identifier: MIT
#include "storage/memory/memory_store.hpp"

#include <ipcm/error.hpp>

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "unit/storage/memory/memory_fixture.hpp"
#include "unit/support/expect_error.hpp"
#include "unit/support/forked.hpp"

namespace {

using namespace ipcm::storage;
using ipcm::ErrorCode;
using ipcm::MessageId;
using test::contains;
using test::expect_error;
using test::parcel;

const MemoryRouteRecord kRecord{"an id", 1.5, "relaxed", 1024};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(memory_store, test::MemoryRouteFixture)

BOOST_AUTO_TEST_CASE(peers_get_ids_from_1_on_and_are_sorted_by_name) {
  BOOST_TEST(add_peer("zoe").id == 1);
  BOOST_TEST(add_peer("Zed").id == 2);
  BOOST_TEST(add_peer("\xC3\xA4nne").id == 3);
  BOOST_TEST(add_peer("adam").id == 4);
  store.read([](Snapshot& snapshot) {
    std::vector<std::string> names;
    for (const PeerRow& row : snapshot.peers()) names.push_back(row.name);
    BOOST_TEST((names == std::vector<std::string>{"Zed", "adam", "zoe", "\xC3\xA4nne"}));  // by bytes
    BOOST_TEST(snapshot.find_peer("zoe")->id == 1);
    BOOST_TEST((snapshot.find_peer("zoe")->state == RecordedState::suspended));
    BOOST_TEST(!snapshot.find_peer("nobody"));
    BOOST_TEST(!snapshot.has_mail(1, 0));
    BOOST_TEST(!snapshot.has_mail(99, 0));
  });
}

BOOST_AUTO_TEST_CASE(a_name_is_given_to_one_peer_only) {
  const PeerRow worker = add_peer("worker");
  append(worker, parcel("a", "boss"));
  const std::string before = everything();
  expect_error(ErrorCode::StorageFailure, [this] { add_peer("worker"); });
  BOOST_TEST(everything() == before);
}

BOOST_AUTO_TEST_CASE(everything_about_a_peer_but_its_id_and_name_is_written) {
  PeerRow row = add_peer("worker");
  row.name = "another";
  row.state = RecordedState::active;
  row.pid = 7;
  row.pid_started = 8;
  row.host = "host";
  row.suspend_expires = 2.5;
  row.epoch = 3;
  store.write([&](Transaction& transaction) { transaction.update_peer(row); });
  store.read([](Snapshot& snapshot) {
    BOOST_TEST(!snapshot.find_peer("another"));
    const PeerRow kept = snapshot.find_peer("worker").value();
    BOOST_TEST(kept.id == 1);
    BOOST_TEST((kept.state == RecordedState::active));
    BOOST_TEST(kept.pid.value() == 7);
    BOOST_TEST(kept.pid_started.value() == 8);
    BOOST_TEST(kept.host == "host");
    BOOST_TEST(kept.suspend_expires.value() == 2.5);
    BOOST_TEST(kept.epoch == 3);
  });
}

BOOST_AUTO_TEST_CASE(a_forgotten_peer_takes_its_mail_its_dead_letters_and_its_counts_along) {
  const PeerRow worker = add_peer("worker");
  const PeerRow boss = add_peer("boss");
  append(worker, parcel("a", "boss"));
  append(worker, parcel("b", "boss"));
  append(boss, parcel("c", "worker"));
  store.write([&](Transaction& transaction) { transaction.take(worker, 1, test::bury_it); });
  store.write([&](Transaction& transaction) { transaction.forget_peer(worker); });
  store.read([](Snapshot& snapshot) {
    BOOST_TEST(!snapshot.find_peer("worker"));
    BOOST_TEST(!snapshot.has_mail(1, 0));
    const std::vector<PairCount> counts = snapshot.counts();
    BOOST_REQUIRE(counts.size() == 1U);
    BOOST_TEST(counts[0].recipient == "boss");  // what it sent to others is theirs
  });
  BOOST_TEST(route->totals().dead == 0U);
  const PeerRow again = add_peer("worker");
  BOOST_TEST(ids(again).empty());
  BOOST_TEST(append(again, parcel("a", "boss")));
}

BOOST_AUTO_TEST_CASE(the_id_of_the_newest_peer_is_given_out_again_and_other_gaps_are_left_alone) {
  const PeerRow first = add_peer("first");
  add_peer("second");
  const PeerRow third = add_peer("third");
  store.write([&](Transaction& transaction) {
    transaction.forget_peer(first);
    transaction.forget_peer(third);
  });
  BOOST_TEST(add_peer("fourth").id == 3);
}

BOOST_AUTO_TEST_CASE(an_inbox_that_is_not_there_has_nothing_and_takes_nothing) {
  PeerRow nobody;
  nobody.id = 99;
  BOOST_TEST(take(nobody).empty());
  BOOST_TEST(ids(nobody).empty());
  expect_error(ErrorCode::StorageFailure, [&] { append(nobody, parcel("a", "boss")); });
  expect_error(ErrorCode::StorageFailure, [&] { put_back(nobody, std::nullopt, parcel("a", "boss")); });
}

BOOST_AUTO_TEST_CASE(presence_is_held_by_one_store_at_a_time_and_ends_with_it) {
  auto other = std::make_unique<MemoryStore>(route);
  BOOST_TEST(!store.is_present(1));
  BOOST_TEST(other->hold_presence(1));
  BOOST_TEST(other->hold_presence(1));  // its own already
  BOOST_TEST(!store.hold_presence(1));
  BOOST_TEST(store.hold_presence(2));
  BOOST_TEST(store.is_present(1));
  BOOST_TEST(store.is_present(2));
  store.drop_presence(1);  // not its own
  BOOST_TEST(store.is_present(1));
  other.reset();
  BOOST_TEST(!store.is_present(1));
  BOOST_TEST(store.is_present(2));
  BOOST_TEST(store.hold_presence(1));
  store.drop_presence(1);
  BOOST_TEST(!store.is_present(1));
}

BOOST_AUTO_TEST_CASE(presence_can_be_asked_for_inside_a_transaction) {
  store.hold_presence(1);
  store.write([this](Transaction&) { BOOST_TEST(store.is_present(1)); });
}

BOOST_AUTO_TEST_CASE(what_one_store_writes_another_of_the_route_reads) {
  MemoryStore other(route);
  const PeerRow worker = add_peer("worker");
  append(worker, parcel("a", "boss"));
  other.read([&](Snapshot& snapshot) { BOOST_TEST(snapshot.has_mail(worker.id, 0)); });
  BOOST_TEST(other.max_content() == std::size_t{1} << 20);
}

BOOST_AUTO_TEST_CASE(threads_on_one_route_lose_and_double_nothing) {
  constexpr int kThreads = 4;
  constexpr int kEach = 500;
  const PeerRow worker = add_peer("worker");
  std::atomic<int> got = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      MemoryStore mine(route);
      const std::string sender = "sender " + std::to_string(i);
      for (int n = 0; n < kEach; ++n) {
        mine.write(
            [&](Transaction& transaction) { transaction.append(worker.id, parcel(MessageId::generate(n), sender)); });
      }
    });
    threads.emplace_back([&] {
      MemoryStore mine(route);
      while (got < kThreads * kEach) {
        mine.write(
            [&](Transaction& transaction) { got += static_cast<int>(transaction.take(worker, 7, test::read_it)); });
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  BOOST_TEST(got == kThreads * kEach);
  store.read([](Snapshot& snapshot) {
    for (const PairCount& pair : snapshot.counts()) BOOST_TEST(pair.read == static_cast<std::uint64_t>(kEach));
  });
  BOOST_TEST(route->audit().problems.empty());
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(memory_routes)

BOOST_AUTO_TEST_CASE(a_route_is_made_once_and_found_by_its_name) {
  const auto [made, is_new] = open_or_create_memory_route("routes test 1", kRecord);
  BOOST_TEST(is_new);
  const auto [again, is_new_again] = open_or_create_memory_route("routes test 1", {"other", 2, "full", 1});
  BOOST_TEST(!is_new_again);
  BOOST_TEST((again == made));
  BOOST_TEST((open_memory_route("routes test 1") == made));
  const MemoryRouteRecord record = made->record();
  BOOST_TEST(record.id == "an id");
  BOOST_TEST(record.created_at == 1.5);
  BOOST_TEST(record.durability == "relaxed");
  BOOST_TEST(record.max_content == 1024U);
  made->set_durability("full");
  BOOST_TEST(made->record().durability == "full");
  BOOST_TEST(remove_memory_route("routes test 1"));
}

BOOST_AUTO_TEST_CASE(a_route_that_is_not_there_is_missing) {
  const std::string error = expect_error(ErrorCode::RouteMissing, [] { open_memory_route("no\nsuch"); });
  BOOST_TEST(contains(error, R"("no\x0asuch")"));
  BOOST_TEST(!remove_memory_route("no such"));
}

BOOST_AUTO_TEST_CASE(a_route_that_was_removed_is_gone_for_those_who_are_connected_and_can_be_made_anew) {
  const auto route = open_or_create_memory_route("routes test 2", kRecord).first;
  MemoryStore store(route);
  store.write(
      [](Transaction& transaction) { transaction.append(transaction.insert_peer("worker").id, parcel("a", "boss")); });
  BOOST_TEST(remove_memory_route("routes test 2"));
  BOOST_TEST(!remove_memory_route("routes test 2"));
  bool called = false;
  expect_error(ErrorCode::RouteGone, [&] { store.read([&](Snapshot&) { called = true; }); });
  expect_error(ErrorCode::RouteGone, [&] { store.write([&](Transaction&) { called = true; }); });
  expect_error(ErrorCode::RouteGone, [&] { route->totals(); });
  expect_error(ErrorCode::RouteGone, [&] { MemoryStore anew(route); });
  BOOST_TEST(!called);
  expect_error(ErrorCode::RouteMissing, [] { open_memory_route("routes test 2"); });

  const auto [fresh, is_new] = open_or_create_memory_route("routes test 2", kRecord);
  BOOST_TEST(is_new);
  BOOST_TEST((fresh != route));
  BOOST_TEST(fresh->totals().peers == 0U);
  expect_error(ErrorCode::RouteGone, [&] { store.read([](Snapshot&) {}); });
  remove_memory_route("routes test 2");
}

BOOST_AUTO_TEST_CASE(a_forked_child_sees_none_of_its_parents_routes_and_leaves_them_alone) {
  const auto route = open_or_create_memory_route("routes test 3", kRecord).first;
  MemoryStore store(route);
  store.hold_presence(1);
  const std::string seen = test::in_child([&] {
    store.abandon();
    std::string log;
    try {
      open_memory_route("routes test 3");
    } catch (const ipcm::Error& error) {
      log += ipcm::to_string(error.code());
    }
    log += remove_memory_route("routes test 3") ? " removed" : " nothing to remove";
    log += open_or_create_memory_route("routes test 3", kRecord).second ? " made" : " found";
    return log;
  });
  BOOST_TEST(seen == "RouteMissing nothing to remove made");
  BOOST_TEST((open_memory_route("routes test 3") == route));
  BOOST_TEST(store.is_present(1));
  remove_memory_route("routes test 3");
}

BOOST_AUTO_TEST_CASE(a_fork_amid_the_work_of_other_threads_finds_the_routes_whole) {
  const auto route = open_or_create_memory_route("routes test 4", kRecord).first;
  std::atomic<bool> done = false;
  std::thread busy([&] {
    MemoryStore store(route);
    PeerRow worker;
    store.write([&](Transaction& transaction) { worker = transaction.insert_peer("worker"); });
    while (!done) {
      store.write([&](Transaction& transaction) {
        transaction.append(worker.id, parcel(MessageId::generate(1), "boss"));
        transaction.append(worker.id, parcel(MessageId::generate(1), "clerk"));
        transaction.take(worker, 2, test::read_it);
      });
      open_memory_route("routes test 4");
    }
  });
  for (int i = 0; i < 10; ++i) {
    const std::string seen = test::in_child([&] {
      const bool balanced = route->audit().problems.empty();  // its own copy of the memory
      return std::string(balanced && open_or_create_memory_route("routes test 4", kRecord).second ? "whole" : "torn");
    });
    BOOST_TEST(seen == "whole");
  }
  done = true;
  busy.join();
  remove_memory_route("routes test 4");
}

BOOST_AUTO_TEST_SUITE_END()
