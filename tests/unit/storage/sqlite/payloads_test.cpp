// SPDX-License-Identifier: MIT
#include "storage/sqlite/salvage/payloads.hpp"

#include <boost/test/unit_test.hpp>

#include <SQLiteCpp/Database.h>

#include "support/temporary_folder.hpp"

namespace {

using namespace ipcm::storage::sqlite;

constexpr std::uint64_t kLarge = 400'000;

// A file with one large payload, the cell that leads to it, and one that says that there is more of it.
class OneLargePayload {
 protected:
  OneLargePayload() : right_(cell()), wrong_(right_) { wrong_.payload += 5000; }

  bool read(const Cell& cell, Trust trust = Trust::lenient) { return payloads_.read(cell, kRoot, trust, into_); }

 private:
  static constexpr PageNumber kRoot = 2;

  static RoutePath make(const test::TemporaryFolder& folder) {
    SQLite::Database database(folder.file("file"), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    database.exec("PRAGMA page_size = 4096; PRAGMA auto_vacuum = NONE; CREATE TABLE t(content BLOB)");
    database.exec("INSERT INTO t VALUES (zeroblob(" + std::to_string(kLarge) + "))");
    return RoutePath(folder.file("file"));
  }
  Cell cell() {
    BOOST_REQUIRE(file_.read(kRoot, page_));
    return TreePage::read(page_, false).value().cell(0).value();
  }

  test::TemporaryFolder folder_;
  PageFile file_{make(folder_)};
  PointerMap map_{file_};
  Payloads payloads_{file_, map_};
  std::vector<std::uint8_t> page_;  // in which the cells lie

 protected:
  std::vector<std::uint8_t> into_;
  Cell right_;
  Cell wrong_;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(payloads, OneLargePayload)

BOOST_AUTO_TEST_CASE(a_chain_that_does_not_fit_a_cell_is_left_for_the_one_that_it_fits) {
  BOOST_TEST(!read(wrong_));
  BOOST_TEST(read(right_));
  BOOST_TEST(into_.size() > kLarge);
  BOOST_TEST(!read(right_));  // it is somebody's now
}

// Or a hostile file would be read once for each of its cells.
BOOST_AUTO_TEST_CASE(chains_that_fit_nobody_are_not_followed_for_ever) {
  std::size_t taken = 0;
  for (int n = 0; n < 1000; ++n) {
    BOOST_TEST(!read(wrong_));
    taken += into_.size();
  }
  BOOST_TEST(taken < 50 * kLarge);
  Cell small = right_;
  small.payload = small.local.size();
  small.overflow = 0;
  BOOST_TEST(read(small, Trust::strict));  // what lies in its page is still read
}

BOOST_AUTO_TEST_SUITE_END()
