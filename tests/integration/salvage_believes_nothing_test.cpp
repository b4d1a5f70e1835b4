// SPDX-License-Identifier: MIT
// What a damaged file, its log or a stranger's rows say of themselves costs none of what can be read, and no more work
// than there are pages.
#include <boost/test/unit_test.hpp>

#include <filesystem>

#include "integration/everything.hpp"
#include "support/errors.hpp"
#include "support/text.hpp"

namespace {

struct SavedRoute {
  explicit SavedRoute(const std::string& bytes, const std::string& log = {}) {
    test::write_file(folder.file("damaged"), bytes);
    if (!log.empty()) test::write_file(folder.file("damaged-wal"), log);
    report = ipcm::salvage_route(ipcm::ConnectionInfo::parse(folder.file("damaged")), path());
    if (!report.nothing()) problems = test::joined(ipcm::check_route(info()).problems);
    if (!report.nothing()) dump = test::dump_of(path());
  }

  std::string path() const { return folder.file("new"); }
  ipcm::ConnectionInfo info() const { return ipcm::ConnectionInfo::parse(path()); }

  test::TemporaryFolder folder;
  ipcm::SalvageReport report;
  std::string problems;
  std::vector<std::string> dump;
};

const std::vector<std::string>& whole_dump(const test::RouteFile& route) {
  static const std::vector<std::string> lines = test::dump_of(route.path());
  return lines;
}

const test::RouteWithEverything& everything() {
  static const test::RouteWithEverything route;
  whole_dump(route);
  return route;
}

// The route after the SQL of somebody who may write anything, at rest.
std::string bytes_after(const test::RouteFile& route, const std::string& sql) {
  {
    test::PlainSql stranger(route.path());
    BOOST_TEST(stranger.run(sql) == "");
  }
  test::fold_log(route.path());
  return test::read_file(route.path());
}

// A message of worker, the first peer, whose id was chosen.
std::string chosen_id_row(int number, const std::string& id, const std::string& group) {
  return "((1 << 43) + (3 << 40) + (1 << 32) + " + std::to_string(number) + ", '" + id + "', 'boss', 1, 0, '1', '" +
         group + "')";
}

}  // namespace

BOOST_AUTO_TEST_SUITE(salvage_believes_nothing)

