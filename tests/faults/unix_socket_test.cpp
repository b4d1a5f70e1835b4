// SPDX-License-Identifier: MIT
// The protocol UnixSocket, where a process is killed at any system call, or any call fails: what was acknowledged is
// received once, whole and in order, what was not at most once; and the route, and the name, can be used again.
#include <boost/test/unit_test.hpp>

#include <unistd.h>

#include <csignal>
#include <random>
#include <string>
#include <tuple>

#include "faults/socket_trial.hpp"
#include "support/faults/child.hpp"
#include "support/faults/failing_calls.hpp"
#include "support/faults/seed.hpp"
#include "support/faults/stepper.hpp"
#include "support/temporary_folder.hpp"
#include "support/text.hpp"

namespace sockets {
namespace {

using test::Lasting;

// So many moments of each operation are tried, at random; IPCM_TEST_FAULTS says how many times as many.
constexpr std::size_t kMoments = 6;
constexpr std::size_t kFailures = 1;

Faults failing(test::Resource resource, long n, Lasting lasting, long* count) {
  static test::FailingCalls* calls = nullptr;  // of one process at a time
  Faults faults;
  faults.begin = [=] {
    calls = new test::FailingCalls(resource, n, lasting);
    test::watch_system_calls(calls);
  };
  faults.end = [=] {
    test::watch_system_calls(nullptr);
    if (count != nullptr) *count = calls->count();
    delete calls;
  };
  faults.goes_on = true;
  return faults;
}

// How many calls of the operation need it. The count comes out of the other process through a file.
long count_of(const Operation& operation, test::Resource resource) {
  const test::TemporaryFolder folder(test::folder_in_memory());
  long count = 0;
  Faults faults = failing(resource, 0, Lasting::once, &count);
  const auto end = faults.end;
  faults.end = [&] {
    end();
    test::write_file(folder.file("count"), std::to_string(count));
  };
  perform(operation, faults);
  return std::stol(test::read_file(folder.file("count")));
}

struct Kill {
  Ending ending;
  test::Stepped stepped;
};

Faults dying_at(long moment, test::Stepped& stepped) {
  Faults faults;
  faults.begin = test::begin_to_be_traced;
  faults.end = test::end_to_be_traced;
  faults.watch = [moment, &stepped](pid_t actor) { stepped = test::kill_at_system_call(actor, moment); };
  return faults;
}

Kill perform_and_kill(const Operation& operation, long moment) {
  Kill kill;
  kill.ending = perform(operation, dying_at(moment, kill.stepped));
  return kill;
}

// Makes or removes a route, and dies at that moment.
void die_at(const std::string& route, const Act& prepare, const Act& act, long moment, test::Stepped& stepped) {
  const pid_t actor = test::fork_child([&] {
    Stage stage{route};
    if (prepare) prepare(stage);
    test::begin_to_be_traced();
    act(stage);
    test::end_to_be_traced();
    kill(getpid(), SIGKILL);
  });
  stepped = test::kill_at_system_call(actor, moment);
  test::wait_for_child(actor);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(unix_socket)

BOOST_AUTO_TEST_CASE(without_faults_every_operation_does_what_it_should) {
  for (const Operation& operation : operations()) {
    const std::string problems = problems_of(operation, perform(operation, {.goes_on = true}));
    BOOST_TEST(problems == "", operation.name << ": " << problems);
  }
}

BOOST_AUTO_TEST_CASE(whoever_is_killed_at_any_system_call_has_sent_whole_messages_and_is_in_nobodys_way,
                     *boost::unit_test::precondition(test::may_trace)) {
  std::mt19937 random(test::seed());
  long kills = 0;
  for (const Operation& operation : operations()) {
    const long all = perform_and_kill(operation, 0).stepped.moments;
    for (const long moment : test::chosen_up_to(all, kMoments, random)) {
      const Kill kill = perform_and_kill(operation, moment);
      const std::string problems = problems_of(operation, kill.ending);
      BOOST_TEST(problems == "", operation.name << ", killed at moment " << moment << ": " << problems);
      kills += kill.stepped.killed ? 1 : 0;
    }
  }
  BOOST_TEST_MESSAGE(kills << " kills");
  BOOST_TEST(kills > 0);
}

BOOST_AUTO_TEST_CASE(whoever_is_killed_while_it_makes_or_removes_a_route_is_in_nobodys_way,
                     *boost::unit_test::precondition(test::may_trace)) {
  std::mt19937 random(test::seed());
  const Act make = [](Stage& s) { spawn(s.route); };
  const Act remove = [](Stage& s) { ipcm::unspawn(s.route); };
  for (const auto& [name, prepare, act] : {std::tuple("spawn", Act(), make), std::tuple("unspawn", make, remove)}) {
    test::Stepped stepped;
    die_at(test::TemporaryFolder(test::folder_in_memory()).file("route"), prepare, act, 0, stepped);
    for (const long moment : test::chosen_up_to(stepped.moments, 2 * kMoments, random)) {
      const test::TemporaryFolder folder(test::folder_in_memory());
      die_at(folder.file("route"), prepare, act, moment, stepped);
      const std::string problems = problems_of_route(folder.file("route"));
      BOOST_TEST(problems == "", name << ", killed at moment " << moment << ": " << problems);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_call_that_fails_is_an_error_and_nothing_worse) {
  std::mt19937 random(test::seed());
  long failures = 0;
  for (const Operation& operation : operations()) {
    for (const test::Resource resource : test::kResources) {
      for (const long n : test::chosen_up_to(count_of(operation, resource), kFailures, random)) {
        for (const Lasting lasting : {Lasting::once, Lasting::for_good}) {
          const Ending ending = perform(operation, failing(resource, n, lasting, nullptr));
          const std::string problems = problems_of(operation, ending);
          BOOST_TEST(problems == "", operation.name << ", " << test::to_string(resource) << " failing "
                                                    << test::to_string(lasting) << " at " << n << ": " << problems);
          ++failures;
        }
      }
    }
  }
  BOOST_TEST_MESSAGE(failures << " failures");
  BOOST_TEST(failures > 0);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace sockets
