// SPDX-License-Identifier: MIT
// A route that is deleted, renamed or replaced while a client is connected: RouteGone at the next call, and within a
// second while waiting. SQLite itself would keep saying OK.
#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <functional>
#include <future>

#include "integration/route_file.hpp"
#include "support/errors.hpp"
#include "support/process.hpp"
#include "support/text.hpp"

namespace {

using std::chrono::steady_clock;

void remove_all_files(const test::RouteFile& route) {
  for (const char* side : {"", "-wal", "-shm", "-lock"}) std::filesystem::remove(route.path() + side);
}

void remove_the_file(const test::RouteFile& route) {
  std::filesystem::remove(route.path());
}

void rename_the_file(const test::RouteFile& route) {
  std::filesystem::rename(route.path(), route.path() + ".old");
}

void replace_by_another_route(const test::RouteFile& route) {
  const test::RouteFile other;
  { test::PlainSql(other.path()).query("PRAGMA wal_checkpoint(TRUNCATE)"); }
  std::filesystem::copy_file(other.path(), route.path() + ".new");
  // With the old write-ahead log beside it, SQLite would play that into the new file.
  for (const char* side : {"-wal", "-shm"}) std::filesystem::remove(route.path() + side);
  std::filesystem::rename(route.path() + ".new", route.path());
}

void remove_and_make_anew(const test::RouteFile& route) {
  remove_all_files(route);
  ipcm::SpawnOptions options;
  options.route = route.path();
  options.guard = false;
  ipcm::spawn(options);
}

void unspawn(const test::RouteFile& route) {
  ipcm::unspawn(route.path());
}

void remove_the_folder(const test::RouteFile& route) {
  std::filesystem::remove_all(route.folder().path());
}

const std::vector<std::pair<std::string, std::function<void(const test::RouteFile&)>>> kWays = {
    {"all files removed", remove_all_files},
    {"file removed", remove_the_file},
    {"file renamed", rename_the_file},
    {"replaced by another route", replace_by_another_route},
    {"removed and made anew", remove_and_make_anew},
    {"unspawned", unspawn},
    {"folder removed", remove_the_folder},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(route_gone)

BOOST_AUTO_TEST_CASE(the_next_call_of_any_kind_says_that_the_route_is_gone) {
  using Call = std::function<void(ipcm::Client&)>;
  const std::vector<std::pair<std::string, Call>> calls = {
      {"send_message", [](ipcm::Client& client) { client.send_message("boss", 2); }},
      {"broadcast", [](ipcm::Client& client) { client.broadcast(2); }},
      {"get_messages", [](ipcm::Client& client) { client.get_messages(); }},
      {"peek", [](ipcm::Client& client) { client.peek(); }},
      {"have_ready_messages", [](ipcm::Client& client) { client.have_ready_messages(); }},
      {"wait", [](ipcm::Client& client) { client.wait(std::chrono::milliseconds(0)); }},
      {"peers", [](ipcm::Client& client) { client.peers(); }},
      {"peer_active", [](ipcm::Client& client) { client.peer_active("boss"); }},
      {"stats", [](ipcm::Client& client) { client.stats(); }},
      {"suspend", [](ipcm::Client& client) { client.suspend(); }},
  };
  for (const auto& [way, end] : kWays) {
    for (const auto& [name, call] : calls) {
      BOOST_TEST_CONTEXT(way << ", " << name) {
        const test::RouteFile route;
        const auto boss = route.connect("boss");
        boss->send_message("boss", 1);
        end(route);
        CHECK_ERROR(RouteGone, call(*boss));
        CHECK_ERROR(RouteGone, call(*boss));
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(a_client_that_waits_is_told_soon) {
  for (const auto& [way, end] : kWays) {
    BOOST_TEST_CONTEXT(way) {
      const test::RouteFile route;
      const auto worker = route.connect("worker");
      auto waiting =
          std::async(std::launch::async, [&] { return test::code_of_call([&] { worker->wait(test::kPatience); }); });
      const auto start = steady_clock::now();
      end(route);
      BOOST_TEST(waiting.get() == "RouteGone");
      BOOST_TEST((steady_clock::now() - start < std::chrono::seconds(10)));  // a second, on a loaded machine
    }
  }
}

BOOST_AUTO_TEST_CASE(even_a_client_that_hardly_ever_looks_is_told_soon) {
  const test::RouteFile route;
  ipcm::ConnectOptions options;
  options.fallback_interval = std::chrono::hours(1);
  const auto worker = route.connect("worker", options);
  auto waiting =
      std::async(std::launch::async, [&] { return test::code_of_call([&] { worker->wait(test::kPatience); }); });
  remove_the_file(route);
  BOOST_TEST(waiting.get() == "RouteGone");
}

BOOST_AUTO_TEST_CASE(a_client_whose_route_is_gone_writes_nothing_into_the_one_that_took_its_place) {
  const test::RouteFile route;
  auto boss = route.connect("boss");
  boss->send_message("boss", 1);
  replace_by_another_route(route);
  CHECK_ERROR(RouteGone, boss->send_message("boss", 2));
  BOOST_TEST(test::code_of(boss->try_message("boss", 3)) == "RouteGone");
  boss.reset();
  CHECK_ERROR(RouteDamaged, ipcm::connect("fresh", route.info()));  // it lacks what was acknowledged
  ipcm::accept_loss(route.info());
  const auto fresh = ipcm::connect("fresh", route.info());
  BOOST_TEST(test::joined(fresh->peers()) == "");
  BOOST_TEST(ipcm::route_info(route.info()).queued == 0);
  BOOST_TEST(route.problems() == "");
}

BOOST_AUTO_TEST_CASE(a_client_whose_route_is_gone_can_be_destroyed) {
  for (const auto& [way, end] : kWays) {
    const test::RouteFile route;
    ipcm::ConnectOptions options;
    options.at_end = ipcm::ConnectOptions::AtEnd::suspend;
    auto boss = route.connect("boss");
    auto worker = route.connect("worker", options);
    end(route);
    boss.reset();
    worker.reset();
  }
}

BOOST_AUTO_TEST_SUITE_END()
