// SPDX-License-Identifier: MIT
// Mail in a transaction of the application's own, by the library instead of by SQL.
#include <boost/test/unit_test.hpp>

#include <future>

#include "integration/route_file.hpp"
#include "support/errors.hpp"
#include "support/process.hpp"
#include "support/text.hpp"

using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(send_in)

BOOST_AUTO_TEST_CASE(mail_is_delivered_with_the_commit_and_wakes_its_reader) {
  const test::RouteFile route;
  const auto boss = route.connect("boss");
  const auto worker = route.connect("worker", {.fallback_interval = 1h});
  test::PlainSql sql(route.path());
  BOOST_TEST(sql.run("BEGIN IMMEDIATE; CREATE TABLE orders(n INTEGER); INSERT INTO orders VALUES (1);") == "");
  const std::string id = ipcm::send_in(sql.handle(), *boss, "worker", {{"order", 1}});
  BOOST_TEST(!worker->have_ready_messages());
  auto woken = std::async(std::launch::async, [&] { return worker->wait(test::kPatience); });
  BOOST_TEST(sql.run("COMMIT") == "");
  BOOST_TEST(woken.get());
  const auto messages = worker->get_messages();
  BOOST_REQUIRE(messages.size() == 1U);
  BOOST_TEST(messages[0].id() == id);
  BOOST_TEST(messages[0].from() == "boss");
  BOOST_TEST(messages[0].content() == (ipcm::Json{{"order", 1}}));
  BOOST_TEST(route.problems() == "");
}

BOOST_AUTO_TEST_CASE(the_workers_of_a_queue_are_woken_too) {
  const test::RouteFile route;
  const auto boss = route.connect("boss");
  boss->create_queue("jobs");
  const auto worker = route.connect("worker", {.fallback_interval = 1h});
  auto claimed = std::async(std::launch::async, [&] {
    auto claims = worker->claim("jobs", {.wait = test::kPatience});
    return worker->ack(claims);
  });
  BOOST_TEST(test::eventually([&] { return boss->queues().at(0).workers == 1U; }));
  test::PlainSql sql(route.path());
  ipcm::send_in(sql.handle(), *boss, {.to = "jobs", .content = 1, .priority = 7});  // commits by itself
  BOOST_TEST(claimed.get() == 1U);
  BOOST_TEST(route.problems() == "");
}

BOOST_AUTO_TEST_CASE(what_is_rolled_back_was_never_sent) {
  const test::RouteFile route;
  const auto boss = route.connect("boss");
  const auto worker = route.connect("worker");
  test::PlainSql sql(route.path());
  sql.run("BEGIN IMMEDIATE");
  ipcm::send_in(sql.handle(), *boss, "worker", 1);
  sql.run("ROLLBACK");
  BOOST_TEST(!worker->have_ready_messages());
  sql.run("BEGIN IMMEDIATE");
  ipcm::send_in(sql.handle(), *boss, "worker", 2);
  sql.run("COMMIT");
  BOOST_TEST(test::contents(worker->get_messages()) == "[2]");
  BOOST_TEST(route.problems() == "");
}

BOOST_AUTO_TEST_CASE(every_field_of_a_job_arrives) {
  const test::RouteFile route;
  const auto boss = route.connect("boss");
  boss->create_queue("jobs");
  test::PlainSql sql(route.path());
  const std::string first =
      ipcm::send_in(sql.handle(), *boss, "jobs", 1,
                    {.id = "mine", .ttl = 1h, .priority = 6, .max_attempts = 9, .dedup_key = "d", .group_key = "g"});
  BOOST_TEST(first == "mine");
  BOOST_TEST(ipcm::send_in(sql.handle(), *boss, "jobs", 2, {.dedup_key = "d"}) == "mine");
  BOOST_TEST(boss->send_message("jobs", 3, {.dedup_key = "d"}) == "mine");
  ipcm::send_in(sql.handle(), *boss, "jobs", 4, {.group_key = "g"});
  ipcm::send_in(sql.handle(), *boss, "jobs", 5, {.delay = 1h});
  auto claims = boss->claim("jobs", {.limit = 9});
  BOOST_REQUIRE(claims.size() == 1U);
  const ipcm::Message& message = claims[0].message();
  BOOST_TEST(message.id() == "mine");
  BOOST_TEST(message.priority() == 6);
  BOOST_TEST(message.expires_at().has_value());
  BOOST_TEST(message.max_attempts().value_or(0) == 9);
  BOOST_TEST(message.dedup_key() == "d");
  claims[0].ack();
  BOOST_TEST(boss->claim("jobs").at(0).message().content() == 4);
  BOOST_TEST(boss->queues().at(0).scheduled == 1U);
  BOOST_TEST(route.problems() == "");
}

BOOST_AUTO_TEST_CASE(errors_are_those_of_a_client) {
  const test::RouteFile route;
  const auto boss = route.connect("boss");
  route.make_suspended("worker");
  test::PlainSql sql(route.path());
  CHECK_ERROR(UnknownPeer, ipcm::send_in(sql.handle(), *boss, "nobody", 1));
  ipcm::send_in(sql.handle(), *boss, "worker", 1, {.id = "one"});
  CHECK_ERROR(DuplicateMessage, ipcm::send_in(sql.handle(), *boss, "worker", 1, {.id = "one"}));
  CHECK_ERROR(InvalidMessage, ipcm::send_in(sql.handle(), *boss, {.content = 1, .broadcast = true}));
  CHECK_ERROR(InvalidArgument, ipcm::send_in(nullptr, *boss, "worker", 1));
  const test::RouteFile other;
  test::PlainSql elsewhere(other.path());
  CHECK_ERROR(InvalidArgument, ipcm::send_in(elsewhere.handle(), *boss, "worker", 1));
  const auto memory = ipcm::spawn({.protocol = "LocalMemory"});
  const auto local = memory.connect("local");
  CHECK_ERROR(NotSupported, ipcm::send_in(sql.handle(), *local, "local", 1));
}

BOOST_AUTO_TEST_CASE(the_connection_may_outlive_the_client) {
  const test::RouteFile route;
  auto boss = route.connect("boss");
  route.make_suspended("worker");
  test::PlainSql sql(route.path());
  sql.run("BEGIN IMMEDIATE");
  ipcm::send_in(sql.handle(), *boss, "worker", 1);
  boss.reset();
  BOOST_TEST(sql.run("COMMIT") == "");
  BOOST_TEST(route.connect("worker")->get_messages().size() == 1U);
}

BOOST_AUTO_TEST_SUITE_END()
