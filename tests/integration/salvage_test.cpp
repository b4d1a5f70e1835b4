// SPDX-License-Identifier: MIT
// What is saved of a route whose file is damaged: every page overwritten in turn, the file cut off everywhere, bytes
// flipped at random. What lies on which page is asked of SQLite while the file is whole.
//
// The seed is printed; IPCM_TEST_SEED=n repeats the flips, IPCM_TEST_FLIPS=n sets how many there are.
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <map>
#include <random>
#include <set>
#include <sstream>

#include "integration/everything.hpp"
#include "support/errors.hpp"
#include "support/text.hpp"

namespace {

namespace fs = std::filesystem;
constexpr std::size_t kPageBytes = 4096;

std::uint64_t number_of_environment(const char* name, std::uint64_t otherwise) {
  const char* given = std::getenv(name);
  return given != nullptr ? std::stoull(given) : otherwise;
}

using Rows = std::map<std::string, std::string>;  // by table and key

const std::vector<std::string> kMail = {"messages", "later", "claims", "dead"};

std::string keys_of(const std::string& table) {
  return table == "dead" ? "recipient || '/' || place" : "place";
}

std::vector<std::string> rows_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream all(text);
  for (std::string line; std::getline(all, line);) lines.push_back(line);
  return lines;
}

// Everything that a message is, and where.
Rows mail_in(const std::string& path) {
  Rows rows;
  test::PlainSql sql(path);
  for (const std::string& table : kMail) {
    const std::string order = table == "dead" ? "dead_id" : "place";
    const auto keys = rows_of(sql.query("SELECT " + keys_of(table) + " FROM " + table + " ORDER BY " + order));
    const auto values = rows_of(sql.query(
        "SELECT quote(id) || quote(sender) || quote(stamp) || broadcast || quote(serializer) || hex(content) ||"
        " quote(reply_to) || quote(correlation_id) || quote(error) || quote(expires_at) || quote(attempts) ||"
        " quote(max_attempts) || quote(group_key) || quote(dedup_key) FROM " +
        table + " ORDER BY " + order));
    for (std::size_t n = 0; n < keys.size(); ++n) rows[table + " " + keys[n]] = values.at(n);
  }
  return rows;
}

constexpr std::size_t kLogHeaderBytes = 32;
constexpr std::size_t kFrameBytes = 24 + kPageBytes;

// What SQLite finds after each commit in a log, by where the commit ends.
std::map<std::size_t, Rows> mail_by_commits(const std::string& bytes, const std::string& log) {
  const auto mail_after = [&](std::size_t length) {
    const test::TemporaryFolder folder;
    test::write_file(folder.file("copy"), bytes);
    test::write_file(folder.file("copy-wal"), log.substr(0, length));
    return mail_in(folder.file("copy"));
  };
  std::map<std::size_t, Rows> moments;
  moments[0] = mail_after(0);
  for (std::size_t at = kLogHeaderBytes; at + kFrameBytes <= log.size(); at += kFrameBytes) {
    const bool is_commit = log.substr(at + 4, 4) != std::string(4, '\0');
    if (is_commit) moments[at + kFrameBytes] = mail_after(at + kFrameBytes);
  }
  return moments;
}

// A whole route in memory, and which message lies on which pages.
struct Specimen {
  explicit Specimen(const std::string& path) : bytes(test::read_file(path)), mail(mail_in(path)) {
    test::PlainSql sql(path);
    for (const std::string& table : kMail) {
      const std::string rowid = table == "dead" ? "dead_id" : "place";
      const auto keys = rows_of(sql.query("SELECT " + keys_of(table) + " FROM " + table + " ORDER BY " + rowid));
      std::size_t next = 0;
      std::map<std::string, std::string> by_cell;  // "/002/" and the number of a cell: the key there
      const std::string of_table = " FROM dbstat WHERE name = '" + table + "' AND pagetype = ";
      for (const std::string& leaf :
           rows_of(sql.query("SELECT pageno || ' ' || ncell || ' ' || path" + of_table + "'leaf' ORDER BY path"))) {
        std::istringstream words(leaf);
        int page = 0;
        int cells = 0;
        std::string where;
        words >> page >> cells >> where;
        table_of[page] = table;
        for (int cell = 0; cell < cells; ++cell) {
          const std::string key = table + " " + keys.at(next++);
          on_page[page].insert(key);
          std::array<char, 8> number{};
          std::snprintf(number.data(), number.size(), "%03x", static_cast<unsigned>(cell));
          by_cell[where + number.data()] = key;
        }
      }
      for (const std::string& overflow : rows_of(sql.query("SELECT pageno || ' ' || path" + of_table + "'overflow'"))) {
        std::istringstream words(overflow);
        int page = 0;
        std::string where;
        words >> page >> where;
        on_page[page].insert(by_cell.at(where.substr(0, where.find('+'))));
      }
      BOOST_REQUIRE(next == keys.size());
    }
    for (const std::string& line : rows_of(sql.query("SELECT pageno || ' ' || name FROM dbstat"))) {
      std::istringstream words(line);
      int page = 0;
      words >> page >> name_of[page];
    }
  }

