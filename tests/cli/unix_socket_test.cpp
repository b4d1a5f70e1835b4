// SPDX-License-Identifier: MIT
// The command on routes of the protocol UnixSocket, which keep nothing for who is away.
#include <signal.h>

#include <filesystem>

#include <boost/test/unit_test.hpp>

#include "shell.hpp"

using test::check_fails;
using test::ipcm_json;
using test::ipcm_ok;
using test::ipcm_run;

namespace {

struct SocketRoute {
  SocketRoute() : info(ipcm_json({"spawn", folder.file("live"), "--protocol", "UnixSocket"}).at(0)["info"].dump()) {}
  test::TemporaryFolder folder;
  std::string info;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(unix_socket)

BOOST_AUTO_TEST_CASE(a_route_is_made_described_and_removed) {
  const SocketRoute route;
  const std::string path = route.folder.file("live");
  BOOST_TEST(test::Json::parse(route.info) == test::Json({"UnixSocket", "JSON", path}));
  BOOST_TEST(ipcm_json({"info", route.info}).at(0)["protocol"] == "UnixSocket");
  BOOST_TEST(ipcm_ok({"connect-info", route.info}) == route.info + "\n");
  BOOST_TEST(ipcm_json({"spawn", route.info}).at(0)["created"] == false);
  BOOST_TEST(ipcm_ok({"check", route.info}) != "");
  ipcm_ok({"unspawn", route.info});
  BOOST_TEST(!std::filesystem::exists(path));
  ipcm_ok({"unspawn", route.info});
}

BOOST_AUTO_TEST_CASE(a_route_is_removed_by_its_path_too) {
  const SocketRoute route;
  ipcm_ok({"unspawn", route.folder.file("live")});
  BOOST_TEST(!std::filesystem::exists(route.folder.file("live")));
}

BOOST_AUTO_TEST_CASE(who_follows_gets_what_is_sent_while_it_runs) {
  const SocketRoute route;
  check_fails(ipcm_run({"send", route.info, "worker", "1"}), 1, "no peer of that name was ever connected");
  test::Process worker(test::ipcm_command({"get", route.info, "--as", "worker", "--follow", "--json"}));
  BOOST_TEST(test::eventually([&] {
    const auto peers = ipcm_json({"peers", route.info});
    return peers.size() == 1 && peers[0]["state"] == "active";
  }));
  for (int n = 0; n < 3; ++n) ipcm_ok({"send", route.info, "worker", std::to_string(n), "--as", "boss"});
  ipcm_ok({"broadcast", route.info, "3"});
  for (int n = 0; n < 4; ++n) BOOST_TEST(test::Json::parse(worker.read_line().value())["content"] == n);
  worker.signal(SIGTERM);
  BOOST_TEST(worker.finish().exit_code == 0);
  check_fails(ipcm_run({"send", route.info, "worker", "4"}), 1, "it said goodbye");
  BOOST_TEST(ipcm_json({"stats", route.info}).size() > 0U);
}

BOOST_AUTO_TEST_CASE(what_needs_mail_that_is_kept_is_refused_with_the_reason) {
  const SocketRoute route;
  for (const char* command : {"connect", "get", "peek", "suspend"}) {
    check_fails(ipcm_run({command, route.info, "--as", "worker"}), 1, "keeps nothing for who is away");
  }
  check_fails(ipcm_run({"durability", route.info, "full"}), 1, "it has no durability");
  BOOST_TEST(ipcm_json({"peers", route.info}).empty());
}

BOOST_AUTO_TEST_CASE(a_protocol_that_does_not_fit_is_a_wrong_command_line) {
  const SocketRoute route;
  check_fails(ipcm_run({"spawn", route.folder.file("x"), "--protocol", "LocalMemory"}), 2, "SQLite and UnixSocket");
  check_fails(ipcm_run({"spawn", route.info, "--protocol", "SQLite"}), 2, "does not fit");
  check_fails(ipcm_run({"spawn", route.folder.file("x"), "--protocol", "UnixSocket", "--durability", "full"}), 2,
              "has no sense");
}

BOOST_AUTO_TEST_SUITE_END()
