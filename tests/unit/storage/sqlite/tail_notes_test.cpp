// SPDX-License-Identifier: MIT
// What is noted beside a route, and when it is believed.
#include "storage/sqlite/tail_notes.hpp"

#include <array>
#include <cstring>
#include <random>

#include <boost/test/unit_test.hpp>

#include <ipcm/error.hpp>

#include "storage/sqlite/lost_tail.hpp"
#include "storage/sqlite/place.hpp"
#include "storage/sqlite/sqlite_store.hpp"
#include "support/errors.hpp"
#include "support/temporary_folder.hpp"

using namespace ipcm::storage::sqlite;
using ipcm::ErrorCode;
using ipcm::storage::Parcel;
using ipcm::storage::PeerRow;
using ipcm::storage::Transaction;

namespace {

constexpr std::chrono::milliseconds kPatienceForNotes{10'000};
constexpr TailOrigin kOrigin{1, 2};

struct Page {
  alignas(8) std::array<char, TailNotes::kSize> bytes{};
  TailNotes notes{bytes.data()};
};

/// A route with the peer "worker", who has one message.
class RouteWithMail {
 public:
  explicit RouteWithMail(const std::string& durability = "full") {
    BOOST_REQUIRE(create_route(path_, {"an-id", 1.5, durability, 1000}, kPatienceForNotes));
    SqliteStore store(path_, kPatienceForNotes);
    store.write([&](Transaction& transaction) { worker_ = transaction.insert_peer("worker"); });
    append(store);
  }

  void append(SqliteStore& store) const {
    store.write([&](Transaction& transaction) {
      transaction.append(worker_.id, {ipcm::MessageId::generate(1), "boss", 1, false, "", "1"});
    });
  }
  // Notes a number that the route never gave out, as if the commit had vanished.
  void note(std::int64_t number, bool same_boot, bool synced) const {
    SqliteStore store(path_, kPatienceForNotes, SqliteStore::LostCommits::overlook);
    TailOrigin origin = TailOrigin::of("an-id");
    if (!same_boot) ++origin.boot;
    RouteLocks& locks = store.connection().locks();
    const std::uint64_t serial = locks.note(origin, {worker_.id, kFirstNumber + number}, 1.5);
    if (synced) locks.mark_synced(serial);
  }
  std::string code_of_opening() const {
    return test::code_of_call([&] { SqliteStore(path_, kPatienceForNotes); });
  }
  const RoutePath& path() const { return path_; }
  const PeerRow& worker() const { return worker_; }

 private:
  test::TemporaryFolder folder_;
  RoutePath path_{folder_.file("route.ipcm")};
  PeerRow worker_;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(tail_notes)

BOOST_AUTO_TEST_CASE(what_was_added_is_found_and_the_newest_is_known) {
  Page page;
  BOOST_TEST(page.notes.all().empty());
  BOOST_TEST(page.notes.newest().serial == 0U);
  for (std::int64_t n = 1; n <= 100; ++n) {
    const std::uint64_t serial = page.notes.add(kOrigin, {n, n * 10, 0}, 2.5);
    const TailNote newest = page.notes.newest();
    BOOST_TEST(newest.serial == serial);
    BOOST_TEST(newest.appended.inbox == n);
    BOOST_TEST(newest.appended.number == n * 10);
    BOOST_TEST(newest.time == 2.5);
    BOOST_CHECK(newest.origin == kOrigin);
  }
  BOOST_TEST(page.notes.all().size() == 15U);
}

BOOST_AUTO_TEST_CASE(a_note_is_synced_only_once_it_is_said_of_that_one) {
  Page page;
  const std::uint64_t first = page.notes.add(kOrigin, {1, 1, 0}, 0);
  BOOST_TEST(!page.notes.newest().synced);
  page.notes.mark_synced(first);
  BOOST_TEST(page.notes.newest().synced);
  for (int n = 0; n < 15; ++n) page.notes.add(kOrigin, {1, 2 + n, 0}, 0);  // another one takes its place
  page.notes.mark_synced(first);
  for (const TailNote& note : page.notes.all()) BOOST_TEST(!note.synced);
}

BOOST_AUTO_TEST_CASE(whoever_is_told_late_of_its_sync_does_not_unmark_the_note_that_took_its_place) {
  Page page;
  const std::uint64_t first = page.notes.add(kOrigin, {1, 1, 0}, 0);
  std::uint64_t last = 0;
  for (int n = 0; n < 15; ++n) last = page.notes.add(kOrigin, {1, 2 + n, 0}, 0);
  page.notes.mark_synced(last);
  page.notes.mark_synced(first);
  BOOST_TEST(page.notes.newest().synced);
}

BOOST_AUTO_TEST_CASE(the_notes_of_an_inbox_can_be_forgotten) {
  Page page;
  for (std::int64_t n = 0; n < 10; ++n) page.notes.add(kOrigin, {n % 2 + 1, n, 0}, 0);
  BOOST_TEST(page.notes.forget(1));
  BOOST_TEST(!page.notes.forget(1));
  BOOST_TEST(page.notes.all().size() == 5U);
  for (const TailNote& note : page.notes.all()) BOOST_TEST(note.appended.inbox == 2);
  page.notes.clear();
  BOOST_TEST(page.notes.all().empty());
}

BOOST_AUTO_TEST_CASE(a_flipped_bit_of_a_note_makes_it_none) {
  Page page;
  page.notes.add(kOrigin, {7, 8, 0}, 9);
  const auto whole = page.bytes;
  const std::size_t slot = 64 + 64;                 // the header, and the slot before that of serial 1
  for (std::size_t bit = 0; bit < 7 * 64; ++bit) {  // but for the last word, which says that it is synced
    page.bytes = whole;
    page.bytes[slot + bit / 8] = static_cast<char>(page.bytes[slot + bit / 8] ^ static_cast<char>(1U << bit % 8));
    BOOST_TEST(page.notes.all().empty(), "bit " << bit);
  }
}

BOOST_AUTO_TEST_CASE(noise_is_no_note_and_can_be_written_over) {
  std::mt19937_64 random(1);
  Page page;
  for (int n = 0; n < 1000; ++n) {
    for (std::size_t at = 0; at < page.bytes.size(); at += 8) {
      const std::uint64_t word = random();
      std::memcpy(page.bytes.data() + at, &word, sizeof word);
    }
    BOOST_TEST(page.notes.all().empty());
    page.notes.mark_synced(page.notes.add(kOrigin, {1, 2, 0}, 3));
    BOOST_TEST(page.notes.all().size() == 1U);
    BOOST_TEST(page.notes.newest().synced);
  }
  page.bytes.fill('\xFF');
  page.notes.add(kOrigin, {1, 2, 0}, 3);
  BOOST_TEST(page.notes.newest().appended.number == 2);
}

BOOST_AUTO_TEST_CASE(without_a_page_nothing_is_noted_and_nothing_happens) {
  TailNotes none(nullptr);
  BOOST_TEST(none.add(kOrigin, {1, 2, 0}, 3) == 0U);
  none.mark_synced(1);
  none.clear();
  BOOST_TEST(!none.forget(1));
  BOOST_TEST(none.newest().serial == 0U);
  BOOST_TEST(none.all().empty());
}

BOOST_AUTO_TEST_CASE(every_commit_that_appends_is_noted_and_marked_once_it_is_synced) {
  for (const char* durability : {"full", "relaxed"}) {
    const RouteWithMail route(durability);
    SqliteStore store(route.path(), kPatienceForNotes);
    const TailNote note = store.connection().locks().tail_notes().newest();
    BOOST_TEST(note.appended.inbox == route.worker().id);
    BOOST_TEST(note.appended.number == kFirstNumber + 1);
    BOOST_CHECK(note.origin == TailOrigin::of("an-id"));
    BOOST_TEST(note.synced == (std::string(durability) == "full"));
  }
}

BOOST_AUTO_TEST_CASE(a_route_that_knows_less_than_its_notes_is_refused_and_one_that_knows_as_much_is_not) {
  const RouteWithMail route;
  route.note(1, true, false);
  BOOST_TEST(route.code_of_opening() == "ok");
  route.note(2, true, false);
  BOOST_TEST(route.code_of_opening() == "RouteDamaged");
}

BOOST_AUTO_TEST_CASE(after_a_power_loss_only_what_was_synced_is_missed) {
  for (const char* durability : {"full", "relaxed", "volatile"}) {
    const RouteWithMail not_synced(durability);
    not_synced.note(2, false, false);
    BOOST_TEST(not_synced.code_of_opening() == "ok");
    const RouteWithMail synced(durability);
    synced.note(2, false, true);
    BOOST_TEST(synced.code_of_opening() == (std::string(durability) == "full" ? "RouteDamaged" : "ok"));
  }
}

BOOST_AUTO_TEST_CASE(notes_count_whichever_route_they_are_of) {
  const RouteWithMail route;
  SqliteStore store(route.path(), kPatienceForNotes);
  RouteLocks& locks = store.connection().locks();
  locks.note(TailOrigin::of("another id"), {route.worker().id, kFirstNumber + 1, 0}, 0);
  BOOST_TEST(route.code_of_opening() == "ok");
  locks.note(TailOrigin::of("another id"), {route.worker().id, kFirstNumber + 9, 0}, 0);
  BOOST_TEST(route.code_of_opening() == "RouteDamaged");
}

BOOST_AUTO_TEST_CASE(notes_that_make_no_sense_are_not_believed) {
  const RouteWithMail route;
  SqliteStore store(route.path(), kPatienceForNotes);
  RouteLocks& locks = store.connection().locks();
  const TailOrigin origin = TailOrigin::of("an-id");
  for (const Appended& nonsense :
       {Appended{-1, kFirstNumber + 9, 0}, Appended{std::int64_t{1} << 40, kFirstNumber + 9, 0},
        Appended{route.worker().id, -1, 0}, Appended{route.worker().id, kHighestNumber + 1, 0}}) {
    locks.note(origin, nonsense, 0);
  }
  BOOST_TEST(route.code_of_opening() == "ok");
}

BOOST_AUTO_TEST_CASE(a_send_into_a_route_that_has_lost_commits_under_it_is_refused_and_stores_nothing) {
  const RouteWithMail route;
  SqliteStore store(route.path(), kPatienceForNotes);
  for (const std::int64_t lost : {2, 50}) {
    route.note(lost, true, false);
    BOOST_TEST(test::code_of_call([&] { route.append(store); }) == "RouteDamaged");
  }
  BOOST_TEST(store.accept_lost_tail().size() == 1U);
  route.append(store);
  std::size_t held = 0;
  store.read([&](ipcm::storage::Snapshot& view) {
    view.peek(route.worker().id, 10, [&](const auto&) { return ++held > 0; });
  });
  BOOST_TEST(held == 2U);
}

BOOST_AUTO_TEST_CASE(what_a_transaction_undid_in_part_is_noted_without_that_part) {
  const RouteWithMail route;
  SqliteStore store(route.path(), kPatienceForNotes);
  store.write([&](Transaction& transaction) {
    const auto append = [&] {
      transaction.append(route.worker().id, {ipcm::MessageId::generate(1), "boss", 1, false, "", "1"});
    };
    append();
    try {
      transaction.attempt([&] {
        append();
        append();
        throw ipcm::Error(ErrorCode::InvalidMessage, "refused");
      });
    } catch (const ipcm::Error&) {}
  });
  BOOST_TEST(store.connection().locks().tail_notes().newest().appended.number == kFirstNumber + 2);
  BOOST_TEST(route.code_of_opening() == "ok");
}

BOOST_AUTO_TEST_SUITE_END()
