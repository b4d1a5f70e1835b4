// SPDX-License-Identifier: MIT
#include <signal.h>

#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "shell.hpp"

using test::check_fails;
using test::ipcm_json;
using test::ipcm_ok;
using test::ipcm_run;
using test::numbers;

namespace {

std::string objects(int from, int to) {
  std::string lines;
  for (const int n : numbers(from, to)) lines += "{\"n\":" + std::to_string(n) + "}\n";
  return lines;
}

test::RunResult send_lines(const test::Route& route, const std::string& input) {
  return ipcm_run({"send", route.path(), "worker", "--lines"}, input);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(lines)

BOOST_AUTO_TEST_CASE(ten_thousand_lines_arrive_in_order) {
  const test::Route route;
  const auto result = send_lines(route, objects(1, 10'000));
  BOOST_TEST(result.exit_code == 0);
  BOOST_TEST(result.out == "10,000 messages sent to worker\n");
  BOOST_TEST(result.err == "");
  BOOST_CHECK(route.waiting() == numbers(1, 10'000));
  BOOST_TEST(ipcm_json({"check", route.path()}).at(0)["messages_checked"] == 10'000);
}

BOOST_AUTO_TEST_CASE(a_file_is_read_as_standard_input_is) {
  const test::Route route;
  test::write_file(route.file("jobs.jsonl"), objects(1, 3));
  const auto sent = ipcm_json({"send", route.path(), "worker", "--lines", "@" + route.file("jobs.jsonl")}).at(0);
  BOOST_TEST(sent == test::Json({{"sent", 3}, {"to", "worker"}}));
  BOOST_TEST(route.waiting() == numbers(1, 3), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(space_around_a_line_blank_lines_and_a_missing_last_newline_do_not_matter) {
  const test::Route route;
  const auto result = send_lines(route, "\n  \n{\"n\":1}\r\n\t{\"n\":2} \n\n{\"n\":3}");
  BOOST_TEST(result.out == "3 messages sent to worker\n");
  BOOST_TEST(route.waiting() == numbers(1, 3), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(no_lines_are_no_messages_and_no_error) {
  const test::Route route;
  BOOST_TEST(ipcm_ok({"send", route.path(), "worker", "--lines"}, "") == "0 messages sent to worker\n");
}

BOOST_AUTO_TEST_CASE(with_text_each_line_is_a_string) {
  const test::Route route;
  ipcm_ok({"send", route.path(), "worker", "--lines", "--text"}, "a \"b\"\n\n\tc");
  std::string contents;
  for (const auto& message : ipcm_json({"get", route.path(), "--as", "worker"})) contents += message["content"].dump();
  BOOST_TEST(contents == R"("a \"b\"""""\tc")");
}

BOOST_AUTO_TEST_CASE(a_bad_line_is_named_and_exactly_what_stands_before_it_is_stored) {
  struct Row {
    int before;
    std::string bad;
    std::string words;
  };
  const std::vector<Row> rows = {
      {0, "oops", "0 messages before it sent"},
      {1, "{\"n\":}", "1 message before it sent"},
      {1500, "{\"n\":\"\xff\"}", "1,500 messages before it sent"},
      {3, std::string("{\"n\":\0}", 7), "nothing from it on"},
      {2, std::string(5000, '[') + std::string(5000, ']'), "deep"},
  };
  for (const Row& row : rows) {
    const test::Route route;
    const auto result = send_lines(route, objects(1, row.before) + row.bad + "\n" + objects(9001, 9002));
    BOOST_TEST_CONTEXT(row.words) {
      check_fails(result, 1, "line " + std::to_string(row.before + 1) + " of standard input: ");
      check_fails(result, 1, row.words);
      BOOST_CHECK(route.waiting() == numbers(1, row.before));
    }
  }
}

BOOST_AUTO_TEST_CASE(a_line_that_the_route_refuses_is_named_too) {
  const test::TemporaryFolder folder;
  const std::string route = folder.file("r");
  ipcm_ok({"spawn", route, "--max-content", "1K"});
  ipcm_ok({"connect", route, "--as", "worker"});
  const auto result = ipcm_run({"send", route, "worker", "--lines"},
                               objects(1, 20) + "\"" + std::string(2000, 'x') + "\"\n" + objects(21, 30));
  check_fails(result, 1, "line 21 of standard input: ");
  check_fails(result, 1, "at most 1024; 20 messages before it sent, nothing from it on");
  BOOST_CHECK(test::numbers_of(ipcm_json({"get", route, "--as", "worker"})) == numbers(1, 20));
}

BOOST_AUTO_TEST_CASE(a_recipient_that_takes_no_mail_stops_it_at_the_first_line) {
  const test::Route route;
  check_fails(ipcm_run({"send", route.path(), "nobody", "--lines"}, objects(1, 3)), 1,
              "0 messages before it sent, nothing from it on");
}

BOOST_AUTO_TEST_CASE(what_has_come_is_sent_when_the_input_pauses) {
  const test::Route route;
  test::Process sender(test::ipcm_command({"send", route.path(), "worker", "--lines"}));
  sender.write(objects(1, 2) + "{\"n\":");
  BOOST_TEST(test::eventually([&] { return route.waiting().size() == 2; }));
  sender.write("3}\n");
  BOOST_TEST(test::eventually([&] { return route.waiting().size() == 3; }));
  BOOST_TEST(sender.finish().out == "3 messages sent to worker\n");
}

BOOST_AUTO_TEST_CASE(a_signal_stops_it_after_a_whole_message_and_it_says_where) {
  const test::Route route;
  test::Process sender(test::ipcm_command({"send", route.path(), "--as", "boss", "worker", "--lines"}));
  sender.write(objects(1, 2) + "\n{\"n\":");
  BOOST_TEST(test::eventually([&] { return route.waiting().size() == 2; }));
  sender.signal(SIGTERM);
  const auto result = sender.finish();
  check_fails(result, 128 + SIGTERM, "2 messages sent; go on with line 4");
  BOOST_TEST(route.waiting() == numbers(1, 2), boost::test_tools::per_element());
  BOOST_TEST(route.peer("boss")["state"] == "suspended");
}

BOOST_AUTO_TEST_CASE(a_kill_in_the_middle_stores_a_prefix) {
  const test::Route route;
  test::Process sender(test::ipcm_command({"send", route.path(), "worker", "--lines"}));
  sender.write(objects(1, 5'000));
  BOOST_TEST(test::eventually([&] { return ipcm_json({"info", route.path()}).at(0)["queued"] > 0; }));
  sender.signal(SIGKILL);
  BOOST_TEST(sender.finish().exit_code == 128 + SIGKILL);
  const std::vector<int> stored = route.waiting();
  BOOST_CHECK(stored == numbers(1, static_cast<int>(stored.size())));
  BOOST_TEST(ipcm_json({"check", route.path()}).at(0)["ok"] == true);
}

BOOST_AUTO_TEST_SUITE_END()
