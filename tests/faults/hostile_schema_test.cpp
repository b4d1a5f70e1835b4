// SPDX-License-Identifier: MIT
// A route into which a stranger has written whatever SQLite lets him: his code does not run, and his numbers do no
// harm.
#include <sqlite3.h>

#include <boost/test/unit_test.hpp>

#include <filesystem>

#include "faults/ordeal.hpp"
#include "integration/route_file.hpp"
#include "support/errors.hpp"
#include "support/text.hpp"

namespace {

const test::Sample& sample() {
  static const test::Sample made = test::sample_at_rest();
  return made;
}

// The sample after a stranger's SQL, which must itself be without an error.
class Tampered {
 public:
  explicit Tampered(const std::string& sql) {
    test::put_route(path(), sample().bytes);
    test::PlainSql stranger(path());
    sqlite3_db_config(stranger.handle(), SQLITE_DBCONFIG_DEFENSIVE, 0, nullptr);
    sqlite3_db_config(stranger.handle(), SQLITE_DBCONFIG_TRUSTED_SCHEMA, 1, nullptr);
    BOOST_TEST(stranger.run("PRAGMA ignore_check_constraints = ON;" + sql) == "", sql);
    stranger.query("PRAGMA wal_checkpoint(TRUNCATE)");
  }

  std::string path() const { return folder_.file("jobs.ipcm"); }
  ipcm::ConnectionInfo info() const { return ipcm::ConnectionInfo::parse(path()); }

  test::Endured undergo() const {
    test::Endured verdict;
    const auto complaints = test::in_children(1, [&](int) { return test::undergo(path(), sample().contents).wrong; });
    verdict.wrong = test::joined(complaints);
    return verdict;
  }

 private:
  test::TemporaryFolder folder_;
};

// Another text for a table, past every check of SQLite's.
std::string retold(const std::string& table, const std::string& from, const std::string& to) {
  return "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql, '" + from + "', '" + to +
         "') WHERE name = '" + table + "'; PRAGMA writable_schema = RESET;";
}

}  // namespace

BOOST_AUTO_TEST_SUITE(hostile_schema)

BOOST_AUTO_TEST_CASE(triggers_of_a_stranger_do_not_run_and_are_named_by_check) {
  const Tampered route(
      "CREATE TRIGGER eat AFTER INSERT ON messages BEGIN DELETE FROM messages; END;"
      "CREATE TRIGGER spit BEFORE DELETE ON messages BEGIN SELECT RAISE(ABORT, 'mine'); END;"
      "CREATE TRIGGER call AFTER UPDATE ON peers BEGIN SELECT load_extension('/tmp/evil.so'); END;"
      "CREATE TRIGGER loop AFTER INSERT ON claims BEGIN INSERT INTO stats(recipient, sender)"
      " WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i, 'x' FROM n; END;");
  {
    const auto worker = ipcm::connect("worker", route.info());
    const std::size_t before = worker->peek().size();
    worker->send_message("worker", 1);
    BOOST_TEST(worker->get_messages().size() == before + 1);
    for (auto& claim : worker->claim("jobs")) claim.ack();
    worker->suspend();
  }
  const std::string problems = test::joined(ipcm::check_route(route.info()).problems);
  for (const char* trigger : {"eat", "spit", "call", "loop"}) {
    BOOST_TEST(problems.find(std::string("foreign trigger ") + trigger) != std::string::npos, problems);
  }
}

BOOST_AUTO_TEST_CASE(triggers_on_another_programs_own_tables_and_views_are_no_problem_and_doctor_mentions_these) {
  const Tampered route(
      "CREATE TABLE bus(n); CREATE VIEW \"the bus\" AS SELECT n FROM bus;"
      "CREATE TRIGGER aboard INSTEAD OF INSERT ON \"the bus\" BEGIN INSERT INTO bus VALUES (new.n); END;"
      "CREATE TRIGGER counted AFTER INSERT ON bus BEGIN DELETE FROM bus WHERE n < new.n; END;");
  BOOST_TEST(test::joined(ipcm::check_route(route.info()).problems) == "");
  std::string told;
  for (const ipcm::Finding& finding : ipcm::examine_route(route.info())) {
    BOOST_TEST((finding.severity < ipcm::Severity::problem), finding.text);
    if (finding.about == "other tables") told = finding.text;
  }
  BOOST_TEST(told.find(R"("bus", "the bus")") != std::string::npos, told);
}