  int pages() const { return static_cast<int>(bytes.size() / kPageBytes); }

  std::string bytes;
  Rows mail;
  std::map<int, std::set<std::string>> on_page;
  std::map<int, std::string> table_of;  // of leaves with mail
  std::map<int, std::string> name_of;
};

// What came of it.
struct Salvaged {
  Salvaged(const std::string& bytes, const std::string& log = {}) {
    const test::TemporaryFolder folder;
    const std::string damaged = folder.file("damaged.ipcm");
    const std::string made = folder.file("new.ipcm");
    test::write_file(damaged, bytes);
    if (!log.empty()) test::write_file(damaged + "-wal", log);
    report = ipcm::salvage_route(ipcm::ConnectionInfo::parse(damaged), made);
    BOOST_TEST((test::read_file(damaged) == bytes), "the damaged file was changed");
    if (!log.empty()) BOOST_TEST((test::read_file(damaged + "-wal") == log), "the damaged log was changed");
    BOOST_TEST(fs::exists(made) == !report.nothing());
    BOOST_TEST(!fs::exists(damaged + "-lock"));
    BOOST_TEST(!fs::exists(made + "-unfinished"));
    if (report.nothing()) return;
    const auto info = ipcm::ConnectionInfo::parse(made);
    BOOST_TEST(test::joined(ipcm::check_route(info).problems) == "");
    mail = mail_in(made);
    dump = test::dump_of(made);
  }

  ipcm::SalvageReport report;
  Rows mail;
  std::vector<std::string> dump;
};

// All that does not lie on those pages is there as it was, and nothing else is there but what lies on them.
void check_saved(const Specimen& whole, const Salvaged& saved, const std::set<int>& hit) {
  std::set<std::string> exempt;
  for (const int page : hit) {
    const auto there = whole.on_page.find(page);
    if (there != whole.on_page.end()) exempt.insert(there->second.begin(), there->second.end());
  }
  std::size_t lost = 0;
  for (const auto& [key, row] : whole.mail) {
    const auto found = saved.mail.find(key);
    if (found == saved.mail.end()) ++lost;
    if (exempt.contains(key)) continue;
    BOOST_TEST((found != saved.mail.end()), key << " is missing");
    if (found != saved.mail.end()) BOOST_TEST((found->second == row), key << " has changed");
  }
  if (lost > 0) BOOST_TEST(!saved.report.whole());
}

// Where nothing but zeros or noise is left of a page, nothing that was not there can come out of it.
void check_nothing_new(const Specimen& whole, const Salvaged& saved) {
  for (const auto& [key, row] : saved.mail) BOOST_TEST(whole.mail.contains(key), key << " is new");
}

// Of the last messages of an inbox only they themselves tell the number.
bool may_lack_an_end(const Salvaged& saved) {
  return std::ranges::any_of(saved.report.inboxes, [](const auto& inbox) {
    return std::ranges::any_of(inbox.unreadable, [](const auto& numbers) { return !numbers.last; });
  });
}

std::string with_page(std::string bytes, int page, const std::string& content) {
  bytes.replace(static_cast<std::size_t>(page - 1) * kPageBytes, kPageBytes, content);
  return bytes;
}

std::string noise(std::mt19937_64& random) {
  std::string bytes(kPageBytes, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random());
  return bytes;
}

const Specimen& specimen() {
  static const Specimen whole(test::RouteWithEverything(60).path());
  return whole;
}

