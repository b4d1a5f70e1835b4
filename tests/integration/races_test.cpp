// SPDX-License-Identifier: MIT
// Processes that connect one name, or make one route, at the same moment.
#include <unistd.h>

#include <boost/test/unit_test.hpp>

#include <algorithm>

#include "integration/route_file.hpp"
#include "support/errors.hpp"
#include "support/remote_peer.hpp"
#include "support/text.hpp"

BOOST_AUTO_TEST_SUITE(races)

BOOST_AUTO_TEST_CASE(of_processes_that_connect_one_name_at_once_exactly_one_wins) {
  const test::RouteFile route;
  const auto boss = route.connect("boss");
  std::vector<test::RemotePeer> racers(5);
  for (auto& racer : racers) racer.call({"ready?"});
  for (int round = 0; round < 30; ++round) {
    const char* how = round % 2 == 0 || round < 2 ? "connect" : "reconnect";
    for (auto& racer : racers) racer.start({how, "worker", route.info().to_string()});
    std::vector<std::string> results;
    test::RemotePeer* winner = nullptr;
    for (auto& racer : racers) {
      results.push_back(racer.finish_code());
      if (results.back() == "ok") winner = &racer;
    }
    std::sort(results.begin(), results.end());
    BOOST_TEST(test::joined(results) == "NameInUse,NameInUse,NameInUse,NameInUse,ok");
    BOOST_REQUIRE(winner != nullptr);
    BOOST_TEST(boss->peer_pid("worker").value() == winner->pid());
    boss->send_message("worker", round);
    BOOST_TEST(test::contents(winner->get()) == "[" + std::to_string(round) + "]");
    winner->call({"disconnect"});
  }
}

BOOST_AUTO_TEST_CASE(a_name_in_use_carries_the_pid_of_the_process_that_has_it) {
  const test::RouteFile route;
  test::RemotePeer worker(route.info(), "worker");
  const auto error = test::caught([&] { route.connect("worker"); });
  BOOST_REQUIRE(error.has_value());
  BOOST_TEST((error->code() == ipcm::ErrorCode::NameInUse));
  BOOST_TEST(error->pid().value() == worker.pid());
  BOOST_TEST(std::string(error->what()).find(std::to_string(worker.pid())) != std::string::npos);
  const auto forgetting = test::caught([&] { route.connect("boss")->forget("worker"); });
  BOOST_REQUIRE(forgetting.has_value());
  BOOST_TEST(forgetting->pid().value() == worker.pid());
}

BOOST_AUTO_TEST_CASE(of_processes_that_make_one_route_at_once_one_makes_it_and_all_can_use_it) {
  const test::TemporaryFolder folder;
  std::vector<test::RemotePeer> makers(5);
  for (auto& maker : makers) maker.call({"ready?"});
  for (int round = 0; round < 10; ++round) {
    const std::string path = folder.file("route" + std::to_string(round) + ".ipcm");
    for (auto& maker : makers) maker.start({"spawn", path});
    int made = 0;
    for (auto& maker : makers) made += maker.finish().get<bool>() ? 1 : 0;
    BOOST_TEST(made == 1);
    const auto info = ipcm::ConnectionInfo::parse(path);
    const auto boss = ipcm::connect("boss", info);
    for (std::size_t n = 0; n < makers.size(); ++n) {
      makers[n].connect(info, "maker" + std::to_string(n));
      makers[n].send("boss", n);
    }
    BOOST_TEST(boss->get_messages().size() == makers.size());
    BOOST_TEST(test::joined(ipcm::check_route(info).problems) == "");
  }
}

BOOST_AUTO_TEST_CASE(a_process_of_somebody_else_runs_but_is_not_ours_to_signal) {
  test::RemotePeer stranger;
  if (geteuid() == 0) stranger.call({"become", 65534});
  BOOST_TEST(stranger.call({"running", 1}) == -1);
  BOOST_TEST(stranger.call({"running", stranger.pid()}) == 1);
}

BOOST_AUTO_TEST_CASE(a_name_can_be_had_at_once_after_its_process_was_killed) {
  const test::RouteFile route;
  const auto boss = route.connect("boss");
  for (int round = 0; round < 20; ++round) {
    test::RemotePeer worker(route.info(), "worker");
    boss->send_message("worker", round);
    worker.kill();
    BOOST_TEST(ipcm::list_peers(route.info()).at(1).state == "crashed");
    const auto back = ipcm::reconnect("worker", route.info());
    BOOST_TEST(test::contents(back->get_messages()) == "[" + std::to_string(round) + "]");
    back->suspend();
  }
}

BOOST_AUTO_TEST_SUITE_END()
