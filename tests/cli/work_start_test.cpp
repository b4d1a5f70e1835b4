// SPDX-License-Identifier: MIT
// What `ipcm work` does with commands that cannot be started, and with signals that stop it together with them.
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>

#include <boost/test/unit_test.hpp>

#include "office.hpp"

using test::ipcm_command;
using test::ipcm_json;
using test::ipcm_ok;
using test::ipcm_run;
using test::kHang;
using test::Office;
using test::Running;
using test::Words;

namespace {

std::string tally(int done, int released) {
  return std::to_string(done) + " done, 0 failed (to be tried again), 0 dead, " + std::to_string(released) +
         " released\n";
}

void check_untouched(const Office& office, std::size_t count) {
  const auto jobs = office.jobs();
  BOOST_TEST(jobs.size() == count);
  for (const auto& job : jobs) {
    BOOST_TEST(job.at("state") == "ready");
    BOOST_TEST(!job.contains("attempts"));
  }
  BOOST_TEST(office.dead().empty());
}

boost::test_tools::assertion_result is_root(boost::unit_test::test_unit_id) {
  return ::geteuid() == 0;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(work_start)

BOOST_AUTO_TEST_CASE(a_command_that_is_missing_ends_the_worker_and_costs_no_attempt) {
  const Office office({"--max-attempts", "1"});
  office.send_numbers(20);
  for (const Words& options : {Words{}, Words{"--drain"}, Words{"--once"}, Words{"-j", "4"}}) {
    const int jobs = options == Words{"-j", "4"} ? 4 : 1;
    const auto result = ipcm_run(office.work(options, {"/no/such/command"}));
    BOOST_TEST(result.exit_code == 127);
    BOOST_TEST(result.out == tally(0, jobs));
    BOOST_TEST(result.err == "ipcm: cannot run /no/such/command: No such file or directory; " +
                                 std::string(jobs == 1 ? "1 job" : "4 jobs") + " released\n");
    check_untouched(office, 20);
  }
  BOOST_TEST(office.route().peer("mail-worker-1")["state"] == "disconnected");
}

BOOST_AUTO_TEST_CASE(so_does_one_that_cannot_be_executed_for_another_reason) {
  const Office office({"--max-attempts", "1"});
  office.send("1");
  test::write_file(office.file("no_program"), "echo\n");
  test::write_file(office.file("no_interpreter"), "#!/no/such/interpreter\n");
  ::chmod(office.file("no_interpreter").c_str(), 0700);
  struct Case {
    std::string command;
    int exit_code;
    std::string words;
  };
  for (const Case& one :
       {Case{"no-such-command", 127, "cannot run no-such-command: No such file"},
        Case{office.file("no_program"), 126, "Permission denied"}, Case{office.file(""), 126, "Permission denied"},
        Case{office.file("no_program") + "/x", 126, "Not a directory"},
        Case{office.file("no_interpreter"), 127, "whose interpreter is missing: No such file"}}) {
    const auto result = ipcm_run(office.work({}, {one.command, "x"}));
    BOOST_TEST(result.exit_code == one.exit_code);
    BOOST_TEST(result.err.find(one.words) != std::string::npos, result.err);
    check_untouched(office, 1);
  }
}

BOOST_AUTO_TEST_CASE(a_worker_whose_command_is_missing_for_a_while_goes_on) {
  const Office office({"--max-attempts", "1"});
  const std::string command = office.file("command");
  const auto install = [&] {
    test::write_file(command + ".new", "#!/bin/sh\ncat; echo ' done'\n");
    ::chmod((command + ".new").c_str(), 0700);
    BOOST_TEST(::rename((command + ".new").c_str(), command.c_str()) == 0);
  };
  install();
  Running worker(office.work({"-j", "3"}, {command}));
  office.send("1");
  worker.wait_for("1 done");
  BOOST_TEST(test::eventually([&] { return office.jobs().empty(); }));
  BOOST_TEST(::unlink(command.c_str()) == 0);
  office.send("2");
  worker.wait_for("ipcm: cannot run " + command + ": No such file or directory; 1 job released; tries again in 1s");
  worker.wait_for("ipcm: cannot run " + command + ": No such file or directory; 1 job released; tries again in 2s");
  check_untouched(office, 1);
  install();
  worker.wait_for("2 done");
  office.send("3");
  worker.wait_for("3 done");
  BOOST_TEST(test::eventually([&] { return office.jobs().empty(); }));
  worker.process().signal(SIGTERM);
  const auto result = worker.process().finish();
  BOOST_TEST(result.exit_code == 0);
  BOOST_TEST(result.out == "stopped by a signal: " + tally(3, 2));
}

BOOST_AUTO_TEST_CASE(where_descriptors_are_few_fewer_commands_run_at_once) {
  const Office office;
  office.send_numbers(100);
  const std::string limited = "ulimit -n 100; exec \"$@\"";
  Words command = {"sh", "-c", limited, "sh"};
  for (const auto& word : ipcm_command(office.work({"-j", "100", "--drain"}, {"sh", "-c", "ulimit -n; sleep 0.1"}))) {
    command.push_back(word);
  }
  const auto result = test::run(command);
  BOOST_TEST(result.exit_code == 0);
  BOOST_TEST(result.err.starts_with("ipcm: runs "), result.err);
  BOOST_TEST(result.err.find("more than 100 open files are not allowed") != std::string::npos, result.err);
  BOOST_TEST(result.out.ends_with("100\n" + tally(100, 0)));
}

BOOST_AUTO_TEST_CASE(the_limit_of_descriptors_is_raised_for_the_worker_and_not_for_its_commands) {
  const Office office;
  office.send_numbers(100);
  Words command = {"sh", "-c", "ulimit -S -n 64; exec \"$@\"", "sh"};
  for (const auto& word : ipcm_command(office.work({"-j", "100", "--drain"}, {"sh", "-c", "ulimit -n"}))) {
    command.push_back(word);
  }
  const auto result = test::run(command);
  BOOST_TEST(result.exit_code == 0);
  BOOST_TEST(result.err == "");
  BOOST_TEST(result.out.starts_with("64\n"));
  BOOST_TEST(result.out.ends_with("64\n" + tally(100, 0)));
}

// A user of its own, so that the limit counts the worker alone.
BOOST_AUTO_TEST_CASE(without_a_process_for_it_a_job_is_released, *boost::unit_test::precondition(is_root)) {
  const Office office({"--max-attempts", "1"});
  office.send("1");
  const std::string ipcm = office.file("ipcm");
  test::run({"cp", IPCM_TEST_COMMAND, ipcm});
  test::run({"chown", "-R", "54321", office.file("")});
  Words command = {"prlimit", "--nproc=1", "setpriv", "--reuid", "54321", "--clear-groups", ipcm};
  const auto run = [&](const Words& arguments) {
    Words words = command;
    words.insert(words.end(), arguments.begin(), arguments.end());
    return test::run(words);
  };
  if (run({"--version"}).exit_code != 0) return;  // no prlimit, or a library that only this user may read
  const auto result = run(office.work({"--once"}, {"true"}));
  BOOST_TEST(result.exit_code == 126);
  BOOST_TEST(result.err == "ipcm: cannot make a process: Resource temporarily unavailable; 1 job released\n");
  check_untouched(office, 1);
}

// --- signals ---------------------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(a_command_that_dies_of_the_signal_that_stops_its_worker_costs_no_attempt) {
  for (const bool command_first : {true, false}) {
    for (const std::string& script : {std::string(kHang), std::string("trap 'exit 143' TERM; echo begun $$;"
                                                                      "while :; do sleep 0.01; done")}) {
      const Office office({"--max-attempts", "1"});
      office.send("1");
      Running worker(office.work({}, {"sh", "-c", script}));
      const int command = std::stoi(worker.process().wait_for_line("begun").substr(6));
      if (!command_first) worker.process().signal(SIGTERM);
      BOOST_TEST(::kill(-command, SIGTERM) == 0);
      if (command_first) worker.process().signal(SIGTERM);
      const auto result = worker.process().finish();
      BOOST_TEST(result.exit_code == 0);
      BOOST_TEST(result.out.ends_with("stopped by a signal: " + tally(0, 1)), result.out);
      check_untouched(office, 1);
    }
  }
}

BOOST_AUTO_TEST_CASE(two_signals_of_one_stop_are_one) {
  const Office office;
  office.make_gate("gate");
  office.send("1");
  Running worker(office.work({}, {"sh", "-c", "echo begun; cat \"$0gate\"", office.file("")}));
  worker.wait_for("begun");
  for (const int signal : {SIGTERM, SIGHUP, SIGTERM}) worker.process().signal(signal);
  worker.wait_for("ipcm: ends when");
  office.open("gate");
  const auto result = worker.process().finish();
  BOOST_TEST(result.exit_code == 0);
  BOOST_TEST(result.out == "go\nstopped by a signal: " + tally(1, 0));
}

BOOST_AUTO_TEST_CASE(one_that_timeout_ends_finishes_its_job) {
  const Office office;
  office.make_gate("gate");
  office.send("1");
  Running worker(office.work({}, {"sh", "-c", "echo begun; cat \"$0gate\"", office.file("")}), {"timeout", "0.5"});
  worker.wait_for("ipcm: ends when");
  office.open("gate");
  const auto result = worker.process().finish();
  BOOST_TEST(result.exit_code == 124);
  BOOST_TEST(result.out.ends_with("stopped by a signal: " + tally(1, 0)), result.out);
}

BOOST_AUTO_TEST_CASE(it_can_be_ended_where_signals_were_blocked) {
  const Office office;
  office.send("1");
  Running worker(
      office.work({}, {"echo", "begun"}),
      {"perl", "-MPOSIX", "-e", "sigprocmask(SIG_BLOCK, POSIX::SigSet->new(SIGTERM, SIGINT, SIGHUP)); exec @ARGV"});
  worker.wait_for("begun");
  worker.process().signal(SIGTERM);
  BOOST_TEST(worker.process().finish().exit_code == 0);
}

BOOST_AUTO_TEST_CASE(its_commands_can_be_ended_where_signals_were_ignored) {
  const Office office;
  office.send("1");
  office.send("2");
  const auto result = test::run([&] {
    Words command = {"sh", "-c", "trap '' HUP INT QUIT TERM PIPE USR1; exec \"$@\"", "sh"};
    for (const auto& word : ipcm_command(office.work({"--once"}, {"grep", "SigIgn", "/proc/self/status"}))) {
      command.push_back(word);
    }
    return command;
  }());
  BOOST_TEST(test::ignored_signals(test::lines_of(result.out).at(0)) == 0x1U);  // SIGHUP, as under nohup
}

// --- the end of the worker -------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(a_killed_worker_takes_all_that_its_commands_have_started_along_if_it_is_told_to) {
  const Office office;
  office.send("1");
  office.send("2");
  // The first command ends and leaves a process behind; the second one listens to no signal and has a child.
  const std::string script =
      "if [ $(cat) = 1 ]; then sleep 1000 < /dev/null > /dev/null 2>&1 & echo left $!; exit; fi;"
      "trap '' TERM; sleep 1000 & echo begun $$ $!; wait";
  Running worker(office.work({"--kill-with-worker"}, {"sh", "-c", script}));
  const int left = std::stoi(worker.process().wait_for_line("left").substr(5));
  const std::string begun = worker.process().wait_for_line("begun").substr(6);
  const int command = std::stoi(begun);
  const int child = std::stoi(begun.substr(begun.find(' ')));
  worker.process().signal(SIGKILL);
  BOOST_TEST(test::eventually([&] { return !test::runs(command) && !test::runs(child); }));
  BOOST_TEST(test::runs(left));
  ::kill(left, SIGKILL);
}

