// SPDX-License-Identifier: MIT
// Two users of one file: an application sends through the view `send` in a transaction of its own, on a connection of
// its
// own, in the same process and in another one.
#include <boost/test/unit_test.hpp>

#include <future>

#include "integration/route_file.hpp"
#include "support/errors.hpp"
#include "support/process.hpp"
#include "support/text.hpp"

namespace {

const char* const kSend = "INSERT INTO send(sender, recipient, content) VALUES ('app', 'worker', '{\"n\":1}')";

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(application_sql)

BOOST_AUTO_TEST_CASE(mail_of_a_transaction_is_delivered_once_it_commits) {
  const test::RouteFile route;
  const auto worker = route.connect("worker");
  test::PlainSql sql(route.path());
  BOOST_TEST(sql.run("BEGIN IMMEDIATE; CREATE TABLE orders(n INTEGER); INSERT INTO orders VALUES (1);") == "");
  BOOST_TEST(sql.run(kSend) == "");
  BOOST_TEST(!worker->have_ready_messages());
  BOOST_TEST(sql.run("COMMIT") == "");
  BOOST_TEST(worker->wait(test::kPatience));
  const auto messages = worker->get_messages();
  BOOST_TEST(test::contents(messages) == R"([{"n":1}])");
  BOOST_TEST(test::senders(messages) == "app");
  BOOST_TEST(messages.at(0).to() == "worker");
  BOOST_TEST(!messages.at(0).broadcast());
  BOOST_TEST(messages.at(0).id().size() == 36);
  BOOST_TEST(messages.at(0).stamp() > 1.7e9);
  BOOST_TEST(messages.at(0).content_text() == R"({"n":1})");
  BOOST_TEST(sql.query("SELECT n FROM orders") == "1");
  BOOST_TEST(route.problems() == "");  // the application's table is none
}

BOOST_AUTO_TEST_CASE(mail_of_a_transaction_that_is_rolled_back_is_not_delivered) {
  const test::RouteFile route;
  const auto worker = route.connect("worker");
  test::PlainSql sql(route.path());
  sql.run("BEGIN IMMEDIATE");
  BOOST_TEST(sql.run(kSend) == "");
  BOOST_TEST(sql.run("ROLLBACK") == "");
  BOOST_TEST(!worker->have_ready_messages());
  BOOST_TEST(test::text(worker->stats()) == "read{} sent{}");
  BOOST_TEST(route.problems() == "");
}

BOOST_AUTO_TEST_CASE(mail_by_sql_and_by_clients_shares_one_order_and_one_set_of_books) {
  const test::RouteFile route;
  const auto boss = route.connect("boss");
  const auto worker = route.connect("worker");
  test::PlainSql sql(route.path());
  const auto send = [&](int n) {
    BOOST_TEST(sql.run("INSERT INTO send(sender, recipient, content) VALUES ('boss', 'worker', " + std::to_string(n) +
                       ")") == "");
  };
  send(1);
  boss->send_message("worker", 2);
  send(3);
  const auto taken = worker->get_messages(2);
  send(4);
  boss->send_message("worker", 5);
  BOOST_TEST(test::contents(taken) == "[1,2]");
  worker->requeue_messages(taken);
  BOOST_TEST(test::contents(worker->get_messages()) == "[1,2,3,4,5]");
  send(6);
  boss->send_message("worker", 7);
  BOOST_TEST(test::contents(worker->get_messages()) == "[6,7]");
  BOOST_TEST(test::text(boss->stats()) == "read{} sent{worker:7}");
  BOOST_TEST(route.problems() == "");
}

BOOST_AUTO_TEST_CASE(mail_by_sql_wakes_a_client_that_waits) {
  const test::RouteFile route;
  const auto worker = route.connect("worker");
  test::PlainSql sql(route.path());
  auto waiting = std::async(std::launch::async, [&] { return worker->wait(test::kPatience); });
  BOOST_TEST(sql.run(kSend) == "");
  BOOST_TEST(waiting.get());
}

BOOST_AUTO_TEST_CASE(mail_by_sql_is_refused_where_a_client_would_be) {
  const test::RouteFile route;
  const auto worker = route.connect("worker");
  route.connect("left")->disconnect();
  test::PlainSql sql(route.path());
  const auto send = [&](const std::string& recipient, const std::string& content) {
    return sql.run("INSERT INTO send(sender, recipient, content) VALUES ('app', '" + recipient + "', " + content + ")");
  };
  BOOST_TEST(contains(send("nobody", "'1'"), "UnknownPeer"));
  BOOST_TEST(contains(send("left", "'1'"), "PeerDisconnected"));
  for (const char* wrong : {"'{'", "'{n:1}'", "'hello'", "NULL", "x'31'", "''"}) {
    BOOST_TEST(contains(send("worker", wrong), "InvalidMessage"), wrong);
  }
  BOOST_TEST(sql.run("INSERT INTO send(sender, recipient, content) VALUES ('_boss', 'worker', '1')") != "");
  BOOST_TEST(!worker->have_ready_messages());
  BOOST_TEST(send("worker", "'null'") == "");
  BOOST_TEST(send("worker", "json_quote('a text')") == "");
  BOOST_TEST(test::contents(worker->get_messages()) == R"([null,"a text"])");
}

BOOST_AUTO_TEST_CASE(mail_by_sql_beyond_the_routes_limit_is_refused) {
  ipcm::SpawnOptions options;
  options.max_content = 100;
  const test::RouteFile route(options);
  const auto worker = route.connect("worker");
  test::PlainSql sql(route.path());
  const auto send = [&](int length) {
    return sql.run("INSERT INTO send(sender, recipient, content) VALUES ('app', 'worker', json_quote('" +
                   std::string(static_cast<std::size_t>(length), 'x') + "'))");
  };
  BOOST_TEST(send(98) == "");
  BOOST_TEST(contains(send(99), "TooLarge"));
  BOOST_TEST(worker->get_messages().size() == 1);
}

BOOST_AUTO_TEST_CASE(mail_by_sql_to_a_suspended_peer_waits_for_it) {
  const test::RouteFile route;
  route.make_suspended("worker");
  test::PlainSql sql(route.path());
  BOOST_TEST(sql.run(kSend) == "");
  BOOST_TEST(test::contents(route.connect("worker")->get_messages()) == R"([{"n":1}])");
}

BOOST_AUTO_TEST_CASE(mail_by_sql_without_a_sender_is_anonymous) {
  const test::RouteFile route;
  const auto worker = route.connect("worker");
  test::PlainSql sql(route.path());
  BOOST_TEST(sql.run("INSERT INTO send(recipient, content) VALUES ('worker', '1')") == "");
  BOOST_TEST(test::senders(worker->get_messages()) == "_anonymous");
  BOOST_TEST(route.problems() == "");
}

BOOST_AUTO_TEST_CASE(json_by_sql_that_is_too_deep_for_a_client_does_not_block_the_rest) {
  const test::RouteFile route;
  const auto worker = route.connect("worker");
  test::PlainSql sql(route.path());
  const auto send = [&](int depth) {
    const auto count = static_cast<std::size_t>(depth);
    return sql.run("INSERT INTO send(sender, recipient, content) VALUES ('app', 'worker', '" + std::string(count, '[') +
                   std::string(count, ']') + "')");
  };
  send(ipcm::kMaxContentDepth + 100);  // whether SQLite takes it depends on its version
  BOOST_TEST(send(3) == "");
  BOOST_TEST(test::contents(worker->get_messages()) == "[[[[]]]]");
}

BOOST_AUTO_TEST_CASE(a_client_waits_for_an_applications_transaction_and_then_goes_on) {
  const test::RouteFile route;
  const auto boss = route.connect("boss");
  const auto worker = route.connect("worker");
  test::PlainSql sql(route.path());
  sql.run("BEGIN IMMEDIATE");
  auto sending = std::async(std::launch::async, [&] { boss->send_message("worker", 2); });
  sql.run("INSERT INTO send(sender, recipient, content) VALUES ('app', 'worker', '1')");
  BOOST_TEST(sql.run("COMMIT") == "");
  sending.get();
  BOOST_TEST(test::contents(worker->get_messages()) == "[1,2]");
}

BOOST_AUTO_TEST_CASE(a_transaction_that_does_not_end_makes_a_client_busy_and_nothing_worse) {
  const test::RouteFile route;
  ipcm::ConnectOptions options;
  options.busy_timeout = std::chrono::milliseconds(50);
  const auto boss = route.connect("boss", options);
  boss->send_message("boss", 1);
  test::PlainSql sql(route.path());
  sql.run("BEGIN IMMEDIATE");
  const auto refused = boss->try_message("boss", 2);
  BOOST_TEST(test::code_of(refused) == "Busy");
  const std::string text = refused.error().what();
  BOOST_TEST(text.ends_with(": another program held the database for too long. Try again."), text);
  CHECK_ERROR(Busy, boss->send_message("boss", 2));
  CHECK_ERROR(Busy, boss->get_messages());
  BOOST_TEST(boss->have_ready_messages());  // looking needs no turn
  sql.run("ROLLBACK");
  boss->send_message("boss", 3);
  BOOST_TEST(test::contents(boss->get_messages()) == "[1,3]");
}

BOOST_AUTO_TEST_CASE(an_application_that_closes_its_connection_does_not_free_a_clients_locks) {
  const test::RouteFile route;
  const auto boss = route.connect("boss");
  for (int n = 0; n < 3; ++n) {
    {
      test::PlainSql sql(route.path());
      sql.query("SELECT count(*) FROM inbox");
    }
    CHECK_ERROR(NameInUse, route.connect("boss"));
    boss->send_message("boss", n);
  }
  BOOST_TEST(boss->get_messages().size() == 3);
  BOOST_TEST(route.problems() == "");
}

BOOST_AUTO_TEST_CASE(json_after_a_byte_order_mark_is_refused_by_the_view_and_read_without_it_where_it_is_stored) {
  const test::RouteFile route;
  const auto worker = route.connect("worker");
  route.connect("boss")->send_message("worker", 1);
  test::PlainSql sql(route.path());
  const std::string send = "INSERT INTO send(recipient, content) VALUES ('worker', char(65279) || '{\"a\":2.0}')";
  BOOST_TEST(contains(sql.run(send), "InvalidMessage"));
  BOOST_TEST(sql.run("UPDATE messages SET content = char(65279) || '{\"a\":2.0}'") == "");
  BOOST_TEST(worker->peek().at(0).content_text() == R"({"a":2.0})");
  const test::TemporaryFolder folder;
  const std::string copy = folder.file("copy.ipcm");
  std::vector<std::string> lines;
  ipcm::dump_route(route.info(), [&](std::string_view line) { lines.emplace_back(line); });
  for (const std::string& line : lines) BOOST_TEST(ipcm::Json::accept(line));
  std::size_t next = 0;
  lines.front().insert(0, "\xEF\xBB\xBF");  // a file that went through Windows
  ipcm::load_route(ipcm::ConnectionInfo::parse(copy), [&](std::string& line) {
    if (next == lines.size()) return false;
    line = lines[next++];
    return true;
  });
  const std::string saved = folder.file("saved.ipcm");
  ipcm::salvage_route(route.info(), saved);
  for (const std::string& made : {copy, saved}) {
    test::PlainSql other(made);
    BOOST_TEST(other.query("SELECT content FROM messages") == R"({"a":2.0})");
  }
  const auto taken = worker->get_messages();
  BOOST_TEST(test::contents(taken) == R"([{"a":2.0}])");
  worker->requeue_messages(taken);
  BOOST_TEST(sql.query("SELECT content FROM messages") == R"({"a":2.0})");
  BOOST_TEST(route.problems() == "");
}

BOOST_AUTO_TEST_SUITE_END()
