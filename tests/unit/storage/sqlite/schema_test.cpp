// SPDX-License-Identifier: MIT
#include "storage/sqlite/schema.hpp"

#include <filesystem>
#include <future>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>
#include <boost/test/unit_test.hpp>

#include <ipcm/error.hpp>

#include "storage/sqlite/expected_schema.hpp"
#include "storage/sqlite/inspect.hpp"
#include "storage/sqlite/locks.hpp"
#include "storage/sqlite/migrate.hpp"
#include "storage/sqlite/route_file.hpp"
#include "storage/sqlite/route_record.hpp"
#include "storage/sqlite/schema_text.hpp"
#include "storage/sqlite/sqlite_store.hpp"
#include "support/process.hpp"
#include "support/temporary_folder.hpp"

using namespace ipcm::storage::sqlite;
using ipcm::Error;
using ipcm::ErrorCode;
using std::chrono::milliseconds;

namespace {

constexpr milliseconds kPatience{10'000};

std::map<std::string, std::string> objects_of(SQLite::Database& database) {
  std::map<std::string, std::string> objects;
  SQLite::Statement select(database, "SELECT type || ' ' || name, sql FROM sqlite_schema WHERE sql IS NOT NULL");
  while (select.executeStep())
    objects[select.getColumn(0).getString()] = without_comments(select.getColumn(1).getString());
  return objects;
}

RoutePath new_route(const test::TemporaryFolder& folder) {
  const RoutePath path(folder.file("route.ipcm"));
  BOOST_REQUIRE(create_route(path, {"an-id", 1.5, "relaxed", 1000}, kPatience));
  return path;
}

// As a process leaves it that dies while it writes in that journal mode; SQLite would undo that in whatever is there.
void leave_hot_journal(const test::TemporaryFolder& folder, const RoutePath& lost) {
  const RoutePath old(folder.file("old.ipcm"));
  SQLite::Database database(old.database(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
  database.exec("PRAGMA synchronous = OFF; CREATE TABLE stale(a); BEGIN; INSERT INTO stale VALUES(1)");
  std::filesystem::copy_file(old.rollback_journal(), lost.rollback_journal());
  BOOST_REQUIRE(test::read_file(lost.rollback_journal()).starts_with("\xd9\xd5\x05\xf9"));
}

auto with_code(ErrorCode code) {
  return [code](const Error& error) { return error.code() == code; };
}

}  // namespace

BOOST_AUTO_TEST_SUITE(schema)

BOOST_AUTO_TEST_CASE(the_migrations_lead_to_the_schema_that_new_routes_get) {
  SQLite::Database replayed(":memory:", SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
  for (const Migration& migration : kMigrations) replayed.exec(migration.sql);
  SQLite::Database current(":memory:", SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
  current.exec(kSchemaSql);
  const auto expected = objects_of(current);
  const auto found = objects_of(replayed);
  BOOST_TEST(expected.size() == found.size());
  for (const auto& [name, sql] : expected) {
    BOOST_TEST_CONTEXT(name) BOOST_TEST((found.contains(name) && found.at(name) == sql));
  }
}

BOOST_AUTO_TEST_CASE(of_each_version_the_library_knows_the_objects_that_its_migrations_make) {
  SQLite::Database replayed(":memory:", SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
  BOOST_REQUIRE(kSchemaVersions.size() == kMigrations.size());
  for (std::size_t step = 0; step < kMigrations.size(); ++step) {
    BOOST_TEST_CONTEXT("version " << kMigrations[step].version) {
      BOOST_TEST(kSchemaVersions[step].version == kMigrations[step].version);
      replayed.exec(kMigrations[step].sql);
      std::map<std::string, std::string> known;
      for (const SchemaObject& object : kSchemaVersions[step].objects) {
        known[std::string(object.type) + " " + object.name] = without_comments(object.sql != nullptr ? object.sql : "");
      }
      BOOST_TEST((known == objects_of(replayed)));
      BOOST_TEST(!difference_in_tables(replayed, kMigrations[step].version));
    }
  }
}

BOOST_AUTO_TEST_CASE(what_a_schema_lacks_has_otherwise_and_has_beside_it_is_told_apart) {
  SQLite::Database database(":memory:", SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
  database.exec(kSchemaSql);
  database.exec(
      "CREATE TABLE own(a); CREATE TRIGGER mine AFTER INSERT ON own BEGIN SELECT 1; END;"
      "DROP INDEX later_by_due; DROP VIEW inbox; CREATE VIEW inbox AS SELECT 1; DROP TABLE dead");
  const SchemaDifference difference = difference_in_schema(database, current_schema_version());
  BOOST_TEST(
      difference.missing == (std::vector<std::string>{"index dead_by_recipient", "index later_by_due", "table dead"}),
      boost::test_tools::per_element());
  BOOST_TEST(difference.changed == (std::vector<std::string>{"view inbox"}), boost::test_tools::per_element());
  BOOST_TEST(difference.foreign == (std::vector<std::string>{"table own", "trigger mine"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(comments_and_space_make_no_difference_but_texts_do) {
  BOOST_TEST(without_comments("CREATE TABLE  t(\n  a TEXT, -- it's\n  b INTEGER\n)") ==
             "CREATE TABLE t(a TEXT,b INTEGER)");
  BOOST_TEST(without_comments("CREATE TABLE t(a TEXT, b INTEGER -- it's\n)") == "CREATE TABLE t(a TEXT,b INTEGER)");
  BOOST_TEST(without_comments("SELECT '-- no  comment', \"a  b\"") == "SELECT'-- no  comment',\"a  b\"");
  BOOST_TEST(without_comments("SELECT 'it''s  --' -- end") == "SELECT'it''s  --'");
  BOOST_TEST(without_comments("SELECT 'open") == "SELECT'open");
  BOOST_TEST(without_comments("") == "");
}

BOOST_AUTO_TEST_CASE(migrations_are_numbered_without_a_gap) {
  int expected = 0;
  for (const Migration& migration : kMigrations) BOOST_TEST(migration.version == ++expected);
}

BOOST_AUTO_TEST_CASE(a_step_and_its_version_are_one_transaction) {
  const test::TemporaryFolder folder;
  const RoutePath path = new_route(folder);
  Connection connection(path, kPatience);
  const int before = connection.schema_version();
  const Migration good{before + 1, "good", "CREATE TABLE extra(a INTEGER) STRICT;"};
  const Migration broken{before + 2, "broken", "CREATE TABLE more(a INTEGER) STRICT; SELECT * FROM nothing;"};
  const Migration steps[] = {good, broken};
  BOOST_CHECK_THROW(migrate(connection, steps), Error);
  BOOST_TEST(connection.schema_version() == before + 1);
  BOOST_TEST(connection.database().tableExists("extra"));
  BOOST_TEST(!connection.database().tableExists("more"));
  const Migration mended[] = {good, {before + 2, "mended", "CREATE TABLE more(a INTEGER) STRICT;"}};
  BOOST_TEST(migrate(connection, mended) == before + 1);
  BOOST_TEST(connection.schema_version() == before + 2);
  BOOST_TEST(migrate(connection, mended) == before + 2);
}

BOOST_AUTO_TEST_CASE(a_route_of_version_1_keeps_its_mail) {
  const test::TemporaryFolder folder;
  const RoutePath path(folder.file("route.ipcm"));
  {
    SQLite::Database old(path.database(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    old.exec("PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL; PRAGMA application_id = " +
             std::to_string(kApplicationId) + "; PRAGMA user_version = 1");
    old.exec(kMigrations[0].sql);
    old.exec(
        "INSERT INTO route VALUES (1, 'an-id', 1.5, 'relaxed', 1000);"
        "INSERT INTO peers VALUES (1, 'worker', 'suspended', NULL, NULL, NULL, NULL, 1);"
        "INSERT INTO send(sender, recipient, content) VALUES ('boss', 'worker', '{\"n\":1}')");
  }
  const std::string bytes = test::read_file(path.database());
  BOOST_CHECK_EXCEPTION(SqliteStore(path, kPatience), Error, with_code(ErrorCode::RouteTooOld));
  {
    Connection connection(path, kPatience);
    BOOST_TEST(migrate(connection, kMigrations) == 1);
  }
  SqliteStore store(path, kPatience);
  BOOST_TEST(store.record().notifier == "auto");
  int found = 0;
  store.read([&](ipcm::storage::Snapshot& view) {
    view.peek(1, 10, [&](const ipcm::storage::StoredMessage& message) {
      ++found;
      BOOST_TEST(message.parcel.content == "{\"n\":1}");
      BOOST_TEST(message.parcel.reply_to.empty());
      return true;
    });
  });
  BOOST_TEST(found == 1);
  BOOST_TEST(audit_of(store.connection().database()).problems.empty());
}

// A process of the version before it goes on reading, from the view that it has, while the route is migrated, and finds
// what it was waiting for afterwards; one that is in the middle of a write is waited for.
BOOST_AUTO_TEST_CASE(a_route_of_version_2_migrates_while_another_process_waits_and_another_one_writes) {
  const test::TemporaryFolder folder;
  const RoutePath path(folder.file("route.ipcm"));
  {
    SQLite::Database old(path.database(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    old.exec("PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL; PRAGMA application_id = " +
             std::to_string(kApplicationId) + "; PRAGMA user_version = 2");
    old.exec(kMigrations[0].sql);
    old.exec(kMigrations[1].sql);
    old.exec(
        "INSERT INTO route VALUES (1, 'an-id', 1.5, 'relaxed', 1000, 'auto');"
        "INSERT INTO peers VALUES (1, 'worker', 'suspended', NULL, NULL, NULL, NULL, 1);"
        "INSERT INTO send(sender, recipient, content) VALUES ('boss', 'worker', '{\"n\":1}')");
  }
  // The statements of version 2, in processes of their own.
  test::Process waiting({"sqlite3", path.database()});
  waiting.write("PRAGMA wal_autocheckpoint = 0;\nBEGIN;\nSELECT count(*) || ' there' FROM messages;\n");
  waiting.wait_for_line("1 there");
  test::Process writing({"sqlite3", path.database()});
  writing.write(".timeout 60000\nPRAGMA wal_autocheckpoint = 0;\nBEGIN IMMEDIATE;\nSELECT 'begun';\n");
  writing.wait_for_line("begun");

  auto migrated = std::async(std::launch::async, [&] {
    Connection connection(path, std::chrono::seconds(60));
    return migrate(connection, kMigrations);
  });
  writing.write(
      "INSERT INTO send(sender, recipient, content) VALUES ('boss', 'worker', '{\"n\":2}');\nCOMMIT;\n"
      "SELECT 'written';\n");
  writing.wait_for_line("written");
  BOOST_TEST(migrated.get() == 2);

  waiting.write("SELECT count(*) || ' still' FROM messages;\nCOMMIT;\n");
  waiting.wait_for_line("1 still");
  waiting.write("SELECT count(*) || ' now' FROM messages WHERE place BETWEEN 1 << 43 AND (2 << 43) - 1;\n");
  waiting.wait_for_line("2 now");
  BOOST_TEST(waiting.finish().exit_code == 0);
  BOOST_TEST(writing.finish().exit_code == 0);

  SqliteStore store(path, kPatience);
  store.read([&](ipcm::storage::Snapshot& view) { BOOST_TEST(view.has_mail(1, 0)); });
  BOOST_TEST(audit_of(store.connection().database()).problems.empty());
}

BOOST_AUTO_TEST_CASE(a_route_of_another_version_is_opened_by_nobody_else) {
  const test::TemporaryFolder folder;
  const RoutePath path = new_route(folder);
  {
    Connection connection(path, kPatience);
    connection.database().exec("PRAGMA user_version = " + std::to_string(current_schema_version() + 1));
  }
  const std::string bytes = test::read_file(path.database());
  BOOST_CHECK_EXCEPTION(SqliteStore(path, kPatience), Error, with_code(ErrorCode::RouteTooNew));
  BOOST_TEST((test::read_file(path.database()) == bytes));
}

BOOST_AUTO_TEST_CASE(an_older_route_says_what_to_do) {
  const test::TemporaryFolder folder;
  const RoutePath path = new_route(folder);
  Connection(path, kPatience).database().exec("PRAGMA user_version = 1");
  BOOST_CHECK_EXCEPTION(SqliteStore(path, kPatience), Error, [](const Error& error) {
    return error.code() == ErrorCode::RouteTooOld &&
           std::string(error.what()).find("ipcm migrate") != std::string::npos;
  });
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(route_file)

BOOST_AUTO_TEST_CASE(a_new_route_is_one_private_file_with_its_marks) {
  namespace fs = std::filesystem;
  const test::TemporaryFolder folder;
  const RoutePath path = new_route(folder);
  BOOST_TEST((fs::status(path.database()).permissions() == (fs::perms::owner_read | fs::perms::owner_write)));
  BOOST_TEST(!fs::exists(path.write_ahead_log()));
  Connection connection(path, kPatience);
  SQLite::Database& database = connection.database();
  BOOST_TEST(database.execAndGet("PRAGMA application_id").getInt() == kApplicationId);
  BOOST_TEST(database.execAndGet("PRAGMA user_version").getInt() == current_schema_version());
  BOOST_TEST(database.execAndGet("PRAGMA journal_mode").getString() == "wal");
  BOOST_TEST(database.execAndGet("PRAGMA auto_vacuum").getInt() == 2);
  BOOST_TEST(database.execAndGet("PRAGMA page_size").getInt() == 4096);
  const NewRoute record = read_route_record(database, path);
  BOOST_TEST(record.id == "an-id");
  BOOST_TEST(record.durability == "relaxed");
  BOOST_TEST(record.max_content == 1000U);
  database.exec("CREATE TABLE more(a) ");
  BOOST_TEST((fs::status(path.write_ahead_log()).permissions() == (fs::perms::owner_read | fs::perms::owner_write)));
}

BOOST_AUTO_TEST_CASE(an_existing_file_of_any_kind_is_not_replaced) {
  const test::TemporaryFolder folder;
  const RoutePath path(folder.file("route.ipcm"));
  test::write_file(path.database(), "something of somebody's");
  BOOST_TEST(!create_route(path, {"id", 0, "full", 1}, kPatience));
  BOOST_TEST(test::read_file(path.database()) == "something of somebody's");
}

BOOST_AUTO_TEST_CASE(what_a_lost_route_left_behind_is_not_played_into_a_new_one) {
  const test::TemporaryFolder folder;
  const RoutePath path = new_route(folder);
  const RoutePath lost(folder.file("lost.ipcm"));
  {
    Connection connection(path, kPatience);
    connection.database().exec("CREATE TABLE stale(a)");
    std::filesystem::copy_file(path.write_ahead_log(), lost.write_ahead_log());
  }
  leave_hot_journal(folder, lost);
  BOOST_REQUIRE(create_route(lost, {"id", 0, "full", 1000}, kPatience));
  BOOST_TEST(!std::filesystem::exists(lost.rollback_journal()));
  Connection connection(lost, kPatience);
  BOOST_TEST(!connection.database().tableExists("stale"));
  BOOST_TEST(read_route_record(connection.database(), lost).id == "id");
}

BOOST_AUTO_TEST_CASE(what_no_route_left_behind_is_not_cleared_away) {
  const test::TemporaryFolder folder;
  const RoutePath path(folder.file("lost.ipcm"));
  for (const std::string& side : {path.write_ahead_log(), path.rollback_journal(), path.draft().database()}) {
    test::write_file(side, "something of somebody's");
    BOOST_CHECK_EXCEPTION(create_route(path, {"id", 0, "full", 1}, kPatience), Error, with_code(ErrorCode::Unsafe));
    BOOST_TEST(test::read_file(side) == "something of somebody's");
    BOOST_TEST(!std::filesystem::exists(path.database()));
    std::filesystem::remove(side);
  }
}

BOOST_AUTO_TEST_CASE(a_new_route_has_none_of_the_names_that_clients_of_a_lost_one_hold) {
  const test::TemporaryFolder folder;
  const RoutePath path = new_route(folder);
  SqliteStore of_lost(path, kPatience);
  BOOST_REQUIRE(of_lost.hold_presence(1));
  for (const std::string& file : {path.database(), path.write_ahead_log(), path.shared_memory()}) {
    std::filesystem::remove(file);  // as far as a removal came that was cut short
  }
  BOOST_REQUIRE(create_route(path, {"successor", 0, "full", 1000}, kPatience));
  SqliteStore store(path, kPatience);
  BOOST_TEST(!store.is_present(1));
  BOOST_TEST(store.hold_presence(1));
  BOOST_CHECK_EXCEPTION(of_lost.connection().require_route(), Error, with_code(ErrorCode::RouteGone));
}

BOOST_AUTO_TEST_CASE(removing_takes_every_side_file_and_nothing_else) {
  const test::TemporaryFolder folder;
  const RoutePath path = new_route(folder);
  std::filesystem::create_directory(path.wake_folder());
  test::write_file(folder.file("other"), "");
  BOOST_TEST(remove_route(path, kPatience));
  BOOST_TEST(!remove_route(path, kPatience));
  std::vector<std::string> left;
  for (const auto& entry : std::filesystem::directory_iterator(folder.path())) left.push_back(entry.path().filename());
  BOOST_TEST(left == std::vector<std::string>{"other"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_connection_to_a_replaced_route_leaves_its_successors_log_alone) {
  const test::TemporaryFolder folder;
  const RoutePath path = new_route(folder);
  auto before = std::make_unique<Connection>(path, kPatience);
  BOOST_REQUIRE(remove_route(path, kPatience));
  BOOST_REQUIRE(create_route(path, {"successor", 0, "full", 1000}, kPatience));
  Connection after(path, kPatience);
  after.database().exec("CREATE TABLE kept(a)");
  BOOST_CHECK_EXCEPTION(before->require_route(), Error, with_code(ErrorCode::RouteGone));
  before.reset();
  BOOST_TEST(std::filesystem::exists(path.write_ahead_log()));
  after.require_route();
  SQLite::Database other(path.database(), SQLite::OPEN_READONLY);
  BOOST_TEST(other.tableExists("kept"));
}

BOOST_AUTO_TEST_CASE(the_turn_to_write_is_waited_for_and_given_up_with_a_reason) {
  const test::TemporaryFolder folder;
  const RoutePath path = new_route(folder);
  Connection one(path, kPatience);
  Connection other(path, kPatience);
  const WriteTurn turn(one.locks(), kPatience);
  BOOST_CHECK_EXCEPTION(WriteTurn(other.locks(), milliseconds(20)), Error, with_code(ErrorCode::Busy));
}

BOOST_AUTO_TEST_SUITE_END()
