// SPDX-License-Identifier: MIT
// A person with the sqlite3 shell: sending by plain SQL, and looking at the views.
#include <boost/test/unit_test.hpp>

#include <sstream>

#include "integration/route_file.hpp"
#include "integration/sqlite_shell.hpp"
#include "support/manual_clock.hpp"
#include "support/process.hpp"
#include "support/text.hpp"

namespace {

test::RunResult shell(const test::RouteFile& route, const std::string& sql) {
  return test::run({"sqlite3", route.path(), sql});
}

}  // namespace

BOOST_AUTO_TEST_SUITE(shell_sql, *boost::unit_test::precondition(test::has_sqlite_shell))

BOOST_AUTO_TEST_CASE(a_message_sent_from_the_shell_is_delivered) {
  const test::RouteFile route;
  const auto boss = route.connect("boss");
  const auto worker = route.connect("worker");
  const auto sent = shell(route, R"(INSERT INTO send(sender, recipient, content) VALUES('boss','worker','{"n":1}'))");
  BOOST_TEST(sent.err == "");
  BOOST_TEST(sent.exit_code == 0);
  BOOST_TEST(worker->wait(test::kPatience));
  const auto messages = worker->get_messages();
  BOOST_TEST(test::contents(messages) == R"([{"n":1}])");
  BOOST_TEST(test::senders(messages) == "boss");
  BOOST_TEST(test::text(boss->stats()) == "read{} sent{worker:1}");
}

BOOST_AUTO_TEST_CASE(what_cannot_be_sent_fails_with_a_reason) {
  const test::RouteFile route;
  const auto worker = route.connect("worker");
  const auto unknown = shell(route, "INSERT INTO send(sender, recipient, content) VALUES('boss','nobody','1')");
  BOOST_TEST(unknown.exit_code != 0);
  BOOST_TEST(unknown.err.find("no peer of that name") != std::string::npos, unknown.err);
  const auto bad = shell(route, "INSERT INTO send(sender, recipient, content) VALUES('boss','worker','{n:')");
  BOOST_TEST(bad.exit_code != 0);
  BOOST_TEST(bad.err.find("not JSON") != std::string::npos, bad.err);
  BOOST_TEST(!worker->have_ready_messages());
}

BOOST_AUTO_TEST_CASE(what_was_delayed_is_as_old_as_it_is_ready) {
  const test::RouteFile route;
  const auto clock = std::make_shared<test::ManualClock>();
  const auto worker = route.connect("worker", {.clock = clock});
  worker->create_queue("jobs");
  const auto age_of_oldest = [&](const std::string& inbox) {
    const auto now = std::chrono::duration_cast<std::chrono::seconds>(clock->now().time_since_epoch());
    return test::PlainSql(route.path())
        .query("SELECT " + std::to_string(now.count()) + " - CAST(strftime('%s', oldest_ready_at) AS INTEGER)" +
               " FROM queues WHERE recipient = '" + inbox + "'");
  };
  worker->send_message({.to = "jobs", .content = 1, .delay = std::chrono::hours(1)});
  worker->send_message({.to = "worker", .content = 1, .delay = std::chrono::hours(1), .priority = 7});
  clock->advance(std::chrono::hours(1) + std::chrono::seconds(1));
  worker->claim("jobs").at(0).release();
  BOOST_TEST(age_of_oldest("jobs") == "1");
  BOOST_TEST(worker->peek().size() == 1U);
  BOOST_TEST(age_of_oldest("worker") == "1");

  BOOST_TEST(worker->claim("jobs", {.limit = 10}).size() == 1U);  // and released
  BOOST_TEST(age_of_oldest("jobs") == "1");
  clock->advance(std::chrono::seconds(9));
  worker->send_message("jobs", 2);
  worker->send_message("worker", 2);
  clock->advance(std::chrono::seconds(5));
  for (const char* inbox : {"jobs", "worker"}) BOOST_TEST(age_of_oldest(inbox) == "15");
  BOOST_TEST(worker->claim("jobs").at(0).fail("try again"));  // within its back-off it is not ready
  BOOST_TEST(age_of_oldest("jobs") == "5");
  clock->advance(std::chrono::minutes(1));
  {
    auto claims = worker->claim("jobs", {.limit = 10});
    BOOST_TEST(claims.size() == 2U);
    worker->ack(std::span(claims).last(1));  // what was sent later
  }
  const std::string age = age_of_oldest("jobs");
  BOOST_TEST((age == "59" || age == "60"), "since the end of the back-off, a second at most: " << age);
  BOOST_TEST(route.problems() == "");
}

