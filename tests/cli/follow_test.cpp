// SPDX-License-Identifier: MIT
#include <signal.h>

#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "shell.hpp"

using test::check_fails;
using test::ipcm_command;
using test::ipcm_json;
using test::ipcm_ok;
using test::ipcm_run;
using test::numbers;

namespace {

/// `get --follow`, connected and waiting.
class Follower {
 public:
  explicit Follower(const test::Route& route, const std::vector<std::string>& more = {})
      : process_(command(route, more)) {
    BOOST_TEST(test::eventually([&] { return route.peer("worker")["state"] == "active"; }));
  }

  test::Process& process() { return process_; }
  int next() { return test::Json::parse(process_.read_line().value())["content"]["n"]; }

 private:
  static std::vector<std::string> command(const test::Route& route, const std::vector<std::string>& more) {
    std::vector<std::string> arguments = {"get", route.path(), "--as", "worker", "--follow", "--json"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return ipcm_command(arguments);
  }

  test::Process process_;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(follow)

BOOST_AUTO_TEST_CASE(it_prints_what_waits_and_then_what_comes) {
  const test::Route route;
  route.fill(1, 2);
  Follower follower(route);
  BOOST_TEST(follower.next() == 1);
  BOOST_TEST(follower.next() == 2);
  for (int n = 3; n <= 10; ++n) {
    route.fill(n, n);
    BOOST_TEST(follower.next() == n);
  }
}

BOOST_AUTO_TEST_CASE(a_signal_ends_it_with_success_and_what_was_printed_is_removed) {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    const test::Route route;
    route.fill(1, 3);
    Follower follower(route);
    for (int n = 1; n <= 3; ++n) BOOST_TEST(follower.next() == n);
    follower.process().signal(signal);
    const auto result = follower.process().finish();
    BOOST_TEST(result.exit_code == 0);
    BOOST_TEST(result.out + result.err == "");
    BOOST_TEST(route.peer("worker")["state"] == "suspended");
    BOOST_TEST(route.peer("worker")["queued"] == 0);
  }
}

BOOST_AUTO_TEST_CASE(with_a_limit_it_ends_after_so_many) {
  const test::Route route;
  route.fill(1, 1);
  Follower follower(route, {"--limit", "3"});
  BOOST_TEST(follower.next() == 1);
  route.fill(2, 5);
  BOOST_TEST(follower.next() == 2);
  BOOST_TEST(follower.next() == 3);
  BOOST_TEST(follower.process().finish().exit_code == 0);
  BOOST_CHECK(route.waiting() == numbers(4, 5));
}

BOOST_AUTO_TEST_CASE(it_registers_the_name) {
  const test::Route route;
  test::Process process(ipcm_command({"get", route.path(), "--as", "new", "--follow", "--limit", "1"}));
  BOOST_TEST(test::eventually([&] { return !route.peer("new").is_null(); }));
  ipcm_ok({"send", route.path(), "new", "1"});
  BOOST_TEST(process.finish().exit_code == 0);
}

BOOST_AUTO_TEST_CASE(it_ends_when_its_reader_does) {
  const test::Route route;
  Follower follower(route);
  follower.process().close_stdout();
  const auto result = follower.process().finish();
  BOOST_TEST(result.exit_code == 0);
  BOOST_TEST(result.err == "");
}

BOOST_AUTO_TEST_CASE(a_second_reader_of_the_name_is_told_who_has_it) {
  const test::Route route;
  Follower follower(route);
  const std::string pid = std::to_string(follower.process().pid());
  check_fails(ipcm_run({"get", route.path(), "--as", "worker"}), 1, pid);
  check_fails(ipcm_run({"get", route.path(), "--as", "worker", "--follow"}), 1, pid);
  check_fails(ipcm_run({"peek", route.path(), "--as", "worker"}), 1, pid);
  check_fails(ipcm_run({"connect", route.path(), "--as", "worker"}), 1, pid);
  check_fails(ipcm_run({"suspend", route.path(), "--as", "worker"}), 1, pid);
  check_fails(ipcm_run({"forget", route.path(), "worker"}), 1, "worker");
  BOOST_TEST(route.peer("worker")["pid"].dump() == pid);
  route.fill(1, 1);
  BOOST_TEST(follower.next() == 1);
}

BOOST_AUTO_TEST_CASE(a_route_that_is_removed_ends_it_with_an_error) {
  const test::Route route;
  Follower follower(route);
  ipcm_ok({"unspawn", route.path()});
  check_fails(follower.process().finish(), 1, route.path());
}

BOOST_AUTO_TEST_CASE(what_plain_sql_sends_is_delivered) {
  const test::Route route;
  Follower follower(route, {"--limit", "1"});
  const auto sql = test::run({"sqlite3", route.path(),
                              "INSERT INTO send(sender, recipient, content) VALUES ('boss', 'worker', '{\"n\": 7}')"});
  BOOST_TEST(sql.exit_code == 0);
  BOOST_TEST(follower.next() == 7);
}

BOOST_AUTO_TEST_SUITE_END()
