// SPDX-License-Identifier: MIT
// What happens at the other end of the pipe must not lose a message.
#include <signal.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "shell.hpp"

using test::ipcm_command;
using test::ipcm_json;
using test::ipcm_ok;
using test::ipcm_run;
using test::numbers;

namespace {

int number_in(const std::string& line) {
  return test::Json::parse(line)["content"]["n"];
}

std::vector<std::string> get_json(const test::Route& route) {
  return ipcm_command({"get", route.path(), "--as", "worker", "--json"});
}

/// Runs `ipcm get ROUTE --as worker --json` with the rest of a shell's pipeline behind it.
test::RunResult get_in_shell(const test::Route& route, const std::string& rest) {
  return test::run({"sh", "-c", "\"$1\" get \"$2\" --as worker --json " + rest + "; echo \"exit $?\" >&2", "sh",
                    IPCM_TEST_COMMAND, route.path()});
}

}  // namespace

BOOST_AUTO_TEST_SUITE(pipes)

BOOST_AUTO_TEST_CASE(head_takes_the_first_message_and_leaves_the_rest) {
  const test::Route route;
  route.fill(1, 100);
  for (int n = 1; n <= 3; ++n) {
    const auto result = get_in_shell(route, "| head -1");
    BOOST_TEST(number_in(result.out) == n);
    BOOST_TEST(result.err == "exit 0\n");
  }
  BOOST_CHECK(route.waiting() == numbers(4, 100));
}

BOOST_AUTO_TEST_CASE(a_pipe_that_closes_is_no_error_and_what_was_not_read_stays) {
  const test::Route route;
  route.fill(1, 1000);
  test::Process getter(get_json(route));
  for (int n = 1; n <= 10; ++n) BOOST_TEST(number_in(getter.read_line().value()) == n);
  getter.close_stdout();
  const auto result = getter.finish();
  BOOST_TEST(result.exit_code == 0);
  BOOST_TEST(result.err == "");
  BOOST_CHECK(route.waiting() == numbers(11, 1000));
  BOOST_TEST(route.peer("worker")["state"] == "suspended");
}

BOOST_AUTO_TEST_CASE(a_pipe_that_is_closed_from_the_start_takes_nothing) {
  const test::Route route;
  route.fill(1, 3);
  test::Process getter(get_json(route));
  getter.close_stdout();
  const auto result = getter.finish();
  BOOST_TEST(result.exit_code == 0);
  BOOST_TEST(result.err == "");
  BOOST_CHECK(route.waiting() == numbers(1, 3));
}

BOOST_AUTO_TEST_CASE(a_closed_pipe_is_no_error_for_the_other_commands_either) {
  const test::Route route;
  route.fill(1, 1000);
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"peek", route.path(), "--as", "worker"}, {"peers", route.path()}, {"get", "--help"}}) {
    test::Process process(ipcm_command(arguments));
    process.close_stdout();
    const auto result = process.finish();
    BOOST_TEST(result.exit_code == 0);
    BOOST_TEST(result.err == "");
  }
  BOOST_CHECK(route.waiting() == numbers(1, 1000));
}

BOOST_AUTO_TEST_CASE(half_a_message_does_not_count_as_read) {
  const test::Route route;
  ipcm_ok({"send", route.path(), "worker", "--text"}, std::string(1 << 20, 'x'));
  const auto result = get_in_shell(route, "| head -c 1000");
  BOOST_TEST(result.out.size() == 1000U);
  BOOST_TEST(result.err == "exit 0\n");
  BOOST_TEST(route.peer("worker")["queued"] == 1);
}

BOOST_AUTO_TEST_CASE(a_kill_in_the_middle_of_printing_removes_nothing_that_was_not_printed) {
  const test::Route route;
  const int all = 5000;
  route.fill(1, all);
  test::Process getter(get_json(route));
  std::vector<int> printed;
  while (printed.size() < 1000) printed.push_back(number_in(getter.read_line().value()));
  getter.signal(SIGKILL);
  for (const std::string& line : test::lines_of(getter.finish().out)) printed.push_back(number_in(line));
  BOOST_CHECK(printed == numbers(1, static_cast<int>(printed.size())));

  BOOST_TEST(route.peer("worker")["state"] == "crashed");
  const std::vector<int> left = route.waiting();
  BOOST_TEST(left.size() < static_cast<std::size_t>(all));  // it did remove as it went
  BOOST_CHECK(left == numbers(all + 1 - static_cast<int>(left.size()), all));
  BOOST_TEST(left.size() + printed.size() >= static_cast<std::size_t>(all));
  BOOST_TEST(ipcm_json({"check", route.path()}).at(0)["ok"] == true);
}

