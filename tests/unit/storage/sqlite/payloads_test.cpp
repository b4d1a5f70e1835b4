// SPDX-License-Identifier: MIT
#include "storage/sqlite/salvage/payloads.hpp"

#include <boost/test/unit_test.hpp>

#include <SQLiteCpp/Database.h>

#include "support/temporary_folder.hpp"

namespace {

using namespace ipcm::storage::sqlite;

constexpr std::uint64_t kLarge = 400'000;

// A file with one large payload, and the cell that leads to it.
struct OneLargePayload {
  OneLargePayload() {
    SQLite::Database database(path.database(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    database.exec("PRAGMA page_size = 4096; PRAGMA auto_vacuum = NONE; CREATE TABLE t(content BLOB)");
    database.exec("INSERT INTO t VALUES (zeroblob(" + std::to_string(kLarge) + "))");
  }

  Cell cell(const PageFile& file, std::vector<std::uint8_t>& bytes) const {
    constexpr PageNumber kRoot = 2;
    BOOST_REQUIRE(file.read(kRoot, bytes));
    return TreePage::read(bytes, false).value().cell(0).value();
  }

  test::TemporaryFolder folder;
  RoutePath path{folder.file("file")};
};

}  // namespace

BOOST_AUTO_TEST_SUITE(payloads)

BOOST_AUTO_TEST_CASE(a_chain_that_does_not_fit_a_cell_is_left_for_the_one_that_it_fits) {
  const OneLargePayload made;
  const PageFile file(made.path);
  PointerMap map(file);
  Payloads payloads(file, map);
  std::vector<std::uint8_t> page;
  std::vector<std::uint8_t> into;
  const Cell right = made.cell(file, page);
  Cell wrong = right;
  wrong.payload += 5000;
  BOOST_TEST(!payloads.read(wrong, 2, Trust::lenient, into));
  BOOST_TEST(payloads.read(right, 2, Trust::lenient, into));
  BOOST_TEST(into.size() > kLarge);
  BOOST_TEST(!payloads.read(right, 2, Trust::lenient, into));  // it is somebody's now
}

// Or a hostile file would be read once for each of its cells.
BOOST_AUTO_TEST_CASE(chains_that_fit_nobody_are_not_followed_for_ever) {
  const OneLargePayload made;
  const PageFile file(made.path);
  PointerMap map(file);
  Payloads payloads(file, map);
  std::vector<std::uint8_t> page;
  std::vector<std::uint8_t> into;
  const Cell right = made.cell(file, page);
  Cell wrong = right;
  wrong.payload += 5000;
  std::size_t taken = 0;
  for (int n = 0; n < 1000; ++n) {
    BOOST_TEST(!payloads.read(wrong, 2, Trust::lenient, into));
    taken += into.size();
  }
  BOOST_TEST(taken < 50 * kLarge);
  Cell small = right;
  small.payload = small.local.size();
  small.overflow = 0;
  BOOST_TEST(payloads.read(small, 2, Trust::strict, into));  // what lies in its page is still read
}

BOOST_AUTO_TEST_SUITE_END()