BOOST_AUTO_TEST_CASE(a_trigger_on_ours_that_says_it_is_on_another_table_is_named_all_the_same) {
  const Tampered route(
      "CREATE TABLE bus(n); CREATE TRIGGER eat AFTER INSERT ON messages BEGIN DELETE FROM messages; END;"
      "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET tbl_name = 'bus' WHERE name = 'eat';");
  const auto error = test::caught([&] {
    const std::string problems = test::joined(ipcm::check_route(route.info()).problems);
    BOOST_TEST(problems.find("foreign trigger eat") != std::string::npos, problems);
  });
  if (error) BOOST_TEST((error->code() == ipcm::ErrorCode::RouteDamaged), error->what());
}

BOOST_AUTO_TEST_CASE(a_route_whose_tables_have_code_of_a_stranger_in_them_is_refused_and_left_alone) {
  const std::pair<const char*, std::string> all[] = {
      {"messages", "CREATE INDEX mine ON messages(length(replace(hex(zeroblob(1000000)), '0', sender)));"},
      {"messages", "CREATE UNIQUE INDEX one_only ON messages(broadcast) WHERE sender = 'nobody';"},
      {"peers", retold("peers", "epoch INTEGER NOT NULL", "epoch INTEGER NOT NULL CHECK (epoch < 5)")},
      {"messages", retold("messages", ") STRICT", ", CHECK (length(randomblob(100000000)) > 0)) STRICT")},
      {"messages", retold("messages", "sender TEXT NOT NULL", "sender TEXT NOT NULL DEFAULT (hex(randomblob(9)))")},
      {"messages", retold("messages", ") STRICT", ", twice ANY AS (content || content)) STRICT")},
      {"claims", retold("claims", ") STRICT", ")")},
      {"dead", "ALTER TABLE dead ADD COLUMN more TEXT;"},
      {"stats", "DROP TABLE stats;"},
      {"stats", "DROP TABLE stats; CREATE VIEW stats AS SELECT 1 AS recipient, 'x' AS sender, 2 AS sent;"},
      {"peers", "DROP TABLE peers; CREATE VIRTUAL TABLE peers USING fts4(name, state);"},
      {"later", "DROP INDEX later_by_due;"},
      {"messages_by_group",
       retold("messages_by_group", "group_key IS NOT NULL", "length(group_key) > 0 AND group_key IS NOT NULL")},
      {"schema version", "PRAGMA user_version = 0"},
      {"schema version", "PRAGMA user_version = -3"},
  };
  for (const auto& [named, sql] : all) {
    BOOST_TEST_CONTEXT(sql) {
      const Tampered route(sql);
      const std::string before = test::read_file(route.path());
      const auto refused = test::caught([&] { ipcm::connect("worker", route.info()); });
      BOOST_REQUIRE(refused.has_value());
      BOOST_TEST(ipcm::to_string(refused->code()) == "RouteDamaged");
      BOOST_TEST(std::string(refused->what()).find(named) != std::string::npos, refused->what());
      CHECK_ERROR(RouteDamaged, ipcm::migrate_route(route.info()));
      CHECK_ERROR(RouteDamaged, ipcm::route_info(route.info()));
      CHECK_ERROR(RouteDamaged, ipcm::backup_route(route.info(), route.path() + ".copy"));
      BOOST_TEST(!std::filesystem::exists(route.path() + ".copy"));
      BOOST_TEST((test::read_file(route.path()) == before));
    }
  }
}

