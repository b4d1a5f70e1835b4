// SPDX-License-Identifier: MIT
#include <sqlite3.h>

#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "shell.hpp"

using test::check_fails;
using test::ipcm_json;
using test::ipcm_ok;
using test::ipcm_run;
using test::numbers;
using test::numbers_of;

namespace {

std::string raw_line(const test::Route& route) {
  return ipcm_ok({"get", route.path(), "--as", "worker", "--json", "--limit", "1"});
}

}  // namespace

BOOST_AUTO_TEST_SUITE(get)

BOOST_AUTO_TEST_CASE(it_takes_what_it_prints_oldest_first) {
  const test::Route route;
  route.fill(1, 5);
  BOOST_TEST(numbers_of(ipcm_json({"get", route.path(), "--as", "worker", "--limit", "2"})) == numbers(1, 2),
             boost::test_tools::per_element());
  BOOST_TEST(numbers_of(ipcm_json({"get", route.path(), "--as", "worker"})) == numbers(3, 5),
             boost::test_tools::per_element());
  BOOST_TEST(route.peer("worker")["queued"] == 0);
  BOOST_TEST(ipcm_json({"check", route.path()}).at(0)["ok"] == true);
}

BOOST_AUTO_TEST_CASE(it_prints_one_object_a_line_with_these_members_in_this_order) {
  const test::Route route;
  ipcm_ok({"send", route.path(), "--as", "boss", "worker", R"({"z": 1, "a": [1, 2.50]})", "--id", "x"});
  const std::string line = raw_line(route);
  const test::Json object = test::Json::parse(line);
  const std::string stamp = test::Json(object["stamp"]).dump();
  const std::string place = object["place"];
  BOOST_TEST(line == R"({"id":"x","from":"boss","to":"worker","stamp":)" + stamp +
                         R"(,"broadcast":false,"content":{"z": 1, "a": [1, 2.50]},"place":")" + place + "\"}\n");
  BOOST_TEST(object["stamp"].get<double>() > 1.7e9);
}

BOOST_AUTO_TEST_CASE(integers_beyond_2_to_the_53_are_strings_and_the_content_is_kept_beside_them) {
  const test::Route route;
  const std::string content = R"({"exact":9007199254740992,"beyond":9007199254740993,"low":-9007199254740993,)"
                              R"("double":1e300,"text":"9007199254740993","huge":123456789012345678901234567890})";
  ipcm_ok({"send", route.path(), "worker", content});
  const test::Json object = test::Json::parse(raw_line(route));
  BOOST_TEST(object["content"] ==
             test::Json::parse(R"({"exact":9007199254740992,"beyond":"9007199254740993","low":"-9007199254740993",)"
                               R"("double":1e300,"text":"9007199254740993","huge":"123456789012345678901234567890"})"));
  BOOST_TEST(object["content_text"] == content);
}

BOOST_AUTO_TEST_CASE(content_of_many_lines_is_printed_on_one) {
  const test::Route route;
  const std::string content = "{\n  \"text\": \"a b\\n\",\n  \"list\": [\n 1 ]\n}";
  ipcm_ok({"send", route.path(), "worker"}, content + "\n");
  const std::string line = raw_line(route);
  BOOST_TEST(line.find(R"("content":{"text":"a b\n","list":[1]},"content_text":)") != std::string::npos);
  BOOST_TEST(test::Json::parse(line)["content_text"] == content);
}

