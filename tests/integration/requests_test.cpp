// SPDX-License-Identifier: MIT
// Requests between processes: the one that is asked may die at any moment.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <future>

#include <boost/test/unit_test.hpp>

#include "integration/route_file.hpp"
#include "support/errors.hpp"
#include "support/remote_peer.hpp"
#include "support/text.hpp"

namespace {

// What ends a wait is a hint or the kernel's word that a process ended; never a look by chance.
ipcm::ConnectOptions hinted_only() {
  ipcm::ConnectOptions options;
  options.fallback_interval = std::chrono::hours(1);
  return options;
}

constexpr auto kForEver = std::chrono::hours(1);

std::future<std::string> code_of_request(ipcm::Request& request) {
  return std::async(std::launch::async, [&] { return test::code_of(request.wait().outcome); });
}

}  // namespace

BOOST_AUTO_TEST_SUITE(requests)

BOOST_AUTO_TEST_CASE(a_peer_that_is_killed_before_it_answers_fails_the_request_at_once) {
  const test::RouteFile route;
  const auto boss = route.connect("boss", hinted_only());
  for (const bool has_taken_it : {false, true}) {
    test::RemotePeer worker(route.info(), "worker");
    auto request = boss->request("worker", "?", kForEver);
    if (has_taken_it) BOOST_TEST(!worker.get().empty());
    auto failed = code_of_request(request);
    worker.kill();
    BOOST_TEST(failed.get() == "PeerDied");
  }
}

BOOST_AUTO_TEST_CASE(a_handler_is_told_of_a_killed_peer_as_well) {
  const test::RouteFile route;
  const auto boss = route.connect("boss", hinted_only());
  test::RemotePeer worker(route.info(), "worker");
  std::promise<std::string> told;
  boss->request("worker", "?", kForEver,
                [&](const ipcm::Reply& reply) { told.set_value(test::code_of(reply.outcome)); });
  worker.kill();
  BOOST_TEST(told.get_future().get() == "PeerDied");
}

BOOST_AUTO_TEST_CASE(a_peer_that_answers_and_is_killed_has_answered) {
  const test::RouteFile route;
  const auto boss = route.connect("boss", hinted_only());
  for (int round = 0; round < 10; ++round) {
    test::RemotePeer worker(route.info(), "worker");
    auto request = boss->request("worker", round, kForEver);
    worker.call({"reply", worker.get().at(0).to_json(), round});
    worker.kill();
    BOOST_TEST(request.get().content() == round);
  }
}

BOOST_AUTO_TEST_CASE(a_peer_that_died_long_before_is_not_waited_for) {
  const test::RouteFile route;
  const auto boss = route.connect("boss", hinted_only());
  test::RemotePeer worker(route.info(), "worker");
  worker.kill();
  auto request = boss->request("worker", "?", kForEver);
  BOOST_TEST(test::code_of(request.wait().outcome) == "PeerDied");
  test::RemotePeer next(route.info(), "worker");  // a crash is not a goodbye: the request is kept
  const auto kept = next.get();
  BOOST_TEST_REQUIRE(kept.size() == 1);
  next.call({"reply", kept[0].to_json(), "late"});
  BOOST_TEST(test::contents(boss->get_messages()) == R"(["late"])");
}

BOOST_AUTO_TEST_CASE(a_suspended_peer_may_come_back_and_answer) {
  const test::RouteFile route;
  const auto boss = route.connect("boss", hinted_only());
  test::RemotePeer worker(route.info(), "worker");
  auto request = boss->request("worker", "?", kForEver);
  auto answered = code_of_request(request);
  worker.call({"suspend"});
  worker.call({"reconnect", "worker", route.info().to_string()});
  worker.call({"reply", worker.get().at(0).to_json(), "!"});
  BOOST_TEST(answered.get() == "ok");
  BOOST_TEST(request.get().content() == "!");
}

BOOST_AUTO_TEST_CASE(one_that_came_back_and_then_dies_fails_the_request) {
  const test::RouteFile route;
  const auto boss = route.connect("boss", hinted_only());
  test::RemotePeer worker(route.info(), "worker");
  auto request = boss->request("worker", "?", kForEver);
  auto failed = code_of_request(request);
  worker.call({"suspend"});
  worker.call({"reconnect", "worker", route.info().to_string()});
  BOOST_TEST(worker.get().size() == 1);
  worker.kill();
  BOOST_TEST(failed.get() == "PeerDied");
}

BOOST_AUTO_TEST_CASE(the_end_of_a_peers_process_is_seen_at_once) {
  const test::RouteFile route;
  const auto boss = route.connect("boss", hinted_only());
  test::RemotePeer worker(route.info(), "worker");
  auto gone = std::async(std::launch::async, [&] { return boss->peer_inactive("worker", kForEver); });
  worker.kill();
  BOOST_TEST(gone.get());
}

BOOST_AUTO_TEST_CASE(a_service_is_told_of_a_peer_that_was_killed) {
  const test::RouteFile route;
  test::RemotePeer worker(route.info(), "worker");
  ipcm::Service service(route.connect("boss", hinted_only()));
  std::string told;
  service.on_peer_change([&](const ipcm::Service::PeerChange& change) {
    told = change.peer + (change.takes_mail && !change.active ? " died" : " changed");
    service.stop();
  });
  service.on_interval(std::chrono::milliseconds(1), [&, first = true]() mutable {
    if (std::exchange(first, false)) worker.kill();
  });
  service.run();
  BOOST_TEST(told == "worker died");
}

BOOST_AUTO_TEST_CASE(a_crashed_service_finds_what_it_had_not_done_with) {
  const test::RouteFile route;
  const auto boss = route.connect("boss");
  route.make_suspended("worker");
  for (int n = 0; n < 3; ++n) boss->send_message("worker", n);
  const int crashed = fork();
  if (crashed == 0) {
    ipcm::Service service(route.connect("worker"));
    service.on_message([](const ipcm::Message& message) {
      if (message.content() == 1) ::kill(::getpid(), SIGKILL);
    });
    service.run();
    _exit(1);
  }
  int status = 0;
  waitpid(crashed, &status, 0);
  BOOST_TEST(WIFSIGNALED(status));
  const auto left = route.connect("worker")->get_messages();
  BOOST_TEST((left.size() == 3 || left.size() == 2));
  BOOST_TEST(left.back().content() == 2);
  BOOST_TEST(route.problems() == "");
}

BOOST_AUTO_TEST_SUITE_END()