BOOST_AUTO_TEST_CASE(what_a_stranger_put_into_an_older_route_does_not_run_while_it_is_migrated) {
  const auto older = [](const std::string& path, const std::string& sql) {
    test::PlainSql route(path);
    const std::string migrations = IPCM_TEST_SOURCE_DIR "/migrations/";
    route.query("PRAGMA journal_mode = WAL");
    for (const char* step : {"0001_initial.sql", "0002_requests.sql"}) {
      BOOST_REQUIRE(route.run(test::read_file(migrations + step)) == "");
    }
    BOOST_REQUIRE(route.run("PRAGMA application_id = 1768973165; PRAGMA user_version = 2;"
                            "INSERT INTO route VALUES (1, 'an-id', 0, 'full', 1000, 'auto');"
                            "INSERT INTO peers VALUES (1, 'worker', 'suspended', NULL, NULL, NULL, NULL, 1);"
                            "INSERT INTO send(recipient, content) VALUES ('worker', '1');" +
                            sql) == "");
  };
  const test::TemporaryFolder folder;
  older(folder.file("triggers"),
        "CREATE TRIGGER t AFTER UPDATE ON peers BEGIN DELETE FROM messages; END;"
        "CREATE TRIGGER u AFTER INSERT ON stats BEGIN DELETE FROM messages; END;");
  BOOST_TEST(ipcm::migrate_route(ipcm::ConnectionInfo::parse(folder.file("triggers"))).from_version == 2);
  BOOST_TEST(ipcm::connect("worker", folder.file("triggers"))->get_messages().size() == 1);
  older(folder.file("index"), "CREATE INDEX i ON messages(length(hex(zeroblob(1000000))));");
  CHECK_ERROR(RouteDamaged, ipcm::migrate_route(ipcm::ConnectionInfo::parse(folder.file("index"))));
  CHECK_ERROR(RouteTooOld, ipcm::connect("worker", folder.file("index")));
}

BOOST_AUTO_TEST_CASE(what_a_stranger_put_into_a_route_does_not_run_while_it_is_copied) {
  const Tampered route(
      "CREATE TRIGGER t AFTER UPDATE ON route BEGIN DELETE FROM messages; END;"
      "CREATE TRIGGER u BEFORE UPDATE OF route_id ON route BEGIN SELECT RAISE(ABORT, 'mine'); END;");
  const std::size_t mail = ipcm::connect("worker", route.info())->peek().size();
  BOOST_REQUIRE(mail > 0);
  const std::string copy = route.path() + ".copy";
  const ipcm::Backup made = ipcm::backup_route(route.info(), copy);
  const auto info = ipcm::ConnectionInfo::parse(copy);
  BOOST_TEST(ipcm::route_info(info).id == made.id);
  BOOST_TEST(ipcm::connect("worker", info)->peek().size() == mail);
  const Tampered retyped(retold("route", ") STRICT", ", CHECK (length(randomblob(1000)) > 0)) STRICT"));
  CHECK_ERROR(RouteDamaged, ipcm::backup_route(retyped.info(), retyped.path() + ".copy"));
}

BOOST_AUTO_TEST_CASE(tables_and_views_of_somebody_else_beside_ours_do_no_harm) {
  const Tampered route(
      "CREATE TABLE notes(text); CREATE VIRTUAL TABLE found USING fts4(text); CREATE INDEX i ON notes(length(text));"
      "CREATE VIEW all_mail AS SELECT load_extension('/tmp/evil.so') FROM messages;");
  BOOST_TEST(route.undergo().wrong == "");
}