BOOST_AUTO_TEST_CASE(a_log_whose_beginning_is_damaged_costs_nothing_of_the_file) {
  const std::string bytes = test::read_file(everything().path());
  std::string log;
  {
    const test::RouteFile other;
    const auto boss = other.connect("boss");
    boss->send_message("boss", std::string(20'000, 'x'));
    log = test::read_file(other.path() + "-wal");
  }
  std::vector<std::string> logs = {std::string(50'000, 'x'), std::string(10, 'x'), std::string(50'000, '\0')};
  for (std::size_t at = 8; at < 12; ++at) {
    for (const int mask : {1, 2, 8, 0x10, 0x60, 0x80}) {
      logs.push_back(log);
      logs.back()[at] = static_cast<char>(logs.back()[at] ^ static_cast<char>(mask));
    }
  }
  logs.push_back(log);
  logs.back().replace(8, 4, std::string("\0\0\0\1", 4));  // pages of one byte
  for (const std::string& damaged : logs) {
    BOOST_TEST_CONTEXT("log " << &damaged - logs.data()) {
      const SavedRoute saved(bytes, damaged);
      BOOST_TEST(saved.dump == whole_dump(everything()), boost::test_tools::per_element());
      BOOST_TEST(!saved.report.whole());
      BOOST_TEST(saved.problems == "");
    }
  }
}

BOOST_AUTO_TEST_CASE(whatever_the_file_says_of_the_size_of_its_pages_everything_is_saved) {
  const std::string bytes = test::read_file(everything().path());
  for (const std::size_t at : {16U, 17U}) {
    for (int value = 0; value < 256; ++value) {
      if (at == 17 && value > 8 && value % 5 != 0) continue;  // with byte 16 as it is none of them is a size
      std::string damaged = bytes;
      damaged[at] = static_cast<char>(value);
      BOOST_TEST_CONTEXT("byte " << at << " is " << value) {
        const SavedRoute saved(damaged);
        BOOST_TEST((saved.dump == whole_dump(everything())));
        BOOST_TEST(saved.report.problems.empty() == (damaged == bytes));
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(pages_of_another_size_are_read_where_everything_agrees) {
  const test::RouteWithEverything route;
  for (const int size : {512, 1024, 8192, 65536}) {
    BOOST_TEST_CONTEXT("pages of " << size) {
      {
        test::PlainSql sql(route.path());
        sql.query("PRAGMA journal_mode = DELETE");
        BOOST_REQUIRE(sql.run("PRAGMA page_size = " + std::to_string(size) + "; VACUUM") == "");
        sql.query("PRAGMA journal_mode = WAL");
      }
      test::fold_log(route.path());
      const SavedRoute saved(test::read_file(route.path()));
      BOOST_TEST((saved.dump == test::dump_of(route.path())));
      BOOST_TEST(saved.report.whole());
    }
  }
}

BOOST_AUTO_TEST_CASE(an_id_that_is_there_twice_costs_that_message_and_no_other) {
  const test::RouteFile route;
  route.make_suspended("worker");
  const std::string columns = "(place, id, sender, stamp, broadcast, content, group_key) VALUES ";
  const std::string bytes =
      bytes_after(route, "INSERT INTO messages" + columns + chosen_id_row(1, "a", "in a row") + ", " +
                             chosen_id_row(2, "b", "in a row") + "; INSERT INTO later" + columns +
                             chosen_id_row(3, "b", "in a row") + ", " + chosen_id_row(4, "c", "in a row"));
  const SavedRoute saved(bytes);
  BOOST_REQUIRE(!saved.report.nothing());
  BOOST_TEST(saved.report.messages == 3U);
  BOOST_TEST(saved.report.lost == 1U);
  BOOST_TEST(saved.problems == "");
  BOOST_TEST(!saved.report.whole());
}

BOOST_AUTO_TEST_CASE(a_name_that_would_be_made_up_and_is_somebody_elses_costs_no_mail) {
  const test::RouteFile route;
  for (const char* name : {"worker", "salvaged-1", "salvaged-1-2"}) route.make_suspended(name);
  route.connect("boss")->send_message("worker", "precious");
  const SavedRoute saved(bytes_after(route, "DELETE FROM peers WHERE name = 'worker'"));
  BOOST_TEST(saved.report.messages == 1U);
  BOOST_TEST(saved.problems == "");
  bool found = false;
  for (const auto& inbox : saved.report.inboxes) {
    if (!inbox.name_is_lost) continue;
    BOOST_TEST(inbox.name.starts_with("salvaged-1-"));
    BOOST_TEST(test::contents(ipcm::connect(inbox.name, saved.info())->get_messages()) == R"(["precious"])");
    found = true;
  }
  BOOST_TEST(found);
}

BOOST_AUTO_TEST_CASE(books_beyond_all_reason_are_not_taken_over) {
  const test::RouteFile route;
  route.make_suspended("worker");
  const std::string many = std::to_string((std::int64_t{1} << 53) / 2);
  std::string rows;
  for (int n = 0; n < 2100; ++n) {
    rows += (n > 0 ? ", (1, 's" : "(1, 's") + std::to_string(n) + "', " + many + ", " + many + ", 0, 0)";
  }
  const SavedRoute saved(
      bytes_after(route, "INSERT INTO stats(recipient, sender, sent, read, dead, expired) VALUES " + rows));
  BOOST_TEST(!saved.report.nothing());
  BOOST_TEST(saved.problems == "");
}

BOOST_AUTO_TEST_CASE(numbers_at_the_end_of_what_fits_are_no_numbers) {
  const test::RouteFile route;
  route.make_suspended("worker");
  route.connect("boss")->send_message("worker", 1);
  const std::string lowest = "-9223372036854775807 - 1";
  const SavedRoute saved(bytes_after(
      route, "INSERT OR REPLACE INTO stats(recipient, sender, last_number) VALUES (1, '', " + lowest + ")"));
  BOOST_TEST(saved.report.messages == 1U);
  BOOST_TEST(saved.problems == "");
  BOOST_TEST(saved.dump.at(2).find("last_number") == std::string::npos, saved.dump.at(2));
  std::string peer;
  for (const std::string& line : test::dump_of(route.path())) {
    if (line.starts_with(R"({"kind":"peer","name":"worker")")) peer = line;
  }
  BOOST_TEST(peer.find(R"("last_number":-4294967296)") != std::string::npos, peer);
}

BOOST_AUTO_TEST_SUITE_END()
