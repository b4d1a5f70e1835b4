// SPDX-License-Identifier: MIT
#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>

#include <ipcm/connect.hpp>

#include "shell.hpp"

using test::check_fails;
using test::ipcm_json;
using test::ipcm_ok;
using test::ipcm_run;
using test::numbers;

namespace {

test::RunResult requeue(const test::Route& route, const std::string& input) {
  return ipcm_run({"requeue", route.path(), "--as", "worker"}, input);
}

std::string take(const test::Route& route, const std::string& limit) {
  return ipcm_ok({"get", route.path(), "--as", "worker", "--json", "--limit", limit});
}

}  // namespace

BOOST_AUTO_TEST_SUITE(requeue_command)

BOOST_AUTO_TEST_CASE(messages_come_back_as_they_were_before_whatever_came_later) {
  const test::Route route;
  route.fill(1, 5);
  const std::string taken = take(route, "3");
  route.fill(6, 7);
  BOOST_TEST(ipcm_json({"requeue", route.path(), "--as", "worker"}, taken).at(0) ==
             test::Json({{"name", "worker"}, {"requeued", 3}}));
  BOOST_CHECK(route.waiting() == numbers(1, 7));
  BOOST_TEST(take(route, "3") == taken);
  BOOST_TEST(ipcm_json({"check", route.path()}).at(0)["ok"] == true);
}

BOOST_AUTO_TEST_CASE(big_integers_and_the_sender_survive_the_round_trip) {
  const test::Route route;
  ipcm_ok({"send", route.path(), "--as", "boss", "worker",
           R"([18446744073709551615,"9007199254740993",-9007199254740993])"});
  const std::string taken = take(route, "1");
  BOOST_TEST(requeue(route, taken).exit_code == 0);
  BOOST_TEST(take(route, "1") == taken);
}

BOOST_AUTO_TEST_CASE(a_line_at_a_time_and_blank_lines_are_fine) {
  const test::Route route;
  route.fill(1, 3);
  const auto taken = test::lines_of(take(route, "3"));
  BOOST_TEST(requeue(route, "\n" + taken[1] + "\n\n").out == "1 message put back for worker\n");
  BOOST_TEST(requeue(route, taken[0]).exit_code == 0);
  BOOST_TEST(requeue(route, "").out == "0 messages put back for worker\n");
  BOOST_CHECK(route.waiting() == numbers(1, 2));
}

BOOST_AUTO_TEST_CASE(what_is_in_the_inbox_already_is_refused_and_nothing_else_is_put_back) {
  const test::Route route;
  route.fill(1, 3);
  const auto taken = test::lines_of(take(route, "3"));
  BOOST_TEST(requeue(route, taken[2]).exit_code == 0);
  check_fails(requeue(route, taken[0] + "\n" + taken[2] + "\n"), 1, "already");
  BOOST_CHECK(route.waiting() == numbers(3, 3));
}

BOOST_AUTO_TEST_CASE(a_bad_line_is_named_and_nothing_is_put_back) {
  const test::Route route;
  route.fill(1, 1);
  const std::string good = take(route, "1");
  test::Json object = test::Json::parse(good);
  const auto without = [&](const std::string& member) {
    test::Json less = object;
    less.erase(member);
    return less.dump();
  };
  test::Json elsewhere = object;
  elsewhere["to"] = "other";
  test::Json odd = object;
  odd["content_text"] = 5;
  struct Row {
    std::string line;
    std::string words;
  };
  const std::vector<Row> rows = {
      {"oops", "not JSON"},
      {"[1]", "JSON object"},
      {without("id"), "\"id\""},
      {without("from"), "\"from\""},
      {without("stamp"), "\"stamp\""},
      {without("content"), "\"content\""},
      {elsewhere.dump(), "the message is for other, not for worker"},
      {odd.dump(), "\"content_text\" is not a string"},
  };
  for (const Row& row : rows) {
    BOOST_TEST_CONTEXT(row.line) {
      const auto result = requeue(route, good + row.line + "\n");
      check_fails(result, 1, "line 2 of standard input: ");
      check_fails(result, 1, row.words);
      check_fails(result, 1, "nothing was put back");
    }
  }
  BOOST_CHECK(route.waiting().empty());
}

BOOST_AUTO_TEST_CASE(content_comes_back_to_the_byte) {
  const test::Route route;
  const std::vector<std::string> contents = {
      R"({"z":1,"a":2.50})", R"({"a":1, "a":2})", "123456789012345678901234567890",
      "{\n  \"n\": 1.0\n}",  R"("\u00e4\/")",     "\"\xc2\x9b\""};
  for (const std::string& content : contents) ipcm_ok({"send", route.path(), "worker"}, content);
  const std::string taken = take(route, "9");
  BOOST_TEST(test::lines_of(taken).size() == contents.size());
  BOOST_TEST(requeue(route, taken).exit_code == 0);
  const auto client = ipcm::connect("worker", ipcm::ConnectionInfo::parse(route.path()));
  const auto messages = client->get_messages();
  BOOST_REQUIRE(messages.size() == contents.size());
  for (std::size_t n = 0; n < contents.size(); ++n) BOOST_TEST(messages[n].content_text() == contents[n]);
}

BOOST_AUTO_TEST_CASE(content_of_another_serializer_comes_back_to_the_byte) {
  const test::Route route;
  const std::string info = ipcm_ok({"connect-info", route.path(), "--serializer", "CBOR"});
  ipcm_ok({"send", info, "worker", R"({"n":1.5})"});
  const std::string taken = take(route, "1");
  BOOST_TEST(requeue(route, taken).exit_code == 0);
  BOOST_TEST(take(route, "1") == taken);
  BOOST_TEST(test::Json::parse(taken)["serializer"] == "CBOR");
}

BOOST_AUTO_TEST_CASE(a_file_that_went_through_windows_is_put_back) {
  const test::Route route;
  route.fill(1, 2);
  const std::string taken = take(route, "2");
  BOOST_TEST(requeue(route, "\xEF\xBB\xBF" + taken).exit_code == 0);
  BOOST_TEST(take(route, "2") == taken);
}

BOOST_AUTO_TEST_SUITE_END()
