// SPDX-License-Identifier: MIT
// A command whose output cannot be written after it has done what it is for says what it has done: whoever repeats it
// would do it twice.
#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "office.hpp"

using test::ipcm_command;
using test::ipcm_json;
using test::ipcm_ok;
using test::Office;
using test::Words;

namespace {

test::RunResult with_full_output(const Words& arguments, const std::string& input) {
  Words words = {"sh", "-c", "exec \"$@\" > /dev/full", "sh"};
  for (const auto& word : ipcm_command(arguments)) words.push_back(word);
  return test::run(words, input);
}

/// Fails with one line that ends with these words, also with --json.
void check_says(const Words& arguments, const std::string& done, const std::string& input = {}) {
  const auto result = with_full_output(arguments, input);
  BOOST_TEST_CONTEXT("ipcm " << arguments.at(0) << " " << arguments.at(1) << ": " << result.err) {
    BOOST_TEST(result.exit_code == 1);
    BOOST_TEST(test::lines_of(result.err).size() == 1U);
    const std::string text = "ipcm: cannot write to standard output: No space left on device; done nevertheless: ";
    BOOST_TEST(result.err.starts_with(text + done));
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(full_output)

BOOST_AUTO_TEST_CASE(what_was_done_is_said_although_it_cannot_be_printed) {
  const Office office({"--max-attempts", "1"});
  const std::string& path = office.path();
  check_says({"send", path, "mail", "1", "--id", "first"}, "the message was sent: first");
  check_says({"send", path, "mail", "1", "--id", "second", "--json"}, "the message was sent: second");
  check_says({"send", path, "mail", "1", "--dedup-key", "k", "--id", "third"}, "the message was sent: third");
  check_says({"send", path, "mail", "1", "--dedup-key", "k", "--id", "fourth"}, "the message was sent before: third");
  check_says({"send", path, "mail", "--lines"}, "2 messages sent", "1\n2\n");
  BOOST_TEST(office.jobs().size() == 5U);
  check_says({"broadcast", path, "1"}, "the message was sent to 1 peer");
  const std::string taken = ipcm_ok({"get", path, "--as", "worker", "--json"});
  check_says({"requeue", path, "--as", "worker"}, "1 message put back", taken);
  check_says({"connect", path, "--as", "ann"}, "ann is registered");
  check_says({"suspend", path, "--as", "ann"}, "ann is suspended");
  check_says({"forget", path, "ann"}, "ann was forgotten");
  check_says({"queue", "create", path, "other"}, "the queue other was made");
  check_says({"queue", "create", path, "other"}, "the queue other was there already");
  check_says({"queue", "pause", path, "other"}, "the queue other is paused");
  check_says({"queue", "resume", path, "other"}, "the queue other is open");
  check_says({"queue", "settings", path, "other", "--max-attempts", "3"}, "the settings were changed");
  check_says({"schedule", "add", path, "nightly", "@daily", "mail", "1"}, "the schedule nightly was stored");
  check_says({"schedule", "time-zone", path, "UTC"}, "the time zone was changed");
  check_says({"schedule", "remove", path, "nightly"}, "the schedule nightly was removed");
  check_says({"durability", path, "relaxed"}, "the durability was changed");
  check_says(office.work({"--once"}, {"true"}), "1 done, 0 failed");
  check_says(office.work({"--once"}, {"false"}), "0 done, 0 failed (to be tried again), 1 dead");
  check_says({"dead", "replay", path, "--all"}, "1 dead letter replayed");
  office.once("exit 1");
  check_says({"dead", "purge", path, "--all"}, "1 dead letter purged");
  check_says({"migrate", path}, "the route is up to date");
  check_says({"doctor", path, "--accept-loss"}, "the loss was accepted");
}

BOOST_AUTO_TEST_CASE(so_is_what_was_made_and_removed) {
  const Office office;
  const std::string& path = office.path();
  check_says({"spawn", office.file("new.ipcm")}, "the route is there: " + office.file("new.ipcm"));
  check_says({"unspawn", office.file("new.ipcm")}, "the route is gone");
  check_says({"backup", path, office.file("copy.ipcm")}, "the copy was made");
  check_says({"dump", path, "-o", office.file("dump")}, "the dump was written");
  check_says({"load", office.file("loaded.ipcm"), office.file("dump")}, "the route was made");
  check_says({"salvage", path, office.file("salvaged.ipcm")}, "the new route was made");
}

BOOST_AUTO_TEST_CASE(a_reply_that_cannot_be_printed_was_taken_all_the_same) {
  const Office office;
  test::Process clerk({"sh", "-c",
                       "\"$1\" get \"$0\" --as worker --limit 1 --json --follow | \"$1\" reply \"$0\" --as clerk 2",
                       office.path(), IPCM_TEST_COMMAND});
  check_says({"request", office.path(), "--as", "boss", "worker", "1"},
             "the request was sent, and its reply was taken");
  BOOST_TEST(clerk.finish().exit_code == 0);
}

BOOST_AUTO_TEST_CASE(what_only_shows_says_no_such_thing) {
  const Office office;
  const auto result = with_full_output({"queue", "list", office.path()}, {});
  BOOST_TEST(result.exit_code == 1);
  BOOST_TEST(result.err == "ipcm: cannot write to standard output: No space left on device\n");
}

BOOST_AUTO_TEST_SUITE_END()
