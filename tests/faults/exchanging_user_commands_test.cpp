// SPDX-License-Identifier: MIT
// The owner of a route exchanges its folder for a link to a folder of root's while root runs a command of ipcm with it:
// nothing is made, changed or removed there. Each command, at any system call that it makes once it has begun to open
// the folder: before that the path is followed as it is.
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <functional>
#include <random>
#include <set>

#include "faults/exchange_scene.hpp"
#include "support/faults/child.hpp"
#include "support/faults/seed.hpp"
#include "support/faults/stepper.hpp"
#include "support/process.hpp"
#include "support/text.hpp"

namespace exchanging_user_commands {

namespace {

using boost::unit_test::precondition;
using test::kMallory;
using test::Scene;

namespace fs = std::filesystem;

// Of each command so many of the calls that make, change or remove a file are tried, and of the others, at random;
// IPCM_TEST_FAULTS says how many times as many.
constexpr std::size_t kCallsThatChange = 5;
constexpr std::size_t kOtherCalls = 2;

using Arguments = std::vector<std::string>;

struct Command {
  Arguments arguments;  // ROUTE, OWN and ELSEWHERE stand for paths
  std::string input{};
  Arguments before{};  // a command whose output is the input
};

const std::vector<Command>& commands() {
  static const std::vector<Command> all = {
      {{"spawn", "ROUTE"}},
      {{"spawn", "ROUTE-new"}},
      {{"connect", "ROUTE", "--as", "newcomer"}},
      {{"send", "ROUTE", "worker", "1"}},
      {{"get", "ROUTE", "--as", "worker"}},
      {{"peers", "ROUTE"}},
      {{"peek", "ROUTE", "--as", "worker"}},
      {{"requeue", "ROUTE", "--as", "worker"}, {}, {"get", "ROUTE", "--as", "worker", "--json"}},
      {{"request", "ROUTE", "--as", "newcomer", "worker", "1", "--timeout", "1ms"}},
      {{"reply", "ROUTE", "2"}, {}, {"get", "ROUTE", "--as", "worker", "--json"}},
      {{"broadcast", "ROUTE", "1"}},
      {{"queue", "create", "ROUTE", "more"}},
      {{"queue", "list", "ROUTE"}},
      {{"schedule", "add", "ROUTE", "daily", "0 6 * * *", "worker", "1"}},
      {{"schedule", "list", "ROUTE"}},
      {{"work", "ROUTE", "jobs", "--once", "--", "true"}},
      {{"jobs", "ROUTE"}},
      {{"dead", "list", "ROUTE"}},
      {{"suspend", "ROUTE", "--as", "worker"}},
      {{"forget", "ROUTE", "worker"}},
      {{"info", "ROUTE"}},
      {{"stats", "ROUTE"}},
      {{"check", "ROUTE"}},
      {{"doctor", "ROUTE"}},
      {{"doctor", "ROUTE", "--accept-loss"}},
      {{"backup", "ROUTE", "ELSEWHERE"}},
      {{"backup", "OWN", "ROUTE-copy"}},
      {{"salvage", "ROUTE", "ELSEWHERE"}},
      {{"salvage", "OWN", "ROUTE-saved"}},
      {{"dump", "ROUTE"}},
      {{"load", "ROUTE-loaded"}, {}, {"dump", "ROUTE"}},
      {{"durability", "ROUTE", "relaxed"}},
      {{"migrate", "ROUTE"}},
      {{"unspawn", "ROUTE"}},
  };
  return all;
}

Arguments with_paths(Arguments arguments, const Scene& scene) {
  const auto replace = [](std::string& text, const std::string& word, const std::string& by) {
    if (text.starts_with(word)) text.replace(0, word.size(), by);
  };
  for (std::string& argument : arguments) {
    replace(argument, "ROUTE", scene.route.route);
    replace(argument, "OWN", scene.home.outside().file("own"));
    replace(argument, "ELSEWHERE", scene.home.outside().file("elsewhere"));
  }
  arguments.insert(arguments.begin(), IPCM_TEST_COMMAND);
  return arguments;
}

// What the command is to read, in a file.
std::string prepare(const Command& command, const Scene& scene) {
  if (std::ranges::find(command.arguments, "OWN") != command.arguments.end()) {
    ipcm::spawn(test::options_of("SQLite", scene.home.outside().file("own")));
  }
  const std::string path = scene.home.outside().file("input");
  const std::string before = command.before.empty() ? "" : test::run(with_paths(command.before, scene)).out;
  test::write_file(path, command.input + before);
  return path;
}

void run_traced(const Arguments& arguments, const std::string& input) {
  std::vector<char*> words;
  for (const std::string& argument : arguments) words.push_back(const_cast<char*>(argument.c_str()));
  words.push_back(nullptr);
  const int nowhere = open("/dev/null", O_WRONLY);
  const int in = open(input.c_str(), O_RDONLY);
  if (dup2(in, 0) < 0 || dup2(nowhere, 1) < 0 || dup2(nowhere, 2) < 0) return;
  test::begin_to_be_traced();
  execv(words.front(), words.data());
}

// Exchanges before the n-th call; 0: before none.
std::vector<test::TracedCall> exchange_before_call(const Command& command, const Scene& scene, long n) {
  const Arguments arguments = with_paths(command.arguments, scene);
  const std::string input = prepare(command, scene);
  const pid_t child = test::fork_child([&] { run_traced(arguments, input); });
  auto calls = test::act_before_system_call(child, n, [&] { scene.exchange(); });
  test::wait_for_child(child);
  return calls;
}

bool opens_a_folder(const test::TracedCall& call) {
  return call.number == SYS_openat && (call.arguments[2] & O_PATH) != 0 && (call.arguments[2] & O_DIRECTORY) != 0;
}

bool may_change_names(const test::TracedCall& call) {
  static const std::set<long> kAll = {
      SYS_mkdirat, SYS_unlinkat, SYS_renameat2, SYS_linkat, SYS_symlinkat, SYS_fchmodat, SYS_fchownat, SYS_bind,
#ifdef SYS_unlink  // newer architectures have none of these
      SYS_mkdir,   SYS_unlink,   SYS_rmdir,     SYS_rename, SYS_link,      SYS_chmod,    SYS_chown,    SYS_renameat,
#endif
  };
  return kAll.contains(call.number) || (call.number == SYS_openat && (call.arguments[2] & O_CREAT) != 0);
}

std::vector<long> chosen(const std::vector<long>& all, std::size_t sample, std::mt19937& random) {
  std::vector<long> some;
  if (all.empty()) return some;
  for (const long n : test::chosen_up_to(static_cast<long>(all.size()), sample, random)) {
    some.push_back(all[static_cast<std::size_t>(n - 1)]);
  }
  return some;
}

void exchange_beside(const Command& command, std::mt19937& random) {
  const std::string text = test::joined(command.arguments);
  const Scene whole("SQLite", false);
  const std::vector<test::TracedCall> calls = exchange_before_call(command, whole, 0);
  BOOST_TEST(whole.victim.changes() == "", text);
  std::vector<long> changing, others;
  bool has_begun = false;
  for (std::size_t n = 0; n < calls.size(); ++n) {
    has_begun = has_begun || opens_a_folder(calls[n]);
    if (has_begun) (may_change_names(calls[n]) ? changing : others).push_back(static_cast<long>(n + 1));
  }
  BOOST_TEST(has_begun, text);
  std::vector<long> moments = chosen(changing, kCallsThatChange, random);
  for (const long n : chosen(others, kOtherCalls, random)) moments.push_back(n);
  for (const long n : moments) {
    const Scene scene("SQLite", false);
    exchange_before_call(command, scene, n);
    const std::string harm = scene.victim.changes();
    BOOST_TEST(harm == "", text << ", before call " << n << ": " << harm);
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(exchanging_user_commands)

BOOST_AUTO_TEST_CASE(each_command_that_takes_a_route_is_tried) {
  std::set<std::string> tried = {"connect-info"};  // which opens nothing
  for (const Command& command : commands()) tried.insert(command.arguments.front());
  std::istringstream help(test::run({IPCM_TEST_COMMAND, "--help"}).out);
  std::string line;
  while (std::getline(help, line) && line != "Commands:") {}
  std::size_t count = 0;
  while (std::getline(help, line) && !line.empty()) {
    const std::string name = line.substr(2, line.find(' ', 2) - 2);
    BOOST_TEST(tried.contains(name), name);
    ++count;
  }
  BOOST_TEST(count == tried.size());
}

BOOST_AUTO_TEST_CASE(no_command_is_wrong_usage, *precondition(test::as_root)) {
  for (const Command& command : commands()) {
    const Scene scene("SQLite", false);
    const std::string input = test::read_file(prepare(command, scene));
    const auto result = test::run(with_paths(command.arguments, scene), input);
    const bool asks_nobody = command.arguments.front() == "request" || command.arguments.front() == "reply";
    BOOST_TEST((result.exit_code == 0 || (asks_nobody && result.exit_code == 1)),
               test::joined(command.arguments) << ": " << result.exit_code << " " << result.err);
  }
}

BOOST_AUTO_TEST_CASE(root_changes_nothing_elsewhere_whenever_the_owner_of_a_route_exchanges_its_folder,
                     *precondition(test::as_root) * precondition(test::may_trace)) {
  std::mt19937 random(test::seed());
  for (const Command& command : commands()) exchange_beside(command, random);
}

BOOST_AUTO_TEST_CASE(root_changes_nothing_elsewhere_while_the_owner_of_a_route_exchanges_its_folder_all_the_time,
                     *precondition(test::as_root)) {
  constexpr int kRounds = 12;
  const Scene scene("SQLite", false);
  const pid_t mallory = test::fork_child([&] {
    test::become(kMallory, 0);
    alarm(0);
    for (;;) scene.exchange();
  });
  for (int round = 0; round < kRounds; ++round) {
    for (const Arguments& arguments : {Arguments{"peers", "ROUTE"},
                                       {"send", "ROUTE", "worker", "1"},
                                       {"info", "ROUTE"},
                                       {"get", "ROUTE", "--as", "worker"},
                                       {"doctor", "ROUTE"}}) {
      test::run(with_paths(arguments, scene));
    }
  }
  kill(mallory, SIGKILL);
  test::wait_for_child(mallory);
  BOOST_TEST(scene.victim.changes() == "");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace exchanging_user_commands