std::uint64_t chosen_seed() {
  static const std::uint64_t chosen = number_of_environment("IPCM_TEST_SEED", std::random_device()());
  BOOST_TEST_MESSAGE("IPCM_TEST_SEED=" << chosen);
  return chosen;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(salvage)

BOOST_AUTO_TEST_CASE(of_a_sound_route_everything_is_saved) {
  const test::RouteWithEverything route(60);
  const Salvaged saved(test::read_file(route.path()));
  BOOST_TEST(saved.dump == test::dump_of(route.path()), boost::test_tools::per_element());
  BOOST_TEST(saved.report.whole());
  BOOST_TEST(test::joined(saved.report.problems) == "");
  BOOST_TEST(saved.report.lost == 0U);
  BOOST_TEST(saved.report.id != ipcm::route_info(route.info()).id);
}

BOOST_AUTO_TEST_CASE(with_any_page_overwritten_all_that_lies_on_the_others_is_saved) {
  const Specimen& whole = specimen();
  std::mt19937_64 random(chosen_seed());
  int counted_exactly = 0;
  BOOST_REQUIRE(std::ranges::count_if(whole.table_of, [](const auto& leaf) { return leaf.second == "messages"; }) > 3);
  for (int page = 1; page <= whole.pages(); ++page) {
    const std::string where = std::to_string(page) + " of " + std::to_string(whole.pages()) + ", " +
                              (whole.name_of.contains(page) ? whole.name_of.at(page) : "no tree");
    BOOST_TEST_CONTEXT("zeros on page " << where) {
      const Salvaged saved(with_page(whole.bytes, page, std::string(kPageBytes, '\0')));
      check_saved(whole, saved, {page});
      check_nothing_new(whole, saved);
      const auto leaf = whole.table_of.find(page);
      if (leaf == whole.table_of.end()) continue;
      // Its rows are lost, all of them and no others, and the books know how many.
      BOOST_TEST(saved.mail.size() == whole.mail.size() - whole.on_page.at(page).size());
      if (leaf->second != "dead" && !may_lack_an_end(saved)) {
        BOOST_TEST(saved.report.lost == whole.on_page.at(page).size());
        ++counted_exactly;
      }
    }
    BOOST_TEST_CONTEXT("noise on page " << where) {
      const Salvaged saved(with_page(whole.bytes, page, noise(random)));
      check_saved(whole, saved, {page});
      check_nothing_new(whole, saved);
    }
  }
  BOOST_TEST(counted_exactly > 3);
}

BOOST_AUTO_TEST_CASE(the_numbers_that_were_lost_are_told) {
  const Specimen& whole = specimen();
  for (const auto& [page, table] : whole.table_of) {
    if (table != "messages") continue;
    const Salvaged saved(with_page(whole.bytes, page, std::string(kPageBytes, '\0')));
    for (const std::string& key : whole.on_page.at(page)) {
      const std::int64_t place = std::stoll(key.substr(key.find(' ')));
      const std::int64_t number = (place & ((std::int64_t{1} << 40) - 1)) - (std::int64_t{1} << 32);
      const int priority = 7 - static_cast<int>(place >> 40 & 7);
      const bool told = std::ranges::any_of(saved.report.inboxes, [&](const auto& inbox) {
        return std::ranges::any_of(inbox.unreadable, [&](const auto& numbers) {
          return numbers.priority == priority && numbers.first <= number && number <= numbers.last.value_or(number);
        });
      });
      BOOST_TEST(told, "page " << page << ": number " << number << " of priority " << priority);
    }
  }
}

BOOST_AUTO_TEST_CASE(of_a_file_that_was_cut_off_anywhere_what_is_left_is_saved) {
  const Specimen& whole = specimen();
  for (int pages = 0; pages < whole.pages(); ++pages) {
    const std::size_t more = pages % 2 == 0 ? 0 : 1000;
    BOOST_TEST_CONTEXT("cut off after " << pages << " pages and " << more << " bytes") {
      const Salvaged saved(whole.bytes.substr(0, static_cast<std::size_t>(pages) * kPageBytes + more));
      std::set<int> gone;
      for (int page = pages + 1; page <= whole.pages(); ++page) gone.insert(page);
      check_saved(whole, saved, gone);
      check_nothing_new(whole, saved);
    }
  }
}

BOOST_AUTO_TEST_CASE(with_any_byte_changed_all_that_lies_on_other_pages_is_saved) {
  const Specimen& whole = specimen();
  std::mt19937_64 random(chosen_seed());
  const std::uint64_t flips = number_of_environment("IPCM_TEST_FLIPS", 150);
  for (std::uint64_t n = 0; n < flips; ++n) {
    std::string bytes = whole.bytes;
    std::set<int> hit;
    // One byte; and every third time the beginnings of pages, where more depends on each.
    const std::size_t page = random() % static_cast<std::size_t>(whole.pages());
    const std::size_t at = page * kPageBytes + random() % (n % 3 == 0 ? 40 : kPageBytes);
    bytes[at] = static_cast<char>(bytes[at] ^ static_cast<char>(1 + random() % 255));
    hit.insert(static_cast<int>(page) + 1);
    BOOST_TEST_CONTEXT("flip " << n << ": byte " << at << ", page " << page + 1) {
      check_saved(whole, Salvaged(bytes), hit);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_table_is_known_though_any_word_of_its_row_in_the_schema_is_damaged) {
  const Specimen& whole = specimen();
  for (const std::string table : {"messages", "later", "claims", "dead"}) {
    const std::string words = "table" + table + table;  // type, name and tbl_name
    const std::size_t begin = whole.bytes.find(words);
    BOOST_REQUIRE(begin != std::string::npos);
    for (std::size_t at = begin; at < begin + words.size(); ++at) {
      std::string bytes = whole.bytes;
      bytes[at] = '?';
      BOOST_TEST_CONTEXT(table << ", byte " << at - begin << " of its words") {
        check_saved(whole, Salvaged(bytes), {});
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(a_file_full_of_flipped_bytes_neither_crashes_nor_hangs_it) {
  const Specimen& whole = specimen();
  std::mt19937_64 random(chosen_seed());
  for (int round = 0; round < 40; ++round) {
    std::string bytes = whole.bytes;
    for (int n = 0; n < 10 << (round % 8); ++n) bytes[random() % bytes.size()] = static_cast<char>(random());
    BOOST_TEST_CONTEXT("round " << round) {
      const Salvaged saved(bytes);
    }
  }
}

BOOST_AUTO_TEST_CASE(pages_that_point_at_each_other_in_circles_come_to_an_end) {
  const Specimen& whole = specimen();
  for (int page = 3; page <= whole.pages(); ++page) {
    // Every page is one page: the trees have the same children everywhere, and each large message the same rest.
    std::string bytes;
    const std::string same = whole.bytes.substr(static_cast<std::size_t>(page - 1) * kPageBytes, kPageBytes);
    for (int n = 1; n <= whole.pages(); ++n) {
      bytes += n <= 2 ? whole.bytes.substr(static_cast<std::size_t>(n - 1) * kPageBytes, kPageBytes) : same;
    }
    BOOST_TEST_CONTEXT("page " << page << " everywhere") {
      const Salvaged saved(bytes);
    }
  }
}

BOOST_AUTO_TEST_CASE(without_the_beginning_of_the_file_the_rest_is_saved) {
  const Specimen& whole = specimen();
  const Salvaged saved(std::string(2 * kPageBytes, '\0') + whole.bytes.substr(2 * kPageBytes));
  check_saved(whole, saved, {1, 2});
  BOOST_TEST(!saved.report.whole());
}

BOOST_AUTO_TEST_CASE(a_route_that_somebody_has_packed_without_auto_vacuum_is_saved) {
  const test::RouteWithEverything route(60);
  {
    test::PlainSql sql(route.path());
    sql.query("PRAGMA journal_mode = DELETE");
    BOOST_REQUIRE(sql.run("PRAGMA auto_vacuum = NONE; VACUUM") == "");
    sql.query("PRAGMA journal_mode = WAL");
  }
  test::fold_log(route.path());
  const Specimen whole(route.path());
  const Salvaged saved(whole.bytes);
  BOOST_TEST(saved.mail == whole.mail);
  BOOST_TEST(saved.report.whole());
  for (const auto& [page, table] : whole.table_of) {
    BOOST_TEST_CONTEXT("zeros on page " << page << ", " << table) {
      check_saved(whole, Salvaged(with_page(whole.bytes, page, std::string(kPageBytes, '\0'))), {page});
    }
  }
}

BOOST_AUTO_TEST_CASE(what_was_taken_does_not_come_back) {
  const test::RouteFile route;
  route.make_suspended("worker");
  {
    const auto boss = route.connect("boss");
    for (int n = 0; n < 200; ++n) boss->send_message("worker", std::string(n % 10 == 0 ? 9000 : 300, 'x'));
    const auto worker = route.connect("worker");
    BOOST_REQUIRE(worker->get_messages(150).size() == 150U);
    worker->suspend();
  }
  test::fold_log(route.path());
  BOOST_REQUIRE(std::stoi(test::PlainSql(route.path()).query("PRAGMA freelist_count")) > 10);
  const Specimen whole(route.path());
  BOOST_REQUIRE(whole.mail.size() == 50U);
  for (int page = 1; page <= whole.pages(); ++page) {
    BOOST_TEST_CONTEXT("zeros on page " << page) {
      const Salvaged saved(with_page(whole.bytes, page, std::string(kPageBytes, '\0')));
      check_saved(whole, saved, {page});
      check_nothing_new(whole, saved);
    }
  }
}

BOOST_AUTO_TEST_CASE(names_that_are_lost_are_made_up_and_the_mail_is_saved) {
  const Specimen& whole = specimen();
  for (const auto& [page, name] : whole.name_of) {
    if (name != "peers") continue;
    const Salvaged saved(with_page(whole.bytes, page, std::string(kPageBytes, '\0')));
    BOOST_TEST(std::ranges::any_of(saved.report.inboxes, [](const auto& inbox) { return inbox.name_is_lost; }));
    BOOST_TEST(saved.mail == whole.mail);
  }
}

BOOST_AUTO_TEST_CASE(a_page_that_hides_its_rows_without_a_trace_is_noticed_and_costs_no_others) {
  const Specimen& whole = specimen();
  for (const auto& [page, name] : whole.name_of) {
    std::string bytes = whole.bytes;
    const std::size_t at = static_cast<std::size_t>(page - 1) * kPageBytes;
    const bool is_leaf = bytes[at] == 0x0d;
    if (!is_leaf || (name != "peers" && !whole.table_of.contains(page))) continue;
    BOOST_TEST_CONTEXT("page " << page << " of " << name << " says that it has one row") {
      bytes[at + 4] = 1;
      const Salvaged saved(bytes);
      check_saved(whole, saved, {page});
      BOOST_TEST((whole.bytes[at + 4] == 1 || !saved.report.whole()));
    }
  }
}

BOOST_AUTO_TEST_CASE(what_is_in_the_log_alone_is_saved_up_to_where_it_is_damaged) {
  const test::RouteFile route;
  const auto boss = route.connect("boss");
  for (int n = 0; n < 30; ++n)
    boss->send_message("boss", {{"n", n}, {"text", std::string(n % 5 == 0 ? 9000 : 100, 'x')}});
  boss->get_messages(5);
  const std::string bytes = test::read_file(route.path());
  const std::string log = test::read_file(route.path() + "-wal");
  BOOST_REQUIRE(log.size() > 100'000U);
  const std::map<std::size_t, Rows> moments = mail_by_commits(bytes, log);
  BOOST_REQUIRE(moments.size() > 30U);
  {
    const Salvaged saved(bytes, log);
    BOOST_TEST(saved.report.whole());
    BOOST_TEST(saved.mail.size() == 25U);
  }
  std::mt19937_64 random(chosen_seed());
  for (int round = 0; round < 60; ++round) {
    std::string damaged = log;
    std::size_t at = round < 20 ? random() % 64 : random() % log.size();
    if (round == 59) at = log.size() - kFrameBytes + 8;  // in the last frame, what says that it is of this log
    damaged[at] = static_cast<char>(damaged[at] ^ static_cast<char>(1 + random() % 255));
    if (round % 4 == 2) damaged.resize(at);
    BOOST_TEST_CONTEXT("byte " << at << " of the log" << (round % 4 == 2 ? " and all after it" : "")) {
      const Salvaged saved(bytes, damaged);
      BOOST_TEST((saved.mail == std::prev(moments.upper_bound(at))->second));
      if (round % 4 != 2) BOOST_TEST(!saved.report.whole());
    }
  }
}

BOOST_AUTO_TEST_CASE(of_what_is_no_route_nothing_is_made) {
  std::mt19937_64 random(chosen_seed());
  std::string random_pages;
  for (int n = 0; n < 20; ++n) random_pages += noise(random);
  for (const std::string& bytes :
       {std::string(), std::string("S"), std::string("Dear diary\n"), random_pages, std::string(100'000, '\0'),
        std::string(100'000, '\x0d'), std::string(100'000, '\x05')}) {
    BOOST_TEST(Salvaged(bytes).report.nothing());
  }
  const test::TemporaryFolder folder;
  { test::PlainSql(folder.file("other")).run("CREATE TABLE notes(a); INSERT INTO notes VALUES (1)"); }
  BOOST_TEST(Salvaged(test::read_file(folder.file("other"))).report.nothing());
}

BOOST_AUTO_TEST_CASE(what_is_there_already_and_what_is_missing_is_refused) {
  const test::RouteFile route;
  route.connect("boss")->send_message("boss", 1);
  const test::TemporaryFolder folder;
  test::write_file(folder.file("target"), "a diary");
  CHECK_ERROR(InvalidArgument, ipcm::salvage_route(route.info(), folder.file("target")));
  CHECK_ERROR(InvalidArgument, ipcm::salvage_route(route.info(), route.path()));
  CHECK_ERROR(InvalidArgument, ipcm::salvage_route(route.info(), route.path() + "-wal"));
  CHECK_ERROR(RouteMissing, ipcm::salvage_route(ipcm::ConnectionInfo::parse(folder.file("none")), folder.file("new")));
  CHECK_ERROR(NotARoute, ipcm::salvage_route(ipcm::ConnectionInfo::parse(folder.path().string()), folder.file("new")));
  BOOST_TEST(test::read_file(folder.file("target")) == "a diary");
  BOOST_TEST(!fs::exists(folder.file("new")));
}

BOOST_AUTO_TEST_CASE(a_client_in_the_same_process_keeps_its_locks) {
  const test::RouteFile route;
  const auto boss = route.connect("boss");
  boss->send_message("boss", 1);
  ipcm::salvage_route(route.info(), route.folder().file("new"));
  boss->send_message("boss", 2);
  BOOST_TEST(test::contents(boss->get_messages()) == "[1,2]");
  BOOST_TEST(route.problems() == "");
}

BOOST_AUTO_TEST_CASE(a_salvaged_route_is_in_working_order) {
  const Specimen& whole = specimen();
  const int page = std::ranges::find(whole.table_of, "later", &std::pair<const int, std::string>::second)->first;
  const test::TemporaryFolder folder;
  test::write_file(folder.file("damaged"), with_page(whole.bytes, page, std::string(kPageBytes, '\0')));
  ipcm::salvage_route(ipcm::ConnectionInfo::parse(folder.file("damaged")), folder.file("new"));
  const auto info = ipcm::ConnectionInfo::parse(folder.file("new"));
  const auto worker = ipcm::connect("worker", info);
  BOOST_TEST(!worker->get_messages().empty());
  worker->send_message("jobs", "more work");
  // Nothing waits for what is not there: everything can be done.
  int done = 0;
  for (auto claims = worker->claim("jobs"); !claims.empty(); claims = worker->claim("jobs")) {
    claims[0].ack();
    ++done;
  }
  BOOST_TEST(done > 5);
  BOOST_TEST(test::joined(ipcm::check_route(info).problems) == "");
}

BOOST_AUTO_TEST_CASE(what_has_vanished_counts_among_the_lost) {
  const test::RouteFile route;
  route.make_suspended("worker");
  route.connect("boss")->send_message("worker", 1);
  const std::string before = test::read_file(route.path());
  for (int n = 2; n <= 4; ++n) route.connect("boss")->send_message("worker", n);
  test::write_file(route.path(), before);
  const ipcm::SalvageReport report = ipcm::salvage_route(route.info(), route.folder().file("saved.ipcm"));
  BOOST_TEST(report.lost == 3U);
  std::uint64_t sum = 0;
  for (const auto& inbox : report.inboxes) sum += inbox.lost;
  BOOST_TEST(sum == report.lost);
  BOOST_TEST(!report.whole());
}

BOOST_AUTO_TEST_CASE(holes_of_a_file_are_not_read) {
  constexpr std::uintmax_t kHuge = std::uintmax_t{200} << 30U;
  constexpr double kMostSeconds = 30;  // of the processor; reading all of it takes minutes
  const test::RouteFile route;
  route.make_suspended("worker");
  {
    const auto boss = route.connect("boss");
    for (int n = 0; n < 100; ++n) boss->send_message("worker", std::string(5000, 'x'));
  }
  fs::resize_file(route.path(), kHuge);
  const std::clock_t begin = std::clock();
  const ipcm::SalvageReport report = ipcm::salvage_route(route.info(), route.folder().file("saved"));
  BOOST_TEST(static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC < kMostSeconds);
  BOOST_TEST(report.messages == 100U);
  BOOST_TEST(report.lost == 0U);
}

BOOST_AUTO_TEST_SUITE_END()