BOOST_AUTO_TEST_CASE(every_view_can_be_selected_from) {
  const test::RouteFile route;
  const auto boss = route.connect("boss");
  boss->send_message("boss", {{"n", 1}}, {.id = "order-17", .stamp = 0});
  const auto names = shell(route, "SELECT name FROM sqlite_schema WHERE type = 'view'");
  std::istringstream views(names.out);
  int count = 0;
  for (std::string view; std::getline(views, view); ++count) {
    const auto selected = shell(route, "SELECT * FROM " + view);
    BOOST_TEST(selected.exit_code == 0, view << ": " << selected.err);
  }
  BOOST_TEST(count >= 5);
  const auto inbox = shell(route, "SELECT recipient, sender, id, sent_at, content FROM inbox");
  BOOST_TEST(inbox.out == "boss|boss|order-17|1970-01-01T00:00:00.000Z|{\"n\":1}\n");
  BOOST_TEST(shell(route, "SELECT sender, recipient, sent, read, queued FROM traffic").out == "boss|boss|1|0|1\n");
  BOOST_TEST(shell(route, "SELECT name, recorded_state FROM peer_states").out == "boss|active\n");
  BOOST_TEST(shell(route, "SELECT recipient, queued FROM queues").out == "boss|1\n");
}

BOOST_AUTO_TEST_CASE(the_depth_that_is_told_counts_what_the_shell_has_sent) {
  const test::RouteFile route;
  const auto worker = route.connect("worker");
  const auto queued = [&] { return ipcm::list_peers(ipcm::ConnectionInfo::parse(route.path())).at(0).queued; };
  const char* const columns = "INSERT INTO send(recipient, content, priority, deliver_at, group_key) VALUES ";
  BOOST_TEST(shell(route, columns + std::string("('worker', '1', NULL, NULL, NULL), ('worker', '2', 7, NULL, NULL),"
                                                "('worker', '3', NULL, 4e9, NULL), ('worker', '4', 0, 4e9, NULL),"
                                                "('worker', '5', NULL, NULL, 'g'), ('worker', '6', NULL, NULL, 'g')"))
                 .err == "");
  BOOST_TEST(queued() == 6U);
  BOOST_TEST(shell(route, "SELECT queued FROM queues").out == "6\n");
  BOOST_TEST(worker->get_messages(1).size() == 1U);
  BOOST_TEST(queued() == 5U);
  BOOST_TEST(shell(route, columns + std::string("('worker', '7', 3, NULL, NULL)")).err == "");
  BOOST_TEST(queued() == 6U);
}

BOOST_AUTO_TEST_CASE(the_schema_explains_itself) {
  const test::RouteFile route;
  const auto schema = shell(route, ".schema");
  BOOST_TEST(schema.out.find("-- What can be read or claimed now") != std::string::npos);
  BOOST_TEST(shell(route, "PRAGMA integrity_check").out == "ok\n");
  BOOST_TEST(shell(route, "PRAGMA journal_mode").out == "wal\n");
  BOOST_TEST(shell(route, "SELECT name FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE '%STRICT%'").out ==
             "sqlite_sequence\n");  // SQLite's own
}

BOOST_AUTO_TEST_CASE(a_shell_that_reads_for_long_does_not_stop_the_senders) {
  const test::RouteFile route;
  const auto boss = route.connect("boss");
  boss->send_message("boss", 0);
  test::Process reader({"sqlite3", route.path()});
  reader.write("BEGIN;\nSELECT count(*) FROM messages;\n");
  BOOST_TEST(reader.wait_for_line("1") == "1");
  for (int n = 1; n <= 50; ++n) boss->send_message("boss", n);
  BOOST_TEST(boss->get_messages().size() == 51);
  reader.write("SELECT count(*) FROM messages;\nCOMMIT;\nSELECT count(*) FROM messages;\n");
  BOOST_TEST(reader.wait_for_line("1") == "1");
  BOOST_TEST(reader.wait_for_line("0") == "0");
  BOOST_TEST(reader.finish().exit_code == 0);
}

BOOST_AUTO_TEST_SUITE_END()
