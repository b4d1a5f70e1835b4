// SPDX-License-Identifier: MIT
// A route that held much and is drained gives the space back, while others go on.
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <future>
#include <string>

#include <boost/test/unit_test.hpp>

#include <ipcm/ipcm.hpp>

#include "integration/route_file.hpp"
#include "support/forked_child.hpp"

namespace {

constexpr std::size_t kMegabytes = 48;

// IPCM_TEST_SPACE_MB: how much the route holds that is drained bit by bit.
std::size_t megabytes() {
  const char* given = std::getenv("IPCM_TEST_SPACE_MB");
  return given != nullptr ? std::strtoull(given, nullptr, 10) : kMegabytes;
}

constexpr std::size_t kContent = 10'000;

void fill(const test::RouteFile& route, std::size_t size = kMegabytes) {
  route.make_suspended("reader");
  const auto boss = route.connect("boss");
  const std::vector<ipcm::MessageFields> batch(100, {.to = "reader", .content = std::string(kContent, 'x')});
  for (std::size_t sent = 0; sent < size << 20; sent += batch.size() * kContent) boss->send_messages(batch);
}

// Of the database and its log.
std::uintmax_t size_of(const test::RouteFile& route) {
  std::error_code missing;
  const auto log = std::filesystem::file_size(route.path() + "-wal", missing);
  return std::filesystem::file_size(route.path()) + (missing ? 0 : log);
}

// What is kept for the messages to come, and the log.
constexpr std::uintmax_t kSmall = 24 << 20;

}  // namespace

BOOST_AUTO_TEST_SUITE(space)

BOOST_AUTO_TEST_CASE(a_route_that_is_drained_bit_by_bit_shrinks_while_others_send) {
  const test::RouteFile route({.durability = ipcm::Durability::relaxed});
  fill(route, megabytes());
  const std::uintmax_t full = size_of(route);
  BOOST_TEST(full > megabytes() << 20);
  const auto reader = route.connect("reader");
  std::atomic<bool> enough{false};
  std::chrono::steady_clock::duration longest{0};
  auto others = std::async(std::launch::async, [&] {
    const auto sender = route.connect("sender");
    std::size_t sent = 0;
    for (; !enough; ++sent) {
      const auto began = std::chrono::steady_clock::now();
      sender->send_message("reader", "small");
      longest = std::max(longest, std::chrono::steady_clock::now() - began);
    }
    return sent;
  });
  std::size_t small = 0;
  const auto drain = [&] {
    for (auto batch = reader->get_messages(10); !batch.empty(); batch = reader->get_messages(10)) {
      for (const auto& message : batch) small += message.from() == "sender" ? 1U : 0U;
      if (size_of(route) < kSmall) return;
    }
  };
  while (size_of(route) >= kSmall) drain();
  enough = true;
  const std::size_t sent = others.get();
  for (const auto& message : reader->get_messages()) small += message.from() == "sender" ? 1U : 0U;
  BOOST_TEST(sent > 0U);
  BOOST_TEST(small == sent);
  BOOST_TEST(route.problems() == "");
  BOOST_TEST_MESSAGE(full << " bytes became " << size_of(route) << " while " << sent << " were sent, the longest in "
                          << std::chrono::duration_cast<std::chrono::milliseconds>(longest).count() << " ms");
}

BOOST_AUTO_TEST_CASE(a_reader_that_takes_everything_at_once_and_leaves_gives_it_back_before_it_goes) {
  const test::RouteFile route({.durability = ipcm::Durability::relaxed});
  fill(route);
  const auto boss = route.connect("boss");  // so that it is not the last one who leaves
  route.connect("reader")->get_messages();
  BOOST_TEST(size_of(route) < kSmall);
  BOOST_TEST(route.problems() == "");
}

BOOST_AUTO_TEST_CASE(what_a_reader_that_was_killed_left_behind_is_given_back_by_the_next) {
  const test::RouteFile route({.durability = ipcm::Durability::relaxed});
  fill(route);
  BOOST_TEST(test::in_forked_child([&] {
               auto* const never_leaves = new std::shared_ptr(route.connect("reader"));
               (*never_leaves)->get_messages();
               return std::string();
             }) == "");
  BOOST_TEST(size_of(route) > kMegabytes << 20);
  const auto boss = route.connect("boss");
  const auto reader = route.connect("reader");
  int takes = 0;
  for (; size_of(route) >= kSmall && takes < 1000; ++takes) {
    boss->send_message("reader", "small");
    reader->get_messages();
  }
  BOOST_TEST(takes < 1000);
  BOOST_TEST(takes > 1);  // step by step
  BOOST_TEST(route.problems() == "");
}

BOOST_AUTO_TEST_CASE(forgetting_a_peer_with_its_mail_gives_the_space_back) {
  const test::RouteFile route({.durability = ipcm::Durability::relaxed});
  fill(route);
  route.connect("boss")->forget("reader");
  BOOST_TEST(size_of(route) < kSmall);
  BOOST_TEST(route.problems() == "");
}

BOOST_AUTO_TEST_CASE(a_read_that_keeps_the_log_is_reported_with_its_process) {
  const test::RouteFile route({.durability = ipcm::Durability::relaxed});
  route.make_suspended("reader");
  BOOST_TEST(ipcm::route_info(route.info()).wal_pinned_bytes == 0U);
  const auto boss = route.connect("boss");
  boss->send_message("reader", 1);
  test::PlainSql other(route.path());
  other.run("BEGIN");
  other.run("SELECT count(*) FROM messages");
  boss->send_message("reader", std::string(100'000, 'x'));
  const ipcm::RouteInfo info = ipcm::route_info(route.info());
  BOOST_TEST(info.wal_pinned_bytes >= 100'000U);
  BOOST_TEST(info.wal_pinned_bytes <= info.wal_bytes);
  if (std::filesystem::exists("/proc/locks")) {
    BOOST_TEST(info.wal_pinned_by == std::vector<int>{getpid()}, boost::test_tools::per_element());
  }
  other.run("COMMIT");
  BOOST_TEST(ipcm::route_info(route.info()).wal_pinned_bytes == 0U);
}

BOOST_AUTO_TEST_SUITE_END()