BOOST_AUTO_TEST_CASE(a_reader_that_stalls_stops_neither_senders_nor_the_checker) {
  const test::Route route;
  route.fill(1, 2000);
  test::Process getter(get_json(route));
  BOOST_TEST(number_in(getter.read_line().value()) == 1);
  // From here on nobody reads. Only the one that was read is removed, although the command has not ended.
  BOOST_TEST(test::eventually([&] { return route.peer("worker")["queued"] == 1999; }));
  route.fill(2001, 2010);
  ipcm_ok({"broadcast", route.path(), "--as", "boss", R"({"n":2011})"});
  BOOST_TEST(ipcm_json({"check", route.path()}).at(0)["messages_checked"] == 2010);
  BOOST_TEST(route.peer("worker")["state"] == "active");
  for (int n = 2; n <= 2011; ++n) BOOST_REQUIRE(number_in(getter.read_line().value()) == n);
  BOOST_TEST(getter.finish().exit_code == 0);
  BOOST_TEST(route.peer("worker")["queued"] == 0);
}

BOOST_AUTO_TEST_CASE(a_signal_ends_it_although_the_reader_stalls) {
  const test::Route route;
  ipcm_ok({"send", route.path(), "worker", "--text"}, std::string(1 << 20, 'x'));
  route.fill(1, 3);
  test::Process getter(get_json(route));
  BOOST_TEST(test::eventually([&] { return route.peer("worker")["state"] == "active"; }));
  getter.signal(SIGINT);
  BOOST_TEST(getter.finish().exit_code == 128 + SIGINT);
  BOOST_TEST(route.peer("worker")["state"] == "suspended");
  BOOST_TEST(route.peer("worker")["queued"] == 4);
}

BOOST_AUTO_TEST_CASE(into_a_file_everything_is_written_and_removed) {
  const test::Route route;
  route.fill(1, 3000);
  const std::string file = route.file("taken.jsonl");
  BOOST_TEST(get_in_shell(route, "> '" + file + "'").err == "exit 0\n");
  BOOST_CHECK(test::numbers_of(test::objects_of(test::read_file(file))) == numbers(1, 3000));
  BOOST_TEST(route.peer("worker")["queued"] == 0);
}

BOOST_AUTO_TEST_CASE(output_that_cannot_be_written_is_an_error_and_takes_nothing) {
  const test::Route route;
  route.fill(1, 3);
  const auto full = get_in_shell(route, "> /dev/full");
  BOOST_TEST(full.err == "ipcm: cannot write to standard output: No space left on device\nexit 1\n");
  const auto closed = get_in_shell(route, ">&-");
  BOOST_TEST(closed.err == "ipcm: cannot write to standard output: Bad file descriptor\nexit 1\n");
  BOOST_CHECK(route.waiting() == numbers(1, 3));
  const auto peers = test::run({"sh", "-c", "\"$1\" peers \"$2\" > /dev/full", "sh", IPCM_TEST_COMMAND, route.path()});
  test::check_fails(peers, 1, "No space left on device");
}

BOOST_AUTO_TEST_CASE(closed_standard_streams_do_not_harm_the_route) {
  const test::Route route;
  const auto result = test::run(
      {"sh", "-c", "\"$1\" send \"$2\" worker '{\"n\":1}' <&- >&- 2>&-", "sh", IPCM_TEST_COMMAND, route.path()});
  BOOST_TEST(result.exit_code == 1);  // it could not say that it was sent
  BOOST_CHECK(route.waiting() == numbers(1, 1));
  BOOST_TEST(ipcm_json({"check", route.path()}).at(0)["ok"] == true);
}

BOOST_AUTO_TEST_SUITE_END()
