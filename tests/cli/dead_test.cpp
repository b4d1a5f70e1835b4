// SPDX-License-Identifier: MIT
#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "shell.hpp"

using test::check_fails;
using test::ipcm_json;
using test::ipcm_ok;
using test::ipcm_run;

namespace {

/// A route with the queues mail and other, in which 1 to `count` of mail are dead.
class Graveyard {
 public:
  explicit Graveyard(int count) {
    ipcm_ok({"queue", "create", path(), "mail"});
    ipcm_ok({"queue", "create", path(), "other"});
    bury("mail", 1, count);
  }

  const std::string& path() const { return route_.path(); }
  void bury(const std::string& queue, int from, int to) const {
    std::string lines;
    for (int n = from; n <= to; ++n) lines += "{\"n\":" + std::to_string(n) + "}\n";
    ipcm_ok({"send", path(), queue, "--lines"}, lines);
    test::run(
        test::ipcm_command({"work", path(), queue, "--drain", "--", "sh", "-c", "echo no such street >&2; exit 65"}));
  }
  std::vector<test::Json> dead(const std::string& queue) const { return ipcm_json({"dead", "list", path(), queue}); }
  std::size_t ready(const std::string& queue) const { return ipcm_json({"jobs", path(), queue}).size(); }

 private:
  test::Route route_;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(dead)

BOOST_AUTO_TEST_CASE(they_are_listed_with_their_reason) {
  const Graveyard yard(2);
  const auto letters = yard.dead("mail");
  BOOST_REQUIRE(letters.size() == 2U);
  BOOST_TEST(letters[0]["content"]["n"] == 1);
  BOOST_TEST(letters[0]["reason"] == "exit 65: no such street");
  BOOST_TEST(letters[0]["worker"] == "mail-worker-1");
  BOOST_TEST(letters[0]["attempts"] == 1);
  BOOST_TEST(letters[0]["number"].is_number());
  BOOST_TEST(letters[0]["died_at"].is_number());
  BOOST_TEST(yard.dead("other").empty());
  BOOST_TEST(ipcm_json({"dead", "list", yard.path()}).size() == 2U);
  BOOST_TEST(ipcm_json({"dead", "list", yard.path(), "--limit", "1"}).size() == 1U);
  const auto lines = test::lines_of(ipcm_ok({"dead", "list", yard.path()}));
  BOOST_REQUIRE(lines.size() == 3U);
  BOOST_TEST(lines[0].ends_with("REASON"));
  BOOST_TEST(lines[1].ends_with("exit 65: no such street"));
  BOOST_TEST(ipcm_ok({"dead", "list", yard.path(), "other"}) == "nothing is dead in other\n");
  check_fails(ipcm_run({"dead", "list", yard.path(), "none"}), 1, "none");
}

BOOST_AUTO_TEST_CASE(one_is_shown_with_all_that_is_known) {
  const Graveyard yard(2);
  const std::string number = yard.dead("mail").at(1)["number"].dump();
  const std::string shown = ipcm_ok({"dead", "show", yard.path(), number});
  for (const char* part : {"mail-worker-1", "exit 65: no such street", "{\"n\":2}"}) {
    BOOST_TEST(shown.find(part) != std::string::npos, part);
  }
  BOOST_TEST(ipcm_json({"dead", "show", yard.path(), number}).at(0) == yard.dead("mail").at(1));
  check_fails(ipcm_run({"dead", "show", yard.path(), "999"}), 1, "no dead letter 999");
  check_fails(ipcm_run({"dead", "show", yard.path(), "x"}), 2, "'x' is not a whole number");
}

BOOST_AUTO_TEST_CASE(what_cannot_be_decoded_is_shown_as_text_that_steers_no_terminal) {
  const Graveyard yard(0);
  const auto sql = test::run({"sqlite3", yard.path(),
                              "INSERT INTO send(sender, recipient, content) VALUES ('boss', 'mail', '{\"n\":1}');"
                              "UPDATE messages SET content = CAST(x'7b1b5b33316dff' AS BLOB)"});
  BOOST_TEST(sql.exit_code == 0, sql.err);
  ipcm_ok({"work", yard.path(), "mail", "--drain", "--", "false"});
  const auto letters = yard.dead("mail");
  BOOST_REQUIRE(letters.size() == 1U);
  BOOST_TEST(!letters[0].contains("content"));
  BOOST_TEST(letters[0]["undecodable"] == "{\033[31m\xEF\xBF\xBD");
  const std::string shown = ipcm_ok({"dead", "show", yard.path(), letters[0]["number"].dump()});
  BOOST_TEST(shown.find("{\\x1b[31m\\xff") != std::string::npos);
  BOOST_TEST(shown.find('\033') == std::string::npos);
}

BOOST_AUTO_TEST_CASE(numbers_are_replayed_or_purged) {
  const Graveyard yard(4);
  std::vector<std::string> numbers;
  for (const auto& letter : yard.dead("mail")) numbers.push_back(letter["number"].dump());
  BOOST_TEST(ipcm_ok({"dead", "replay", yard.path(), numbers[0], numbers[2]}) == "2 dead letters replayed\n");
  BOOST_TEST(yard.ready("mail") == 2U);
  BOOST_TEST(ipcm_json({"dead", "purge", yard.path(), numbers[1]}).at(0)["purged"] == 1);
  BOOST_TEST(yard.dead("mail").size() == 1U);
  const auto again = ipcm_run({"dead", "purge", yard.path(), numbers[1], numbers[3]});
  BOOST_TEST(again.exit_code == 1);
  BOOST_TEST(again.out == "1 dead letter purged\n");
  BOOST_TEST(again.err.find("no such dead letter") != std::string::npos);
  BOOST_TEST(yard.dead("mail").empty());
}

BOOST_AUTO_TEST_CASE(all_of_a_queue_are_treated_in_batches) {
  const Graveyard yard(1);
  yard.bury("other", 1, 1);
  // As if they had died before: so many, so quickly, by a worker that runs nothing.
  const auto sql = test::run({"sqlite3", yard.path(),
                              "INSERT INTO send(sender, recipient, content) SELECT 'boss', 'mail', value FROM "
                              "generate_series(1, 1200);"
                              "UPDATE messages SET content = x'7b'"});
  BOOST_REQUIRE(sql.exit_code == 0);
  ipcm_ok({"work", yard.path(), "mail", "--drain", "--", "false"});
  BOOST_TEST(yard.dead("mail").size() == 1201U);
  BOOST_TEST(ipcm_json({"dead", "purge", yard.path(), "--all", "mail", "--older-than", "1h"}).at(0)["purged"] == 0);
  BOOST_TEST(ipcm_json({"dead", "replay", yard.path(), "--all", "mail"}).at(0)["replayed"] == 1201);
  BOOST_TEST(yard.dead("mail").empty());
  BOOST_TEST(yard.dead("other").size() == 1U);
  BOOST_TEST(ipcm_ok({"dead", "purge", yard.path(), "--all"}) == "1 dead letter purged\n");
}

BOOST_AUTO_TEST_CASE(one_that_cannot_be_replayed_does_not_keep_the_others) {
  const Graveyard yard(0);
  ipcm_ok({"send", yard.path(), "mail", "1", "--id", "one"});
  ipcm_ok({"send", yard.path(), "mail", "2", "--id", "two"});
  ipcm_ok({"work", yard.path(), "mail", "--drain", "--", "sh", "-c", "exit 65"});
  ipcm_ok({"send", yard.path(), "mail", "3", "--id", "one"});
  const auto result = ipcm_run({"dead", "replay", yard.path(), "--all", "--json"});
  BOOST_TEST(result.exit_code == 1);
  BOOST_TEST(test::objects_of(result.out).at(0) == test::Json::parse(R"({"replayed":1,"refused":1})"));
  BOOST_TEST(result.err.find("cannot replay the dead letter") != std::string::npos);
  BOOST_TEST(yard.dead("mail").size() == 1U);
}

BOOST_AUTO_TEST_CASE(what_is_meant_must_be_said) {
  check_fails(ipcm_run({"dead"}), 2, "list, show, replay or purge; see ipcm dead --help");
  check_fails(ipcm_run({"dead", "purge", "r"}), 2, "numbers, or --all");
  check_fails(ipcm_run({"dead", "purge", "r", "--all", "a", "b"}), 2, "one QUEUE");
  check_fails(ipcm_run({"dead", "purge", "r", "--all", "[a]"}), 2, "[a]");
  check_fails(ipcm_run({"dead", "purge", "r", "1", "--older-than", "1d"}), 2, "--all");
  check_fails(ipcm_run({"dead", "replay", "r", "1", "x"}), 2, "'x' is not a whole number");
}

BOOST_AUTO_TEST_SUITE_END()
