// SPDX-License-Identifier: MIT
#include <signal.h>
#include <unistd.h>

#include <string>

#include <boost/test/unit_test.hpp>

#include <ipcm/connect.hpp>

#include "shell.hpp"

using test::check_fails;
using test::ipcm_json;
using test::ipcm_ok;
using test::ipcm_run;

namespace {

std::string host_name() {
  char name[256] = {};
  BOOST_TEST(::gethostname(name, sizeof name - 1) == 0);
  return name;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(peers)

BOOST_AUTO_TEST_CASE(every_state_is_shown) {
  const test::Route route;
  const auto active = ipcm::connect("active", route.path());
  ipcm::connect("disconnected", route.path())->disconnect();
  ipcm_ok({"connect", route.path(), "--as", "expired"});
  ipcm_ok({"suspend", route.path(), "--as", "expired", "--expires-in", "1ms"});
  ipcm_ok({"connect", route.path(), "--as", "until"});
  ipcm_ok({"suspend", route.path(), "--as", "until", "--expires-in", "3d"});
  test::Process crashing(test::ipcm_command({"get", route.path(), "--as", "crashed", "--follow"}));
  BOOST_TEST(test::eventually([&] { return route.peer("crashed")["state"] == "active"; }));
  crashing.signal(SIGKILL);
  crashing.finish();
  route.fill(1, 2);
  BOOST_TEST(test::eventually([&] { return route.peer("expired")["state"] == "expired"; }));

  std::string states;
  for (const auto& peer : ipcm_json({"peers", route.path()})) {
    states += peer["name"].get<std::string>() + ":" + peer["state"].get<std::string>() + " ";
  }
  BOOST_TEST(states ==
             "active:active boss:suspended crashed:crashed disconnected:disconnected expired:expired "
             "until:suspended worker:suspended ");
  const test::Json expected = {{"name", "active"},  {"state", "active"},   {"queued", 0},
                               {"pid", ::getpid()}, {"host", host_name()}, {"suspend_expires", nullptr}};
  BOOST_TEST(route.peer("active") == expected);
  BOOST_TEST(route.peer("worker")["queued"] == 2);
  BOOST_TEST(route.peer("until")["suspend_expires"].get<double>() > 1.7e9);
}

BOOST_AUTO_TEST_CASE(for_people_it_is_a_table) {
  const test::Route route;
  route.fill(1, 2);
  ipcm_ok({"connect", route.path(), "--as", "漢字"});
  BOOST_TEST(ipcm_ok({"peers", route.path()}) ==
             "NAME    STATE      QUEUED  PID  HOST\n"
             "boss    suspended       0    -  -\n"
             "worker  suspended       2    -  -\n"
             "漢字    suspended       0    -  -\n");
}

BOOST_AUTO_TEST_CASE(without_any_it_says_how_to_register_one) {
  const test::TemporaryFolder folder;
  const std::string path = folder.file("my route");
  ipcm_ok({"spawn", path});
  BOOST_TEST(ipcm_ok({"peers", path}) == "no peers yet; register one: ipcm connect '" + path + "' --as NAME\n");
  BOOST_TEST(ipcm_json({"peers", path}).empty());
}

BOOST_AUTO_TEST_CASE(connect_registers_a_name_and_suspends_it) {
  const test::Route route;
  BOOST_TEST(ipcm_ok({"connect", route.path(), "--as", "new"}) ==
             "new is registered; mail for it is kept until it is taken\n");
  BOOST_TEST(ipcm_json({"connect", route.path(), "--as", "new"}).at(0) ==
             test::Json({{"name", "new"}, {"route", route.path()}, {"state", "suspended"}}));
  BOOST_TEST(route.peer("new")["state"] == "suspended");
}

BOOST_AUTO_TEST_CASE(connect_takes_back_a_goodbye) {
  const test::Route route;
  ipcm::connect("worker", route.path())->disconnect();
  check_fails(ipcm_run({"send", route.path(), "worker", "1"}), 1, "said goodbye");
  ipcm_ok({"connect", route.path(), "--as", "worker"});
  ipcm_ok({"send", route.path(), "worker", "1"});
}

BOOST_AUTO_TEST_CASE(suspend_sets_and_removes_a_deadline) {
  const test::Route route;
  const auto suspended = ipcm_json({"suspend", route.path(), "--as", "worker", "--expires-in", "2h"}).at(0);
  BOOST_TEST(suspended["name"] == "worker");
  BOOST_TEST(suspended["state"] == "suspended");
  BOOST_TEST(suspended["suspend_expires"] == route.peer("worker")["suspend_expires"]);
  BOOST_TEST(ipcm_ok({"suspend", route.path(), "--as", "worker"}) == "worker is suspended; mail for it is kept\n");
  BOOST_TEST(route.peer("worker")["suspend_expires"].is_null());
}

BOOST_AUTO_TEST_CASE(forget_removes_a_name_with_its_mail) {
  const test::Route route;
  route.fill(1, 3);
  BOOST_TEST(ipcm_json({"forget", route.path(), "worker"}).at(0) ==
             test::Json({{"name", "worker"}, {"forgotten", true}}));
  BOOST_TEST(route.peer("worker").is_null());
  BOOST_TEST(ipcm_json({"info", route.path()}).at(0)["queued"] == 0);
  check_fails(ipcm_run({"forget", route.path(), "worker"}), 1, "no peer of that name");
  BOOST_TEST(ipcm_json({"check", route.path()}).at(0)["ok"] == true);
}

BOOST_AUTO_TEST_CASE(peek_leaves_a_goodbye_and_an_expired_deadline_as_they_are) {
  const test::Route route;
  route.fill(1, 2);
  ipcm_ok({"suspend", route.path(), "--as", "worker", "--expires-in", "1ms"});
  BOOST_TEST(test::eventually([&] { return route.peer("worker")["state"] == "expired"; }));
  BOOST_CHECK(route.waiting() == test::numbers(1, 2));
  BOOST_TEST(route.peer("worker")["state"] == "expired");
  ipcm::connect("worker", route.path())->disconnect();
  BOOST_CHECK(route.waiting() == test::numbers(1, 2));
  BOOST_TEST(route.peer("worker")["state"] == "disconnected");
}

BOOST_AUTO_TEST_SUITE_END()
