// SPDX-License-Identifier: MIT
// A mistyped name of a peer, a queue or a schedule: the one that was meant.
#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "office.hpp"

using test::check_fails;
using test::ipcm_ok;
using test::ipcm_run;
using test::Office;
using test::Words;

namespace {

std::string last_words(const test::RunResult& result) {
  const std::size_t at = result.err.rfind("; did you mean ");
  return at == std::string::npos ? "" : result.err.substr(at + 2);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(suggestions)

BOOST_AUTO_TEST_CASE(whatever_command_does_not_find_a_name_asks_whether_another_one_was_meant) {
  const Office office;  // with the peer worker and the queue mail
  const std::string& path = office.path();
  ipcm_ok({"schedule", "add", path, "nightly", "30 2 * * *", "mail", "1"});
  const std::vector<Words> of_queue = {
      {"send", path, "mial", "1"},
      {"send", path, "mial", "--lines"},
      {"work", path, "mial", "--", "true"},
      {"work", path, "mail", "--results", "mial", "--", "true"},
      {"queue", "pause", path, "mial"},
      {"queue", "resume", path, "mial"},
      {"queue", "settings", path, "mial"},
      {"jobs", path, "mial"},
      {"dead", "list", path, "mial"},
      {"schedule", "add", path, "daily", "@daily", "mial", "1"},
      {"request", path, "--as", "boss", "mial", "1"},
      {"forget", path, "mial"},
  };
  for (const Words& command : of_queue) {
    const auto result = ipcm_run(command, "1\n");
    BOOST_TEST_CONTEXT("ipcm " << command.at(0) << ": " << result.err) {
      BOOST_TEST(result.exit_code == 1);
      BOOST_TEST(last_words(result) == "did you mean mail?\n");
    }
  }
  const std::vector<Words> of_peer = {
      {"send", path, "woker", "1"},         {"get", path, "--as", "wroker"},  {"peek", path, "--as", "Worker"},
      {"suspend", path, "--as", "workers"}, {"stats", path, "--as", "worke"}, {"requeue", path, "--as", "w0rker"},
      {"forget", path, "worked"},
  };
  for (const Words& command : of_peer) {
    const auto result = ipcm_run(command);
    BOOST_TEST_CONTEXT("ipcm " << command.at(0) << ": " << result.err) {
      BOOST_TEST(result.exit_code == 1);
      BOOST_TEST(last_words(result) == "did you mean worker?\n");
    }
  }
  check_fails(ipcm_run({"schedule", "remove", path, "nighty"}), 1, "did you mean nightly?");
}

BOOST_AUTO_TEST_CASE(a_name_that_is_not_near_to_any_is_not_guessed_at) {
  const Office office;
  for (const std::string& name : {std::string("nobody"), std::string("mmm"), std::string("x"), std::string(255, 'm')}) {
    const auto result = ipcm_run({"send", office.path(), name, "1"});
    BOOST_TEST(result.exit_code == 1);
    BOOST_TEST(last_words(result) == "");
  }
}

BOOST_AUTO_TEST_CASE(who_is_not_there_may_be_a_peer_or_a_queue) {
  const Office office;
  check_fails(ipcm_run({"send", office.path(), "images", "1"}), 1, "`ipcm queue create`");
}

BOOST_AUTO_TEST_SUITE_END()
