// SPDX-License-Identifier: MIT
// A log that is deleted under the clients that use it is still in their open descriptors. They store nothing more in
// it, nobody begins another one beside it, and what is in it can be had back.
#include <stdlib.h>

#include <boost/test/unit_test.hpp>

#include <filesystem>

#include "integration/route_file.hpp"
#include "support/errors.hpp"
#include "support/remote_peer.hpp"
#include "support/text.hpp"

namespace {

namespace fs = std::filesystem;

constexpr int kMessages = 20;

/// A route with mail that is in the log only, which a process of its own has open.
struct RouteInUse : test::RouteFile {
  RouteInUse() : boss(info(), "boss") {
    make_suspended("worker");
    for (int n = 0; n < kMessages; ++n) boss.send("worker", n);
  }

  std::string log() const { return path() + "-wal"; }
  std::string index() const { return path() + "-shm"; }
  ipcm::Finding finding() const {
    for (const ipcm::Finding& each : ipcm::examine_route(info())) {
      if (each.about == "log" && each.severity == ipcm::Severity::problem) return each;
    }
    return {};
  }

  test::RemotePeer boss;
};

// The commands that a text has between backquotes.
std::vector<std::string> commands_in(const std::string& text) {
  std::vector<std::string> commands;
  for (std::size_t begin = text.find('`'); begin != std::string::npos;) {
    const std::size_t end = text.find('`', begin + 1);
    if (end == std::string::npos) break;
    commands.push_back(text.substr(begin + 1, end - begin - 1));
    begin = text.find('`', end + 1);
  }
  return commands;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(deleted_log)

BOOST_FIXTURE_TEST_CASE(a_client_stores_nothing_more_in_it, RouteInUse) {
  fs::remove(log());
  CHECK_ERROR(RouteGone, boss.send("worker", "too late"));
  CHECK_ERROR(RouteGone, boss.send("worker", "too late"));
  CHECK_ERROR(RouteGone, boss.get());
}

BOOST_FIXTURE_TEST_CASE(a_client_stores_nothing_more_once_another_file_is_in_its_place, RouteInUse) {
  fs::rename(log(), log() + ".moved");
  fs::copy_file(log() + ".moved", log());
  CHECK_ERROR(RouteGone, boss.send("worker", "too late"));
}

BOOST_FIXTURE_TEST_CASE(a_client_stores_nothing_more_once_its_lock_file_is_gone, RouteInUse) {
  fs::remove(path() + "-lock");
  CHECK_ERROR(RouteGone, boss.send("worker", "too late"));
}

BOOST_FIXTURE_TEST_CASE(nobody_begins_another_log_or_index_beside_it, RouteInUse) {
  fs::remove(index());
  CHECK_ERROR(RouteDamaged, connect("worker"));
  BOOST_TEST(!fs::exists(index()));
  fs::remove(log());
  CHECK_ERROR(RouteDamaged, connect("worker"));
  BOOST_TEST(!fs::exists(log()));
}

BOOST_FIXTURE_TEST_CASE(what_doctor_says_brings_everything_back, RouteInUse) {
  fs::remove(log());
  const ipcm::Finding told = finding();
  BOOST_TEST(told.text.find("process " + std::to_string(boss.pid())) != std::string::npos, told.text);
  const std::vector<std::string> commands = commands_in(told.advice);
  BOOST_REQUIRE(commands.size() == 4U);
  for (std::size_t n = 0; n < 3; ++n) BOOST_REQUIRE(::system(commands[n].c_str()) == 0);
  boss.kill();  // it is killed already
  BOOST_TEST(problems() == "");
  BOOST_TEST(connect("worker")->get_messages().size() == std::size_t{kMessages});
}

BOOST_FIXTURE_TEST_CASE(what_is_in_it_is_kept_by_a_client_that_ends_in_order, RouteInUse) {
  fs::remove(log());
  BOOST_TEST(boss.end() == 0);
  BOOST_TEST(connect("worker")->get_messages().size() == std::size_t{kMessages});
  BOOST_TEST(problems() == "");
}

BOOST_AUTO_TEST_SUITE_END()