BOOST_AUTO_TEST_CASE(one_that_ends_by_itself_leaves_no_process_and_kills_none) {
  const Office office;
  office.send("1");
  const auto result = office.once("sleep 1000 < /dev/null > /dev/null 2>&1 & echo $!", {"--kill-with-worker"});
  BOOST_TEST(result.exit_code == 0);
  const int left = std::stoi(result.out);
  BOOST_TEST(test::runs(left));
  ::kill(left, SIGKILL);
}

// What a command leaves behind belongs to process 1 once the command has ended.
BOOST_AUTO_TEST_CASE(as_process_1_it_reaps_what_its_commands_leave_behind, *boost::unit_test::precondition(is_root)) {
  if (test::run({"unshare", "-p", "-f", "--mount-proc", "true"}).exit_code != 0) return;
  const Office office;
  office.send("1");
  office.send("2");
  office.make_gate("gate");
  // The first command leaves a process behind, which ends when the gate opens; the second opens it and looks.
  const std::string script =
      "if [ $(cat) = 1 ]; then (cat \"$0gate\" > /dev/null; kill -9 $$) < /dev/null > /dev/null 2>&1 & exit; fi;"
      "[ $(ps -e -o ppid= -o comm= | grep -c '^ *1 sh') = 2 ] || echo 'nothing was left behind';"
      "echo go > \"$0gate\";"
      "i=0; while [ $(ps -e -o ppid= -o comm= | grep -c '^ *1 sh') != 1 ]; do"
      " [ $i -lt 600 ] || { echo zombie; exit; }; i=$((i + 1)); sleep 0.1; done; echo clean";
  Words command = {"unshare", "-p", "-f", "--mount-proc"};
  for (const auto& word : ipcm_command(office.work({"--drain"}, {"sh", "-c", script, office.file("")}))) {
    command.push_back(word);
  }
  const auto result = test::run(command);
  BOOST_TEST(result.exit_code == 0);
  BOOST_TEST(result.out == "clean\n" + tally(2, 0));
}

BOOST_AUTO_TEST_SUITE_END()
