// SPDX-License-Identifier: MIT
#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>

#include <ipcm/version.hpp>

#include "shell.hpp"

using test::check_fails;
using test::ipcm_run;

BOOST_AUTO_TEST_SUITE(usage)

BOOST_AUTO_TEST_CASE(alone_it_shows_the_first_five_commands_to_try) {
  const auto result = ipcm_run({});
  BOOST_TEST(result.exit_code == 0);
  BOOST_TEST(result.err == "");
  int shown = 0;
  for (const std::string& line : test::lines_of(result.out)) shown += line.starts_with("  ipcm ") ? 1 : 0;
  BOOST_TEST(shown == 5);
}

BOOST_AUTO_TEST_CASE(it_tells_its_version) {
  BOOST_TEST(test::ipcm_ok({"--version"}) == std::string("ipcm ") + IPCM_VERSION + "\n");
}

BOOST_AUTO_TEST_CASE(help_is_an_answer_and_not_an_error) {
  for (const char* flag : {"--help", "-h"}) {
    const auto result = ipcm_run({flag});
    BOOST_TEST(result.exit_code == 0);
    BOOST_TEST(result.err == "");
    BOOST_TEST(result.out.find("Usage: ipcm") != std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(a_wrong_command_line_is_exit_code_2_and_one_line_that_names_the_help) {
  struct Row {
    std::vector<std::string> arguments;
    std::string words;
  };
  const std::vector<Row> rows = {
      {{"sned", "r", "worker"}, "there is no command 'sned'; see ipcm --help"},
      {{"--bogus"}, "--bogus; see ipcm --help"},
      {{"send"}, "ROUTE is required; see ipcm send --help"},
      {{"send", "r"}, "PEER is required; see ipcm send --help"},
      {{"send", "r", "p", "1", "2"}, "2; see ipcm send --help"},
      {{"send", "r", "p", "1", "--bogus"}, "--bogus; see ipcm send --help"},
      {{"send", "r", "p", "1", "--as"}, "--as"},
      {{"send", "r", "p", "1", "--as", "a", "--as", "b"}, "--as"},
      {{"send", "r", "p", "1", "--lines"}, "--lines reads the messages from standard input"},
      {{"send", "r", "p", "--lines", "--id", "x"}, "--id names one message"},
      {{"get", "r"}, "--as is required; see ipcm get --help"},
      {{"get", "r", "--as", "w", "--limit", "0"}, "'0' is not a whole number from 1 on; see ipcm get --help"},
      {{"get", "r", "--as", "w", "--limit", "-1"}, "'-1' is not a whole number"},
      {{"get", "r", "--as", "w", "--limit", "ten"}, "'ten' is not a whole number"},
      {{"get", "r", "--as", "w", "-n", "99999999999999999999"}, "is not a whole number"},
      {{"peek", "r", "--as", "w", "--limit", "1.5"}, "'1.5' is not a whole number"},
      {{"suspend", "r", "--as", "w", "--expires-in", "10"}, "'10' is not a duration such as 500ms"},
      {{"suspend", "r", "--as", "w", "--expires-in", "-5s"}, "'-5s' is not a duration"},
      {{"suspend", "r", "--as", "w", "--expires-in", "9999999999999d"}, "is not a duration"},
      {{"spawn", "r", "--durability", "eternal"}, "eternal"},
      {{"spawn", "r", "--max-content", "0"}, "'0' is not a size such as 4096, 64K"},
      {{"spawn", "r", "--max-content", "16X"}, "'16X' is not a size"},
      {{"spawn", "r", "--max-content", "99999999999999G"}, "is not a size"},
      {{"durability", "r", "eternal"}, "eternal"},
      {{"forget", "r"}, "NAME is required"},
  };
  for (const Row& row : rows) {
    BOOST_TEST_CONTEXT("the case of: " << row.words) {
      check_fails(ipcm_run(row.arguments), 2, row.words);
    }
  }
}

BOOST_AUTO_TEST_CASE(what_is_wrong_is_shown_without_control_characters) {
  const auto result = ipcm_run({"get", "r", "--as", "w", "--limit", "\033[31m\n1"});
  check_fails(result, 2, "'\\x1b[31m\\n1' is not a whole number");
}

BOOST_AUTO_TEST_CASE(the_json_flag_may_stand_before_the_command) {
  const test::Route route;
  BOOST_TEST(ipcm_run({"--json", "peers", route.path()}).out == ipcm_run({"peers", route.path(), "--json"}).out);
}

BOOST_AUTO_TEST_CASE(the_value_of_an_argument_is_never_taken_for_grammar) {
  const test::Route route;
  test::ipcm_ok({"connect", route.path(), "--as", "get"});
  for (const char* content : {"{}", "[]", "[1,2]", "-5", "\"--as\"", "\"%%\""}) {
    test::ipcm_ok({"send", route.path(), "get", content});
  }
  test::ipcm_ok({"send", route.path(), "--text", "get", "--", "--as"});
  std::string contents;
  for (const test::Json& message : test::ipcm_json({"get", route.path(), "--as", "get"})) {
    contents += message["content"].dump() + " ";
  }
  BOOST_TEST(contents == "{} [] [1,2] -5 \"--as\" \"%%\" \"--as\" ");
}

BOOST_AUTO_TEST_SUITE_END()
