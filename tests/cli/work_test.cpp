// SPDX-License-Identifier: MIT
#include <signal.h>

#include <set>
#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>

#include <ipcm/connect.hpp>

#include "office.hpp"
#include "shell.hpp"
#include "terminal.hpp"

using test::check_fails;
using test::ipcm_command;
using test::ipcm_json;
using test::ipcm_ok;
using test::ipcm_run;
using test::kHang;
using test::Office;
using test::Running;
using test::runs;
using test::Words;

namespace {

/// The command in a process whose machine has slept for an hour since all others looked at its clocks.
Words after_an_hour_of_sleep(const Words& command) {
  Words all = {"unshare", "--time", "--boottime", "3600", "--fork"};
  all.insert(all.end(), command.begin(), command.end());
  return all;
}

boost::test_tools::assertion_result can_have_clocks_of_its_own(boost::unit_test::test_unit_id) {
  boost::test_tools::assertion_result can(test::run(after_an_hour_of_sleep({"true"})).exit_code == 0);
  can.message() << "unshare --time: needs root and Linux 5.6";
  return can;
}

boost::test_tools::assertion_result has_a_terminal(boost::unit_test::test_unit_id) {
  return boost::test_tools::assertion_result(test::has_terminals());
}

}  // namespace

BOOST_AUTO_TEST_SUITE(work)

BOOST_AUTO_TEST_CASE(a_job_is_done_when_its_command_says_so) {
  const Office office;
  office.send("1");
  const auto result = office.once("exit 0");
  BOOST_TEST(result.exit_code == 0);
  BOOST_TEST(result.err == "");
  BOOST_TEST(result.out == "1 done, 0 failed (to be tried again), 0 dead, 0 released\n");
  BOOST_TEST(office.jobs().empty());
  BOOST_TEST(office.dead().empty());
}

BOOST_AUTO_TEST_CASE(what_is_not_possible_now_is_released_and_not_counted) {
  const Office office;
  office.send("1");
  const auto result = office.once("exit 75");
  BOOST_TEST(result.exit_code == 0);
  BOOST_TEST(result.out == "0 done, 0 failed (to be tried again), 0 dead, 1 released\n");
  const auto jobs = office.jobs();
  BOOST_REQUIRE(jobs.size() == 1U);
  BOOST_TEST(jobs[0]["state"] != "in flight");
  BOOST_TEST(!jobs[0].contains("attempts"));
  BOOST_TEST(test::eventually([&] { return office.once("exit $((IPCM_ATTEMPT - 1))").exit_code == 0; }));
  BOOST_TEST(office.jobs().empty());
}

BOOST_AUTO_TEST_CASE(what_can_never_be_done_is_dead) {
  const Office office;
  office.send("1");
  const auto result = office.once("echo bad address >&2; exit 65");
  BOOST_TEST(result.out == "0 done, 0 failed (to be tried again), 1 dead, 0 released\n");
  BOOST_TEST(result.err == "bad address\n");
  BOOST_TEST(office.dead().at(0)["reason"] == "exit 65: bad address");
}

BOOST_AUTO_TEST_CASE(what_fails_is_tried_again_until_it_is_dead) {
  const Office office({"--max-attempts", "2", "--backoff", "fixed", "--retry-delay", "1ms"});
  office.send("1");
  BOOST_TEST(office.once("exit 3").out == "0 done, 1 failed (to be tried again), 0 dead, 0 released\n");
  BOOST_TEST(office.jobs().at(0)["attempts"] == 1);
  test::RunResult last;
  BOOST_TEST(
      test::eventually([&] { return (last = office.once("echo try $IPCM_ATTEMPT >&2; exit 3")).exit_code == 0; }));
  BOOST_TEST(last.out == "0 done, 0 failed (to be tried again), 1 dead, 0 released\n");
  BOOST_TEST(office.dead().at(0)["reason"] == "exit 3: try 2");
}

