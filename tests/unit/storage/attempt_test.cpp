// SPDX-License-Identifier: MIT
// A part of a transaction that fails is undone, and the rest stands: the same for every store.
#include <functional>
#include <memory>
#include <string>

#include <boost/test/unit_test.hpp>

#include <ipcm/error.hpp>

#include "storage/memory/memory_store.hpp"
#include "storage/sqlite/route_file.hpp"
#include "storage/sqlite/sqlite_store.hpp"
#include "support/temporary_folder.hpp"
#include "unit/storage/memory/memory_fixture.hpp"

namespace {

using namespace ipcm::storage;
using ipcm::Error;
using ipcm::ErrorCode;
using test::parcel;

void with_each_store(const std::function<void(Store&)>& check) {
  BOOST_TEST_CONTEXT("memory") {
    test::MemoryRouteFixture memory;
    check(memory.store);
  }
  BOOST_TEST_CONTEXT("SQLite") {
    const test::TemporaryFolder folder;
    const sqlite::RoutePath path(folder.file("route.ipcm"));
    sqlite::create_route(path, {"an-id", 1.5, "relaxed", 1000}, std::chrono::milliseconds(10'000));
    sqlite::SqliteStore store(path, std::chrono::milliseconds(10'000));
    check(store);
  }
}

std::string ids(Snapshot& view, const PeerRow& inbox) {
  std::string all;
  view.peek(inbox.id, 1000, [&](const StoredMessage& message) {
    all += message.parcel.id.text() + " ";
    return true;
  });
  return all;
}

void refuse() {
  throw Error(ErrorCode::UnknownPeer, "refused");
}

}  // namespace

BOOST_AUTO_TEST_SUITE(attempt)

BOOST_AUTO_TEST_CASE(the_count_of_changes_tells_of_each_commit_and_of_nothing_else) {
  with_each_store([](Store& store) {
    const auto before = store.change_count();
    BOOST_TEST(store.change_count() == before);
    store.read([](Snapshot& view) { view.peers(); });
    BOOST_TEST(store.change_count() == before);
    BOOST_CHECK_THROW(store.write([](Transaction&) { refuse(); }), Error);
    BOOST_TEST(store.change_count() == before);
    store.write([](Transaction& transaction) { transaction.insert_peer("worker"); });
    BOOST_TEST(store.change_count() != before);
  });
}

BOOST_AUTO_TEST_CASE(what_a_part_did_is_undone_when_it_throws_and_the_rest_stands) {
  with_each_store([](Store& store) {
    PeerRow inbox;
    store.write([&](Transaction& transaction) {
      inbox = transaction.insert_peer("worker");
      transaction.append(inbox.id, parcel("before", "boss"));
      const auto half = [&] {
        transaction.append(inbox.id, parcel("half", "boss"));
        transaction.insert_peer("nobody");
        refuse();
      };
      BOOST_CHECK_THROW(transaction.attempt(half), Error);
      BOOST_TEST(!transaction.find_peer("nobody"));
      transaction.append(inbox.id, parcel("after", "boss"));
      transaction.attempt([&] { transaction.append(inbox.id, parcel("whole", "boss")); });
    });
    std::int64_t last = 0;
    store.read([&](Snapshot& view) {
      BOOST_TEST(ids(view, inbox) == "before after whole ");
      view.peek(inbox.id, 1000, [&](const StoredMessage& message) {
        last = message.place;
        return true;
      });
    });
    BOOST_TEST(last == test::nth_place(inbox.id, 3));  // and no number was lost
  });
}

BOOST_AUTO_TEST_CASE(a_transaction_that_fails_later_undoes_what_its_parts_did) {
  with_each_store([](Store& store) {
    PeerRow inbox;
    store.write([&](Transaction& transaction) { inbox = transaction.insert_peer("worker"); });
    const auto fails = [&](Transaction& transaction) {
      transaction.attempt([&] { transaction.append(inbox.id, parcel("part", "boss")); });
      refuse();
    };
    BOOST_CHECK_THROW(store.write(fails), Error);
    store.read([&](Snapshot& view) { BOOST_TEST(ids(view, inbox) == ""); });
  });
}

BOOST_AUTO_TEST_SUITE_END()