// The rows of sqlite_schema describe themselves; what counts is what SQLite makes of them.
BOOST_AUTO_TEST_CASE(a_schema_that_says_one_thing_and_is_another_is_refused) {
  const Tampered shifted(
      "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = ' ' || sql WHERE name = 'messages_by_group';");
  CHECK_ERROR(RouteDamaged, ipcm::connect("worker", shifted.info()));
  const Tampered disguised(
      "PRAGMA writable_schema = ON; INSERT INTO sqlite_schema(type, name, tbl_name, rootpage, sql)"
      " SELECT 'index', 'notes_by_text', 'notes', rootpage, 'CREATE INDEX notes_by_text ON messages(sender)'"
      " FROM sqlite_schema WHERE name = 'workers_by_inbox';");
  CHECK_ERROR(RouteDamaged, ipcm::connect("worker", disguised.info()));
}

BOOST_AUTO_TEST_CASE(numbers_and_words_beyond_all_reason_are_refused_or_brought_within_it) {
  const std::string big = "9223372036854775807";
  for (const std::string& sql :
       std::vector<std::string>{"UPDATE route SET max_content = -1", "UPDATE route SET max_content = " + big,
                                "UPDATE route SET durability = 'eternal'", "UPDATE route SET notifier = 'pigeon'",
                                "UPDATE route SET route_id = ''", "DELETE FROM route",
                                "UPDATE route SET route_id = CAST(zeroblob(1000000) AS TEXT)"}) {
    const Tampered route(sql);
    CHECK_ERROR(RouteDamaged, ipcm::connect("worker", route.info()));
    BOOST_TEST(route.undergo().wrong == "", sql);
  }
  for (const std::string& sql : std::vector<std::string>{
           "UPDATE route SET time_zone = '../../../etc/passwd', created_at = 9e999",
           "UPDATE peers SET epoch = " + big,
           "UPDATE peers SET pid = -" + big + ", pid_started = " + big,
           "UPDATE peers SET peer_id = " + big + " WHERE name = 'worker'",
           "UPDATE peers SET peer_id = -5 WHERE name = 'jobs'",
           "UPDATE peers SET suspend_expires = -9e999",
           "UPDATE peers SET suspend_expires = 9e999, host = CAST(x'ff00fe' AS TEXT)",
           "UPDATE peers SET name = CAST(x'ff1b5b324a00' AS TEXT) WHERE name = 'boss'",
           "UPDATE peers SET name = '' WHERE name = 'worker'",
           "UPDATE peers SET kind = 'queue'; UPDATE peers SET kind = 'peer' WHERE name = 'jobs'",
           "UPDATE peers SET state = 'undead'",
           "UPDATE peers SET kind = 'pear'",
           "UPDATE OR IGNORE stats SET last_number = " + big,
           "UPDATE OR IGNORE stats SET last_number = -" + big,
           "UPDATE stats SET sent = " + big + ", read = " + big + ", dead = -" + big + ", expired = " + big,
           "UPDATE messages SET stamp = 9e999, broadcast = " + big + ", expires_at = 9e999",
           "UPDATE messages SET attempts = " + big + ", max_attempts = -" + big,
           "UPDATE messages SET attempts = -" + big + " - 1, max_attempts = 0",
           "UPDATE claims SET attempts = " + big + ", lease_end = -9e999, claimed_at = 9e999",
           "UPDATE messages SET sender = CAST(x'00ff0a' AS TEXT), reply_to = CAST(x'1b' AS TEXT)",
           "UPDATE messages SET id = x''",
           "UPDATE messages SET id = x'0102'",
           "UPDATE messages SET id = 3.5",
           "UPDATE messages SET id = CAST(zeroblob(1000000) AS TEXT) WHERE typeof(id) = 'text'",
           "UPDATE messages SET serializer = 'PERL'",
           "UPDATE messages SET serializer = CAST(zeroblob(99999) AS TEXT)",
           "UPDATE messages SET serializer = 'CBOR', content = x'9bffffffffffffffff'",
           "UPDATE messages SET serializer = 'MessagePack', content = x'ddffffffff'",
           "UPDATE messages SET content = zeroblob(30000000)",
           "UPDATE messages SET content = 9e999",
           "UPDATE messages SET content = replace(hex(zeroblob(2000000)), '0', '[')",
           "UPDATE messages SET place = place - (1 << 50)",
           "UPDATE messages SET place = place + (1 << 52)",
           "UPDATE later SET due = -9e999",
           "UPDATE later SET due = 9e999, schedule = 'daily'",
           "UPDATE later SET place = -place",
           "UPDATE schedules SET recurrence = 'every 1ms', anchor = -9e999",
           "UPDATE schedules SET recurrence = 'every 1s', missed = 'all'; UPDATE later SET due = 1",
           "UPDATE schedules SET recurrence = '0 0 30 2 *'; UPDATE later SET due = 1",
           "UPDATE schedules SET place = 1, recipient = " + big,
           "UPDATE schedules SET recipient = -1",
           "UPDATE workers SET peer = " + big + ", epoch = -1, first_lease_end = 9e999",
           "UPDATE claims SET worker = worker + 77, claim = -1",
           "INSERT INTO queue_settings(queue, paused, max_attempts, backoff, retry_delay, max_retry_delay,"
           " dedup_window) SELECT peer_id, 0, -" +
               big +
               ", 'never', -9e999, 9e999, 9e999 FROM peers WHERE kind ="
               " 'peer'",
           "UPDATE queue_settings SET max_attempts = " + big + ", retry_delay = 9e999, max_retry_delay = -1",
           "UPDATE dead SET place = " + big + ", recipient = -1, attempts = " + big + ", died_at = 9e999",
           "UPDATE dedup_keys SET until = 9e999, held = " + big + ", id = x'00'",
           "UPDATE sqlite_sequence SET seq = " + big}) {
    BOOST_TEST_CONTEXT(sql) {
      const Tampered route(sql);
      BOOST_TEST(route.undergo().wrong == "");
    }
  }
}