BOOST_AUTO_TEST_CASE(every_way_to_fail_is_told) {
  const Office office({"--max-attempts", "1"});
  for (int n = 0; n < 5; ++n) office.send("1");
  office.once("exit 1");
  office.once("echo '  last words  ' >&2; kill -9 $$");
  office.once("/no/such/command");
  office.once("exec \"$0\"");
  office.once("kill -TERM $$");
  Words reasons;
  for (const auto& letter : office.dead()) {
    const std::string reason = letter["reason"];
    reasons.push_back(reason.starts_with("exit 12") ? reason.substr(0, 9) : reason);
  }
  BOOST_TEST(
      reasons == Words({"exit 1", "killed by signal 9:   last words", "exit 127:", "exit 126:", "killed by signal 15"}),
      boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(the_reason_is_the_end_of_standard_error_in_utf8) {
  const Office office({"--max-attempts", "1"});
  office.send("1");
  const auto result = office.once(
      "i=0; while [ $i -lt 1000 ]; do echo 'line of w\xC3\xB6rds' >&2; i=$((i+1)); done;"
      "printf 'bad \\377 byte, end' >&2; exit 4");
  BOOST_TEST(result.err.size() > 15'000U);
  const std::string reason = office.dead().at(0)["reason"];
  BOOST_TEST(reason.size() <= 4096U);
  BOOST_TEST(reason.size() > 4080U);
  BOOST_TEST(reason.starts_with("exit 4: "));
  BOOST_TEST(reason.ends_with("rds\nbad \xEF\xBF\xBD byte, end"));
}

BOOST_AUTO_TEST_CASE(the_content_is_on_standard_input) {
  const Office office;
  office.send("{\"n\":  1,\n \"big\": 12345678901234567890}");
  office.send("\"two\\nlines\"");
  office.send("\"two\\nlines\"");
  office.send("[1]");
  const std::string end = "1 done, 0 failed (to be tried again), 0 dead, 0 released\n";
  BOOST_TEST(office.once("cat").out == "{\"n\":  1,\n \"big\": 12345678901234567890}" + end);
  BOOST_TEST(office.once("cat").out == "\"two\\nlines\"" + end);
  BOOST_TEST(office.once("cat", {"--text"}).out == "two\nlines" + end);
  BOOST_TEST(office.once("cat", {"--text"}).out == "[1]" + end);
}

BOOST_AUTO_TEST_CASE(a_large_content_need_not_be_read) {
  const Office office;
  for (int n = 0; n < 3; ++n) {
    ipcm_ok({"send", office.path(), "mail", "--text"}, std::string(1'000'000, 'x'));
  }
  BOOST_TEST(office.once("exit 0").out.starts_with("1 done"));
  BOOST_TEST(office.once("head -c 100000 | wc -c").out.starts_with("100000\n1 done"));
  BOOST_TEST(office.once("wc -c").out.starts_with("1000002\n1 done"));
}

BOOST_AUTO_TEST_CASE(the_fields_are_in_the_environment) {
  const Office office;
  office.send("1", {"--as", "boss", "--id", "order 17", "--priority", "6", "--max-attempts", "9", "--group-key", "g",
                    "--dedup-key", "d", "--reply-to", "boss", "--correlation-id", "c"});
  office.send("2");
  const std::string all =
      "echo \"$IPCM_ID,$IPCM_FROM,$IPCM_QUEUE,$IPCM_ATTEMPT,$IPCM_MAX_ATTEMPTS,$IPCM_PRIORITY,$IPCM_GROUP_KEY,"
      "$IPCM_DEDUP_KEY,$IPCM_REPLY_TO,$IPCM_CORRELATION_ID,$IPCM_ROUTE\"";
  BOOST_TEST(test::lines_of(office.once(all).out).at(0) == "order 17,boss,mail,1,9,6,g,d,boss,c," + office.path());
  const auto job = office.jobs().at(0);
  ::setenv("IPCM_GROUP_KEY", "of somebody else", 1);
  const auto second = office.once("echo \"$IPCM_ID ${IPCM_GROUP_KEY-none} $IPCM_MAX_ATTEMPTS $IPCM_STAMP\"");
  ::unsetenv("IPCM_GROUP_KEY");
  BOOST_TEST(test::lines_of(second.out).at(0) == job["id"].get<std::string>() + " none 5 " + job["stamp"].dump());
}

BOOST_AUTO_TEST_CASE(arguments_reach_the_command_to_the_letter) {
  const Office office;
  office.send("1");
  const auto result =
      ipcm_run(office.work({"--once"}, {"printf", "%s;", "[a,b]", "--", "-j", "%%", "", "--once", "*"}));
  BOOST_TEST(result.out.starts_with("[a,b];--;-j;%%;;--once;*;1 done"));
}

BOOST_AUTO_TEST_CASE(a_command_starts_clean) {
  const Office office;
  office.send("1");
  office.send("2");
  const auto lines = test::lines_of(
      office.once("cut -d' ' -f5 /proc/$$/stat; echo $$; exec grep -E 'SigIgn|SigBlk' /proc/self/status").out);
  BOOST_REQUIRE(lines.size() == 5U);
  BOOST_TEST(lines[0] == lines[1]);  // a process group of its own
  BOOST_TEST(lines[2] == "SigBlk:\t0000000000000000");
  BOOST_TEST(test::ignored_signals(lines[3]) == 0U);
  const auto descriptors = ipcm_run(office.work({"--once"}, {"ls", "/proc/self/fd"})).out;
  BOOST_TEST(descriptors.starts_with(test::run({"ls", "/proc/self/fd"}).out));
}

BOOST_AUTO_TEST_CASE(several_run_at_once) {
  const Office office;
  for (int n = 1; n <= 4; ++n) office.send(std::to_string(n));
  for (const char* gate : {"1", "2", "3", "4"}) office.make_gate(gate);
  Running worker(
      office.work({"--drain", "-j", "3"},
                  {"sh", "-c", "n=$(cat); echo begun $n; cat \"$0$n\" > /dev/null; echo end", office.file("")}));
  for (int n = 0; n < 3; ++n) worker.wait_for("begun");
  BOOST_TEST(office.jobs().at(3)["state"] == "ready");
  office.open("2");
  worker.wait_for("begun 4");
  for (const char* gate : {"1", "3", "4"}) office.open(gate);
  const auto result = worker.process().finish();
  BOOST_TEST(result.exit_code == 0);
  BOOST_TEST(result.out.ends_with("4 done, 0 failed (to be tried again), 0 dead, 0 released\n"));
}

BOOST_AUTO_TEST_CASE(what_a_killed_worker_had_is_done_by_another_one) {
  const Office office;
  office.send("1");
  Running worker(office.work({}, {"sh", "-c", kHang}));
  const std::string begun = worker.process().wait_for_line("begun");
  const int command = std::stoi(begun.substr(6));
  worker.process().signal(SIGKILL);
  const auto other = office.once("echo $IPCM_ATTEMPT");
  BOOST_TEST(other.exit_code == 0);
  BOOST_TEST(other.out.starts_with("2\n1 done"));
  BOOST_TEST(test::eventually([&] { return !runs(command); }));  // it does not outlive its worker
}

BOOST_AUTO_TEST_CASE(after_a_signal_it_finishes_what_it_has) {
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) {
    const Office office;
    office.make_gate("gate");
    office.send("1");
    office.send("2");
    Running worker(office.work({}, {"sh", "-c", "echo begun; cat \"$0gate\"", office.file("")}));
    worker.wait_for("begun");
    worker.process().signal(signal);
    worker.wait_for("ipcm: ends when 1 job is finished; another signal stops them");
    office.open("gate");
    const auto result = worker.process().finish();
    BOOST_TEST(result.exit_code == 0);
    BOOST_TEST(result.out == "go\nstopped by a signal: 1 done, 0 failed (to be tried again), 0 dead, 0 released\n");
    BOOST_TEST(office.jobs().size() == 1U);
    BOOST_TEST(office.route().peer("mail-worker-1")["state"] == "disconnected");
  }
}

BOOST_AUTO_TEST_CASE(an_idle_worker_ends_at_once) {
  const Office office;
  office.send("1");
  Running worker(office.work({"--json"}, {"echo", "done"}));
  worker.wait_for("done");
  BOOST_TEST(test::eventually([&] { return office.jobs().empty(); }));
  office.send("2");  // it is woken
  worker.wait_for("done");
  BOOST_TEST(test::eventually([&] { return office.jobs().empty(); }));
  worker.process().signal(SIGTERM);
  const auto result = worker.process().finish();
  BOOST_TEST(result.exit_code == 0);
  BOOST_TEST(test::Json::parse(result.out) ==
             test::Json::parse(R"({"done":2,"failed":0,"dead":0,"released":0,"lost":0,"stopped":true})"));
}

BOOST_AUTO_TEST_CASE(a_second_signal_ends_the_commands_and_releases_their_jobs) {
  const Office office;
  office.send("1");
  Running worker(office.work({}, {"sh", "-c", kHang}));
  worker.wait_for("begun");
  worker.process().signal(SIGTERM);
  worker.wait_for("ipcm: ends when");
  const auto result = worker.stop_hard(SIGTERM);
  BOOST_TEST(result.exit_code == 128 + SIGTERM);
  BOOST_TEST(result.out ==
             "ipcm: stopped by a second signal: 0 done, 0 failed (to be tried again), 0 dead, 1 released\n");
  const auto jobs = office.jobs();
  BOOST_REQUIRE(jobs.size() == 1U);
  BOOST_TEST(jobs[0]["state"] == "ready");
  BOOST_TEST(!jobs[0].contains("attempts"));
}

BOOST_AUTO_TEST_CASE(a_third_signal_kills_what_does_not_listen) {
  const Office office;
  office.send("1");
  // In `wait` a shell misses no signal, as it could between a look at its traps and a call that blocks.
  Running worker(office.work({}, {"sh", "-c", "trap 'echo no' TERM; echo begun; while :; do sleep 600 & wait; done"}));
  worker.wait_for("begun");
  worker.process().signal(SIGINT);
  worker.wait_for("ipcm: ends when");
  const auto result = worker.stop_hard(SIGINT);
  BOOST_TEST(result.exit_code == 128 + SIGINT);
  BOOST_TEST(result.out.starts_with("no\n"));
  BOOST_TEST(office.jobs().at(0)["state"] == "ready");
}

BOOST_AUTO_TEST_CASE(a_lease_is_prolonged_while_the_command_runs) {
  const Office office;
  office.send("1");
  office.make_gate("gate");
  Running worker(office.work({"--once", "--lease", "1s"}, {"sh", "-c", "echo begun; cat \"$0gate\"", office.file("")}));
  worker.wait_for("begun");
  double last = office.jobs().at(0)["lease_left"];
  int prolonged = 0;
  BOOST_TEST(test::eventually([&] {
    const double left = office.jobs().at(0)["lease_left"];
    prolonged += left > last ? 1 : 0;
    last = left;
    return prolonged == 3;
  }));
  BOOST_TEST(office.jobs().at(0)["attempts"] == 1);
  office.open("gate");
  BOOST_TEST(worker.process().finish().out == "go\n1 done, 0 failed (to be tried again), 0 dead, 0 released\n");
}

BOOST_AUTO_TEST_CASE(a_worker_that_was_held_up_ends_the_command_of_a_job_that_it_has_lost) {
  const Office office;
  office.send("1");
  Running worker(office.work({"--once", "--lease", "300ms"}, {"sh", "-c", kHang}));
  worker.wait_for("begun");
  worker.process().signal(SIGSTOP);
  worker.process().wait_until_stopped();
  BOOST_TEST(test::eventually([&] { return office.once("exit 0").exit_code == 0; }));
  worker.process().signal(SIGCONT);
  worker.wait_for("ipcm: the job ");
  const auto result = worker.process().finish();
  BOOST_TEST(result.exit_code == 0);
  BOOST_TEST(result.out == "0 done, 0 failed (to be tried again), 0 dead, 0 released, 1 lost\n");
  BOOST_TEST(office.jobs().empty());
}

BOOST_AUTO_TEST_CASE(it_ends_when_there_is_no_more) {
  const Office office;
  BOOST_TEST(ipcm_ok(office.work({"--drain"}, {"true"})).starts_with("0 done"));
  const auto none = ipcm_run(office.work({"--once"}, {"true"}));
  BOOST_TEST(none.exit_code == 3);
  for (int n = 0; n < 20; ++n) office.send("1");
  office.send("2", {"--delay", "1h"});
  BOOST_TEST(ipcm_ok(office.work({"--drain", "-j", "2"}, {"true"})).starts_with("20 done"));
  BOOST_TEST(office.jobs().size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_group_is_worked_off_one_at_a_time) {
  const Office office;
  for (int n = 1; n <= 5; ++n) office.send(std::to_string(n), {"--group-key", "g"});
  const auto result = ipcm_run(office.work({"--drain", "-j", "4"}, {"sh", "-c", "cat; echo"}));
  BOOST_TEST(result.out.starts_with("1\n2\n3\n4\n5\n5 done"));
}

BOOST_AUTO_TEST_CASE(names_are_used_again) {
  const Office office;
  office.send("1");
  office.send("2");
  Running first(office.work({}, {"sh", "-c", kHang}));
  first.wait_for("begun");
  Running second(office.work({}, {"sh", "-c", kHang}));
  second.wait_for("begun");
  BOOST_TEST(office.route().peer("mail-worker-2")["state"] == "active");
  ipcm_ok({"send", office.path(), "mail-worker-2", "1"});
  for (Running* worker : {&first, &second}) {
    worker->stop_hard(SIGTERM);
  }
  BOOST_TEST(ipcm_json({"peers", office.path()}).size() == 3U);
  ipcm_ok(office.work({"--drain"}, {"true"}));
  BOOST_TEST(office.route().peer("mail-worker-1")["state"] == "disconnected");
  BOOST_TEST(ipcm_json({"peers", office.path()}).size() == 3U);
}

BOOST_AUTO_TEST_CASE(who_has_mail_of_its_own_keeps_getting_it) {
  const Office office;
  ipcm_ok(office.work({"--drain", "--as", "bob"}, {"true"}));
  BOOST_TEST(office.route().peer("bob")["state"] == "disconnected");
  ipcm_ok(office.work({"--drain", "--as", "worker"}, {"true"}));
  BOOST_TEST(office.route().peer("worker")["state"] == "suspended");
  office.send("1");
  ::setenv("TEST_COMMAND", IPCM_TEST_COMMAND, 1);
  BOOST_TEST(office.once("\"$TEST_COMMAND\" send \"$IPCM_ROUTE\" ann 5", {"--as", "ann"}).exit_code == 0);
  BOOST_TEST(office.route().peer("ann")["state"] == "suspended");
  BOOST_TEST(office.route().peer("ann")["queued"] == 1);
}

BOOST_AUTO_TEST_CASE(what_is_wrong_is_said) {
  const Office office;
  check_fails(ipcm_run({"work", office.path(), "mial", "--", "true"}), 1,
              "there is no queue mial on " + office.path() + "; make it: ipcm queue create " + office.path() + " mial");
  check_fails(ipcm_run({"work", office.path(), "worker", "--", "true"}), 1, "not a queue");
  check_fails(ipcm_run({"work", office.path(), "mail"}), 2, "It stands after --");
  check_fails(ipcm_run({"work", office.path(), "mail", "true"}), 2, "'true' and what follows it is to stand after --");
  check_fails(ipcm_run({"work", office.path(), "mail", "-j", "0", "--", "true"}), 2, "from 1 to 256");
  check_fails(ipcm_run({"work", office.path(), "mail", "--lease", "0s", "--", "true"}), 2, "longer than 0");
  check_fails(ipcm_run({"work", office.path(), "mail", "--once", "--drain", "--", "true"}), 2, "exclude");
  BOOST_TEST(ipcm_json({"peers", office.path()}).size() == 1U);
}

BOOST_AUTO_TEST_CASE(progress_is_shown_on_a_terminal, *boost::unit_test::precondition(has_a_terminal)) {
  const Office office;
  for (int n = 0; n < 3; ++n) office.send("1");
  const auto command = ipcm_command(office.work({"--drain"}, {"sh", "-c", "echo said >&2"}));
  const auto shown = test::run_on_terminal(test::On::err, command, {});
  BOOST_TEST(shown.exit_code == 0);
  BOOST_TEST(shown.err.find(" done, ") != std::string::npos);
  BOOST_TEST(shown.err.find(" ready, ") != std::string::npos);
  BOOST_TEST(shown.err.find("said\r\n") != std::string::npos);
  BOOST_TEST((shown.err.ends_with("\r\033[K") || shown.err.ends_with("said\r\n")));
}

BOOST_AUTO_TEST_CASE(what_commands_print_stands_on_lines_of_its_own_there,
                     *boost::unit_test::precondition(has_a_terminal)) {
  const Office office;
  for (int n = 0; n < 3; ++n) office.send("1");
  std::vector<std::string> command = {"sh", "-c", "exec \"$@\" 2>&1", "sh"};
  for (const auto& word : ipcm_command(office.work({"--drain"}, {"echo", "printed"}))) command.push_back(word);
  const auto shown = test::run_on_terminal(test::On::out, command, {}).out;
  BOOST_TEST(shown.find("\033[Kprinted\r\n") != std::string::npos);
  BOOST_TEST(shown.ends_with("3 done, 0 failed (to be tried again), 0 dead, 0 released\r\n"));
}

BOOST_AUTO_TEST_CASE(a_route_that_is_removed_ends_it_and_its_commands) {
  const Office office;
  office.send("1");
  Running worker(office.work({"--lease", "200ms"}, {"sh", "-c", kHang}));
  const int command = std::stoi(worker.process().wait_for_line("begun").substr(6));
  ipcm_ok({"unspawn", office.path()});
  const auto result = worker.process().finish();
  BOOST_TEST(result.exit_code == 1);
  BOOST_TEST(result.out.starts_with("ipcm: "));
  BOOST_TEST(!runs(command));
}

BOOST_AUTO_TEST_CASE(whatever_is_killed_no_job_is_lost) {
  const Office office({"--max-attempts", "0", "--retry-delay", "1ms", "--max-retry-delay", "1ms"});
  std::string lines;
  for (int n = 1; n <= 200; ++n) lines += std::to_string(n) + "\n";
  ipcm_ok({"send", office.path(), "mail", "--lines"}, lines);
  // Every third one kills itself at its first try.
  const Words command = {"sh", "-c",
                         "n=$(cat); [ $((n % 3)) -ne 0 ] || [ $IPCM_ATTEMPT -gt 1 ] || kill -9 $$;"
                         "echo $n >> \"$0done\"; echo did",
                         office.file("")};
  for (int life = 0; life < 8; ++life) {
    test::Process worker(ipcm_command(office.work({"-j", "4"}, command)));
    for (int n = 0; n < 10; ++n) worker.wait_for_line("did");
    worker.signal(SIGKILL);
    worker.finish();
  }
  BOOST_TEST(test::eventually([&] {
    ipcm_ok(office.work({"--drain", "-j", "4"}, command));
    return office.jobs().empty();
  }));
  std::set<std::string> done;
  for (const std::string& line : test::lines_of(test::read_file(office.file("done")))) done.insert(line);
  BOOST_TEST(done.size() == 200U);
  BOOST_TEST(office.dead().empty());
  ipcm_ok({"check", office.path()});
}

// --- results ---------------------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(what_a_command_prints_is_sent_as_the_result_of_its_job) {
  const Office office;
  ipcm_ok({"queue", "create", office.path(), "sums"});
  office.send("[1,2]", {"--id", "first"});
  office.send("\"two words\"", {"--id", "second"});
  const auto done = ipcm_run(office.work({"--once", "--results", "sums"}, {"sh", "-c", "cat; echo said >&2"}));
  BOOST_TEST(done.exit_code == 0);
  BOOST_TEST(done.err.find("said") != std::string::npos);
  ipcm_ok(office.work({"--once", "--text", "--results", "sums"}, {"wc", "-w"}));
  const auto results = ipcm_json({"jobs", office.path(), "sums"});
  BOOST_REQUIRE(results.size() == 2U);
  BOOST_TEST(results[0].at("id") == "first");
  BOOST_TEST(results[0].at("content") == (test::Json{1, 2}));
  BOOST_TEST(results[1].at("id") == "second");
  BOOST_TEST(results[1].at("content") == "2");
  BOOST_TEST(office.jobs().empty());
}

BOOST_AUTO_TEST_CASE(a_command_that_prints_nothing_has_no_result) {
  const Office office;
  ipcm_ok({"queue", "create", office.path(), "sums"});
  office.send("1");
  BOOST_TEST(office.once("true", {"--results", "sums"}).exit_code == 0);
  BOOST_TEST(ipcm_json({"jobs", office.path(), "sums"}).empty());
  BOOST_TEST(office.jobs().empty());
}

BOOST_AUTO_TEST_CASE(a_result_that_cannot_be_sent_fails_its_job) {
  const Office office({"--max-attempts", "1"});
  ipcm_ok({"queue", "create", office.path(), "sums"});
  office.send("1");
  BOOST_TEST(office.once("echo no JSON", {"--results", "sums"}).exit_code == 0);
  BOOST_REQUIRE(office.dead().size() == 1U);
  BOOST_TEST(office.dead()[0].at("reason").get<std::string>().find("its result cannot be sent") != std::string::npos);
  check_fails(ipcm_run(office.work({"--results", "nobody"}, {"true"})), 1, "no queue or peer nobody");
}

BOOST_AUTO_TEST_CASE(a_job_that_is_done_again_has_one_result) {
  const Office office;
  ipcm_ok({"queue", "create", office.path(), "sums"});
  for (int n = 0; n < 2; ++n) {
    office.send("1", {"--id", "job"});
    BOOST_TEST(office.once("echo 1", {"--results", "sums"}).exit_code == 0);
  }
  BOOST_TEST(ipcm_json({"jobs", office.path(), "sums"}).size() == 1U);
  BOOST_TEST(office.jobs().empty());
}

BOOST_AUTO_TEST_CASE(a_large_result_arrives_whole) {
  const Office office;
  ipcm_ok({"queue", "create", office.path(), "sums"});
  office.send("1");
  BOOST_TEST(office.once("head -c 3000000 /dev/zero | tr '\\0' x", {"--text", "--results", "sums"}).exit_code == 0);
  const auto results = ipcm_json({"jobs", office.path(), "sums"});
  BOOST_REQUIRE(results.size() == 1U);
  BOOST_TEST(results[0].at("content").get<std::string>().size() == 3'000'000U);
}

BOOST_AUTO_TEST_CASE(while_the_machine_sleeps_no_lease_runs_out,
                     *boost::unit_test::precondition(can_have_clocks_of_its_own)) {
  const Office office;
  office.send("1");
  const auto worker = ipcm::connect("worker", ipcm::ConnectionInfo::parse(office.path()));
  auto claims = worker->claim("mail", {.lease = std::chrono::minutes(10)});
  BOOST_REQUIRE(claims.size() == 1U);
  const auto other = test::run(after_an_hour_of_sleep(ipcm_command(office.work({"--once"}, {"true"}))));
  BOOST_TEST(other.exit_code == 3);
  BOOST_TEST(ipcm_json({"jobs", office.path(), "mail"}).at(0)["worker"] == "worker");
  claims[0].ack();
  // And what is claimed after a sleep is held by those who have slept as long.
  office.send("2");
  claims = worker->claim("mail", {.lease = std::chrono::minutes(10)});
  BOOST_TEST(test::run(after_an_hour_of_sleep(ipcm_command(office.work({"--once"}, {"true"})))).exit_code == 3);
}

BOOST_AUTO_TEST_SUITE_END()