BOOST_AUTO_TEST_CASE(content_of_every_serializer_is_printed_as_json) {
  const test::Route route;
  for (const char* serializer : {"CBOR", "MessagePack", "JSON"}) {
    const std::string info = ipcm_ok({"connect-info", route.path(), "--serializer", serializer});
    ipcm_ok({"send", info, "worker", R"({"n":1})"});
    BOOST_TEST(raw_line(route).find(R"("content":{"n":1})") != std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(for_people_a_message_is_one_line_with_time_sender_and_content) {
  const test::Route route;
  ipcm_ok({"send", route.path(), "--as", "boss", "worker", R"({"n": 1})"});
  ipcm_ok({"broadcast", route.path(), "--as", "boss", "2"});
  const auto lines = test::lines_of(ipcm_ok({"get", route.path(), "--as", "worker"}));
  BOOST_TEST(lines.size() == 2U);
  BOOST_TEST(lines.at(0).substr(24) == "  boss  {\"n\":1}");
  BOOST_TEST(lines.at(1).substr(24) == "  boss to all  2");
  BOOST_TEST(lines.at(0).substr(10, 1) == "T");
  BOOST_TEST(lines.at(0).substr(23, 1) == "Z");
}

BOOST_AUTO_TEST_CASE(nothing_steers_the_terminal) {
  const test::Route route;
  ipcm_ok({"send", route.path(), "worker", "--text", "\033[2J\x7f \xc2\x9b \xe2\x80\xae é"});
  const std::string shown = R"("\u001b[2J\u007f \u009b \u202e é")";
  BOOST_TEST(ipcm_ok({"peek", route.path(), "--as", "worker"}).find(shown) != std::string::npos);
  BOOST_TEST(raw_line(route).find(shown) != std::string::npos);
}

BOOST_AUTO_TEST_CASE(with_nothing_there_the_exit_code_is_3) {
  const test::Route route;
  for (const char* command : {"get", "peek"}) {
    check_fails(ipcm_run({command, route.path(), "--as", "worker"}), 3, "no messages for worker");
    const auto quiet = ipcm_run({command, route.path(), "--as", "worker", "--json"});
    BOOST_TEST(quiet.exit_code == 3);
    BOOST_TEST(quiet.out + quiet.err == "");
  }
}

BOOST_AUTO_TEST_CASE(a_name_that_nobody_registered_is_an_error_and_is_not_registered) {
  const test::Route route;
  for (const char* command : {"get", "peek", "suspend", "requeue"}) {
    check_fails(ipcm_run({command, route.path(), "--as", "wroker"}), 1,
                "ipcm connect " + route.path() + " --as wroker registers it");
  }
  BOOST_TEST(ipcm_json({"peers", route.path()}).size() == 1U);
}

BOOST_AUTO_TEST_CASE(the_name_keeps_getting_mail_afterwards) {
  const test::Route route;
  ipcm_run({"get", route.path(), "--as", "worker"});
  BOOST_TEST(route.peer("worker")["state"] == "suspended");
  route.fill(1, 1);
  BOOST_TEST(route.waiting().size() == 1U);
}

BOOST_AUTO_TEST_CASE(large_and_small_messages_mix) {
  const test::Route route;
  const std::string large(3 << 20, 'x');
  std::string lines;
  for (int i = 0; i < 200; ++i) lines += (i % 50 == 20 ? "\"" + large + "\"" : std::to_string(i)) + "\n";
  ipcm_ok({"send", route.path(), "worker", "--lines"}, lines);
  const auto messages = ipcm_json({"get", route.path(), "--as", "worker"});
  BOOST_TEST(messages.size() == 200U);
  for (int i = 0; i < 200; ++i) {
    const auto& content = messages.at(static_cast<std::size_t>(i))["content"];
    BOOST_CHECK(i % 50 == 20 ? content == large : content == i);
  }
  BOOST_TEST(route.peer("worker")["queued"] == 0);
}

BOOST_AUTO_TEST_CASE(what_cannot_be_decoded_is_set_aside_and_the_rest_is_printed) {
  const test::Route route;
  route.fill(1, 1);
  sqlite3* database = nullptr;
  BOOST_TEST(sqlite3_open(route.path().c_str(), &database) == SQLITE_OK);
  const char* sql = "UPDATE messages SET content = '{oops'";
  BOOST_TEST(sqlite3_exec(database, sql, nullptr, nullptr, nullptr) == SQLITE_OK);
  sqlite3_close(database);
  route.fill(2, 3);
  BOOST_TEST(numbers_of(ipcm_json({"get", route.path(), "--as", "worker"})) == numbers(2, 3),
             boost::test_tools::per_element());
  BOOST_TEST(ipcm_json({"info", route.path()}).at(0)["dead"] == 1);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(peek)

BOOST_AUTO_TEST_CASE(it_prints_what_get_would_and_takes_nothing) {
  const test::Route route;
  route.fill(1, 5);
  const auto peeked = ipcm_ok({"peek", route.path(), "--as", "worker", "--json"});
  BOOST_TEST(ipcm_ok({"peek", route.path(), "--as", "worker", "--json", "--limit", "2"}) ==
             peeked.substr(0, peeked.find('\n', peeked.find('\n') + 1) + 1));
  BOOST_TEST(ipcm_ok({"get", route.path(), "--as", "worker", "--json"}) == peeked);
}

BOOST_AUTO_TEST_CASE(it_leaves_the_state_of_the_name_as_it_was) {
  const test::Route route;
  route.fill(1, 1);
  ipcm_ok({"suspend", route.path(), "--as", "worker", "--expires-in", "2h"});
  const test::Json before = route.peer("worker");
  BOOST_TEST(before["suspend_expires"].is_number());
  ipcm_ok({"peek", route.path(), "--as", "worker"});
  BOOST_TEST(route.peer("worker") == before);
}

BOOST_AUTO_TEST_SUITE_END()
