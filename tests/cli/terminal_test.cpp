// SPDX-License-Identifier: MIT
#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "shell.hpp"
#include "terminal.hpp"

using test::ipcm_command;
using test::On;
using test::run_on_terminal;

namespace {

constexpr char kEscape = '\033';

bool has_escapes(const std::string& text) {
  return text.find(kEscape) != std::string::npos;
}

boost::test_tools::assertion_result can_have_a_terminal(boost::unit_test::test_unit_id) {
  boost::test_tools::assertion_result result(test::has_terminals());
  result.message() << "there are no pseudo-terminals here";
  return result;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(terminal, *boost::unit_test::precondition(can_have_a_terminal))

BOOST_AUTO_TEST_CASE(colour_is_shown_on_a_terminal_and_nowhere_else) {
  const test::Route route;
  route.fill(1, 1);
  for (const std::vector<std::string>& arguments : {std::vector<std::string>{"peers", route.path()},
                                                    {"peek", route.path(), "--as", "worker"},
                                                    {"check", route.path()}}) {
    const auto command = ipcm_command(arguments);
    BOOST_TEST_CONTEXT(arguments.front()) {
      BOOST_TEST(has_escapes(run_on_terminal(On::out, command, {}).out));
      BOOST_TEST(!has_escapes(run_on_terminal(On::out, command, {"NO_COLOR=1"}).out));
      BOOST_TEST(!has_escapes(run_on_terminal(On::out, command, {"TERM=dumb"}).out));
      BOOST_TEST(has_escapes(run_on_terminal(On::out, command, {"NO_COLOR="}).out));
      BOOST_TEST(!has_escapes(test::run(command).out));
    }
  }
}

BOOST_AUTO_TEST_CASE(json_is_the_same_on_a_terminal) {
  const test::Route route;
  const auto command = ipcm_command({"peers", route.path(), "--json"});
  const std::string printed = test::run(command).out;
  BOOST_TEST(run_on_terminal(On::out, command, {}).out == printed.substr(0, printed.size() - 1) + "\r\n");
}

BOOST_AUTO_TEST_CASE(a_dump_cannot_steer_the_terminal_and_is_exact_elsewhere) {
  const test::Route route;
  const std::string steering =
      "\xc2\x9b"
      "2J\x7f\xe2\x80\xae";  // a C1 control, delete, right to left
  test::ipcm_ok({"send", route.path(), "worker", "-"}, "{\"a\": \"" + steering + "\", \"b\": 12345678901234567890}");
  const auto command = ipcm_command({"dump", route.path()});
  const std::string shown = run_on_terminal(On::out, command, {}).out;
  BOOST_TEST(shown.find("\xc2\x9b") == std::string::npos);
  BOOST_TEST(shown.find('\x7f') == std::string::npos);
  BOOST_TEST(shown.find("\xe2\x80\xae") == std::string::npos);
  BOOST_TEST(shown.find(R"({"a":"\u009b2J\u007f\u202e","b":12345678901234567890})") != std::string::npos, shown);
  BOOST_TEST(test::run(command).out.find("{\"a\": \"" + steering + "\", \"b\": 1234") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_long_command_shows_its_progress_on_a_terminal_and_wipes_it) {
  const test::Route route;
  std::string lines;
  for (int n = 0; n < 3000; ++n) lines += std::to_string(n) + "\n";
  test::write_file(route.file("lines"), lines);
  const auto send = ipcm_command({"send", route.path(), "worker", "--lines", "@" + route.file("lines")});
  const std::string sending = run_on_terminal(On::err, send, {}).err;
  BOOST_TEST(sending.find("1,000 messages sent") != std::string::npos);
  BOOST_TEST(sending.find("% of " + route.file("lines") + " read") != std::string::npos);
  BOOST_TEST(sending.ends_with("\r\033[K"));
  BOOST_TEST(run_on_terminal(On::err, send, {"TERM=dumb"}).err == "");
  BOOST_TEST(test::run(send).err == "");

  const auto follow = ipcm_command({"get", route.path(), "--as", "worker", "--follow", "--limit", "9000"});
  const auto following = run_on_terminal(On::err, follow, {});
  BOOST_TEST(following.exit_code == 0);
  BOOST_TEST(following.err.find("messages taken") != std::string::npos);
  BOOST_TEST(following.err.ends_with("\r\033[K"));
}

BOOST_AUTO_TEST_SUITE_END()