BOOST_AUTO_TEST_CASE(values_of_the_wrong_type_in_tables_that_look_strict_do_no_harm) {
  for (const char* column : {"id", "sender", "stamp", "broadcast", "serializer", "content", "attempts", "group_key",
                             "expires_at", "correlation_id"}) {
    for (const char* value : {"NULL", "x'ff00'", "'twelve'", "-7", "1e300", "zeroblob(70000)"}) {
      const std::string text = std::string(column) + " = " + value;
      // Without its types the table takes anything; then it looks as before.
      const std::string loose = retold("messages", " NOT NULL", "") + retold("messages", ") STRICT", ")");
      const Tampered route("CREATE TEMP TABLE kept AS SELECT sql FROM sqlite_schema WHERE name = 'messages';" + loose +
                           "UPDATE OR IGNORE messages SET " + text +
                           "; PRAGMA writable_schema = ON;"
                           "UPDATE sqlite_schema SET sql = (SELECT sql FROM kept) WHERE name = 'messages'");
      BOOST_TEST(route.undergo().wrong == "", text);
    }
  }
}

BOOST_AUTO_TEST_CASE(the_settings_of_a_queue_that_a_stranger_wrote_are_brought_within_reason) {
  const Tampered route(
      "INSERT OR REPLACE INTO queue_settings(queue, paused, max_attempts, backoff, retry_delay, max_retry_delay,"
      " dedup_window) SELECT peer_id, 0, 3, 'fixed', 9e999, -1, 9e999 FROM peers WHERE kind = 'queue'");
  const auto worker = ipcm::connect("worker", route.info());
  auto claims = worker->claim("jobs");
  BOOST_REQUIRE(claims.size() == 1);
  BOOST_TEST(claims.front().fail("later"));
  bool found = false;
  for (const ipcm::JobInfo& job : worker->jobs("jobs")) {
    if (job.message.id() != claims.front().message().id()) continue;
    BOOST_REQUIRE(job.due.has_value());
    BOOST_TEST(*job.due < 1e10);  // and not the end of time
    found = true;
  }
  BOOST_TEST(found);
}

BOOST_AUTO_TEST_SUITE_END()
