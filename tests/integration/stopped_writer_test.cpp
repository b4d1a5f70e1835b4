// SPDX-License-Identifier: MIT
// A process that is stopped with the turn to write in its hands: others are told who, and lose nothing.
#include <signal.h>

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <future>

#include "integration/route_file.hpp"
#include "support/errors.hpp"
#include "support/process.hpp"
#include "support/text.hpp"

namespace {

constexpr std::chrono::milliseconds kShortPatience{200};

ipcm::ConnectOptions impatient() {
  ipcm::ConnectOptions options;
  options.busy_timeout = kShortPatience;
  return options;
}

/// A route with a client "boss", and a process that is stopped while it sends to it.
struct StoppedWriter {
  explicit StoppedWriter(const std::string& name)
      : boss(route.connect("boss", impatient())),
        process({test::child("stopping_writer"), route.info().to_string(), name}) {
    process.wait_until_stopped();
  }
  void go_on() {
    process.signal(SIGCONT);
    process.wait_for_line("sent");
  }

  test::RouteFile route;
  std::shared_ptr<ipcm::Client> boss;
  test::Process process;
};

// That the error is Busy, knows the process, and begins with those words.
void check_busy(const std::optional<ipcm::Error>& error, const StoppedWriter& stopped, const std::string& holder) {
  BOOST_TEST_REQUIRE(error.has_value());
  BOOST_TEST((error->code() == ipcm::ErrorCode::Busy), error->what());
  BOOST_TEST(error->pid().value_or(0) == stopped.process.pid());
  const std::string text = error->what();
  BOOST_TEST(text.starts_with(holder + " has had the turn to write to the route for 200 ms ("), text);
}

std::string process_of(const StoppedWriter& stopped) {
  return "process " + std::to_string(stopped.process.pid());
}

}  // namespace

BOOST_AUTO_TEST_SUITE(stopped_writer)

BOOST_AUTO_TEST_CASE(a_client_that_waits_for_a_stopped_one_is_told_its_name_and_process_in_time) {
  StoppedWriter stopped("worker");
  const auto began = std::chrono::steady_clock::now();
  const auto error = test::caught([&] { stopped.boss->send_message("boss", "refused"); });
  const auto took = std::chrono::steady_clock::now() - began;
  check_busy(error, stopped, "\"worker\" (" + process_of(stopped) + ")");
  BOOST_TEST((took >= kShortPatience));
  BOOST_TEST((took < ipcm::ConnectOptions().busy_timeout));
  CHECK_ERROR(Busy, stopped.boss->get_messages());
  BOOST_TEST(!stopped.boss->have_ready_messages());  // looking needs no turn
}

BOOST_AUTO_TEST_CASE(a_newcomer_that_waits_for_a_stopped_one_is_told_the_same) {
  StoppedWriter stopped("worker");
  const auto error = test::caught([&] { stopped.route.connect("newcomer", impatient()); });
  check_busy(error, stopped, "\"worker\" (" + process_of(stopped) + ")");
}

BOOST_AUTO_TEST_CASE(a_stopped_client_without_a_name_is_known_by_its_process) {
  StoppedWriter stopped("");
  check_busy(test::caught([&] { stopped.boss->send_message("boss", "refused"); }), stopped, process_of(stopped));
}

BOOST_AUTO_TEST_CASE(once_the_stopped_one_goes_on_so_do_all_and_nothing_is_lost) {
  StoppedWriter stopped("worker");
  BOOST_TEST(test::code_of(stopped.boss->try_message("boss", "refused")) == "Busy");
  auto waiting = std::async(std::launch::async, [&] {
    const auto patient = stopped.route.connect("patient");
    patient->send_message("boss", "from one that waited");
    patient->suspend();
  });
  stopped.go_on();
  waiting.get();
  stopped.boss->send_message("boss", "tried again");
  BOOST_TEST(test::contents(stopped.boss->get_messages()) ==
             R"(["from the stopped one","from one that waited","tried again"])");
  BOOST_TEST(stopped.process.finish().exit_code == 0);
  BOOST_TEST(stopped.route.problems() == "");
}

BOOST_AUTO_TEST_CASE(when_the_stopped_one_is_killed_the_turn_is_free_and_its_message_was_never_there) {
  StoppedWriter stopped("worker");
  stopped.process.signal(SIGKILL);
  BOOST_TEST(stopped.process.finish().exit_code == 128 + SIGKILL);
  stopped.boss->send_message("boss", "sent");
  BOOST_TEST(test::contents(stopped.boss->get_messages()) == R"(["sent"])");
  BOOST_TEST(stopped.route.problems() == "");
}

BOOST_AUTO_TEST_SUITE_END()
