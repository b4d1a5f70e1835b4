// SPDX-License-Identifier: MIT
// What `ipcm doctor` finds: each finding on a route that is in that state.
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <functional>
#include <map>

#include "integration/route_file.hpp"
#include "integration/sqlite_shell.hpp"
#include "support/errors.hpp"
#include "support/remote_peer.hpp"
#include "support/text.hpp"

namespace {

namespace fs = std::filesystem;
using ipcm::Finding;
using ipcm::Severity;

std::vector<Finding> findings_of(const std::string& path) {
  return ipcm::examine_route(ipcm::ConnectionInfo::parse(path));
}

std::string text_of(const std::vector<Finding>& findings) {
  std::string text;
  for (const Finding& finding : findings) {
    text += std::string(ipcm::to_string(finding.severity)) + " " + finding.about + ": " + finding.text + " [" +
            finding.advice + "]\n";
  }
  return text;
}

bool has(const std::vector<Finding>& findings, Severity severity, const std::string& about, const std::string& words) {
  for (const Finding& finding : findings) {
    if (finding.severity != severity || finding.about != about) continue;
    if (finding.text.find(words) != std::string::npos) return true;
  }
  return false;
}

/// That there is such a finding, with advice where it is worse than a note.
void check_found(const std::string& path, Severity severity, const std::string& about, const std::string& words) {
  const std::vector<Finding> findings = findings_of(path);
  BOOST_TEST(has(findings, severity, about, words), "no " << ipcm::to_string(severity) << " " << about << " with \""
                                                          << words << "\" in\n"
                                                          << text_of(findings));
  for (const Finding& finding : findings) {
    BOOST_TEST(!finding.text.empty());
    if (finding.severity >= Severity::warning) BOOST_TEST(!finding.advice.empty(), finding.text);
  }
}

/// Nothing worse than a note.
void check_sound(const std::string& path) {
  const std::vector<Finding> findings = findings_of(path);
  for (const Finding& finding : findings) BOOST_TEST((finding.severity < Severity::warning), finding.text);
  BOOST_TEST(!findings.empty());
}

using Files = std::map<std::string, std::string>;

/// -shm is SQLite's index of the log, and nothing of its own.
Files files_in(const fs::path& folder) {
  Files files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    const std::string path = entry.path().string();
    if (path.ends_with("-shm")) continue;
    files[path] = entry.is_regular_file() ? test::read_file(path) : "";
  }
  return files;
}

void check_nothing_changes(const test::RouteFile& route) {
  const Files before = files_in(route.folder().path());
  findings_of(route.path());
  BOOST_TEST((files_in(route.folder().path()) == before), "the route changed");
}

void change(const test::RouteFile& route, const std::string& sql) {
  BOOST_TEST(test::PlainSql(route.path()).run(sql) == "");
}

void kill_with_mail_sent(const test::RouteFile& route) {
  test::RemotePeer boss(route.info(), "boss");
  boss.send("worker", "sent before the kill");
  boss.kill();
}

struct RouteOfWorker : test::RouteFile {
  RouteOfWorker() { make_suspended("worker"); }
};

boost::test_tools::assertion_result is_root(boost::unit_test::test_unit_id) {
  boost::test_tools::assertion_result answer(::geteuid() == 0);
  answer.message() << "only root can give files to others";
  return answer;
}

boost::test_tools::assertion_result has_memory_folder(boost::unit_test::test_unit_id) {
  boost::test_tools::assertion_result answer(::access("/dev/shm", W_OK) == 0);
  answer.message() << "there is no /dev/shm to write to";
  return answer;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(examine)

BOOST_FIXTURE_TEST_CASE(a_route_at_rest_is_sound_and_is_not_changed, RouteOfWorker) {
  check_sound(path());
  const auto first = findings_of(path()).front();
  BOOST_TEST(first.about == "route");
  BOOST_TEST(first.text.starts_with(path() + " is a route of "), first.text);
  check_nothing_changes(*this);
  BOOST_TEST(!fs::exists(path() + "-shm"));
}

BOOST_FIXTURE_TEST_CASE(a_route_that_is_in_use_is_sound_and_is_not_changed, RouteOfWorker) {
  const auto here = connect("boss");
  test::RemotePeer elsewhere(info(), "worker");
  here->send_message("worker", 1);
  check_sound(path());
  check_nothing_changes(*this);
  BOOST_TEST(elsewhere.get().size() == 1U);
  here->send_message("worker", 2);  // the look has taken nobody's locks away
  BOOST_TEST(elsewhere.get().size() == 1U);
}

BOOST_FIXTURE_TEST_CASE(the_log_of_clients_that_were_killed_is_told_of_and_not_changed, RouteOfWorker) {
  kill_with_mail_sent(*this);
  check_nothing_changes(*this);
  check_found(path(), Severity::note, "log", "its last clients were killed");
  BOOST_TEST(connect("worker")->get_messages().size() == 1U);
}

BOOST_FIXTURE_TEST_CASE(commits_that_have_vanished_are_a_problem_until_they_are_accepted, RouteOfWorker) {
  kill_with_mail_sent(*this);
  fs::remove(path() + "-wal");
  fs::remove(path() + "-shm");
  check_found(path(), Severity::problem, "vanished", "1 message to \"worker\" has vanished");
  check_nothing_changes(*this);
  ipcm::accept_loss(info());
  BOOST_TEST(!has(findings_of(path()), Severity::problem, "vanished", ""));
}

BOOST_AUTO_TEST_CASE(what_cannot_be_opened_is_explained) {
  const test::TemporaryFolder folder;
  const std::string path = folder.file("jobs.ipcm");
  check_found(path, Severity::problem, "route", "there is no route at");
  check_found(folder.path().string(), Severity::problem, "route", "it is a folder");
  test::write_file(path, "");
  check_found(path, Severity::problem, "route", "the file is empty");
  test::write_file(path, std::string(5000, 'x'));
  check_found(path, Severity::problem, "route", "not an SQLite database");
  fs::remove(path);
  test::write_file(path + "-wal", "what is left");
  check_found(path, Severity::problem, "log", "a log without its route");
  BOOST_TEST(fs::exists(path + "-wal"));
}

BOOST_FIXTURE_TEST_CASE(routes_of_other_versions_are_explained, RouteOfWorker) {
  change(*this, "PRAGMA user_version = 2");
  check_found(path(), Severity::warning, "route", "schema version 2");
  change(*this, "PRAGMA user_version = 9999");
  check_found(path(), Severity::problem, "route", "9999");
}

BOOST_FIXTURE_TEST_CASE(a_damaged_file_is_a_problem, RouteOfWorker) {
  const std::string whole = test::read_file(path());
  for (const std::size_t where : {0U, 16U, 100U, 8192U}) {
    std::string damaged = whole;
    for (std::size_t n = where; n < where + 60; ++n) damaged[n] = static_cast<char>(n * 31 + 7);
    test::write_file(path(), damaged);
    bool any = false;
    for (const Finding& finding : findings_of(path())) any = any || finding.severity == Severity::problem;
    BOOST_TEST(any, "nothing found of noise at " << where);
    BOOST_TEST((test::read_file(path()) == damaged));
  }
  test::write_file(path(), whole.substr(0, whole.size() - 4096));
  check_found(path(), Severity::problem, "route", "malformed");
}

BOOST_FIXTURE_TEST_CASE(books_that_do_not_balance_are_a_problem, RouteOfWorker) {
  const auto boss = connect("boss");
  boss->send_message("worker", 1);
  boss->send_message("worker", 2);
  change(*this, "DELETE FROM messages WHERE place = (SELECT min(place) FROM messages)");
  check_found(path(), Severity::problem, "contents", "gave out 2 numbers");
}

BOOST_FIXTURE_TEST_CASE(a_schema_of_a_stranger_is_a_problem_and_runs_nothing, RouteOfWorker) {
  change(*this,
         "ALTER TABLE peers RENAME TO hidden; CREATE VIEW peers AS WITH RECURSIVE n(x) AS"
         " (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x AS peer_id, 'x' AS name FROM n");
  bool any = false;
  for (const Finding& finding : findings_of(path())) any = any || finding.severity == Severity::problem;
  BOOST_TEST(any);
}

BOOST_FIXTURE_TEST_CASE(files_that_are_open_to_others_are_told_of, RouteOfWorker) {
  fs::permissions(path(), fs::perms(0644));
  check_found(path(), Severity::warning, "modes", "others than its owner may read " + path());
  fs::permissions(path(), fs::perms(0620));
  check_found(path(), Severity::warning, "modes", "others than its owner may write " + path());
  fs::permissions(path(), fs::perms(0606));
  check_found(path(), Severity::problem, "modes", "every user of this machine may write " + path());
  fs::permissions(path(), fs::perms(0600));
  fs::permissions(path() + "-lock", fs::perms(0666));
  check_found(path(), Severity::problem, "modes", path() + "-lock");
  fs::permissions(path() + "-lock", fs::perms(0600));
  fs::permissions(folder().path(), fs::perms(0777));
  check_found(path(), Severity::problem, "folder", "may remove or replace the route");
}

BOOST_FIXTURE_TEST_CASE(a_route_of_a_group_is_judged_as_one, RouteOfWorker) {
  fs::permissions(path(), fs::perms(0660));
  check_found(path(), Severity::problem, "modes", "whose members cannot use " + path() + "-lock");

  const std::string shared = folder().file("shared.ipcm");
  const auto route = ipcm::spawn({.route = shared, .group = std::to_string(::getegid())});
  route.connect("worker", {.at_end = ipcm::ConnectOptions::AtEnd::suspend})->wait(std::chrono::seconds(0));
  check_found(shared, Severity::ok, "modes", "are private to the group");
  fs::permissions(shared + "-lock", fs::perms(0664));
  check_found(shared, Severity::warning, "modes", "others than its owner may read " + shared + "-lock");
}

BOOST_FIXTURE_TEST_CASE(links_are_told_of, RouteOfWorker) {
  const std::string link = folder().file("link.ipcm");
  fs::create_symlink(path(), link);
  check_found(link, Severity::note, "links", "is a symbolic link to " + path());
  fs::create_hard_link(path(), folder().file("second.ipcm"));
  check_found(path(), Severity::problem, "links", "2 names");
  fs::remove(path() + "-lock");
  fs::create_symlink("/dev/null", path() + "-lock");
  check_found(path(), Severity::problem, "links", path() + "-lock is a symbolic link");
}

BOOST_FIXTURE_TEST_CASE(files_of_another_owner_are_a_problem, RouteOfWorker, *boost::unit_test::precondition(is_root)) {
  BOOST_REQUIRE(::chown((path() + "-lock").c_str(), 65534, 65534) == 0);
  check_found(path(), Severity::problem, "modes", path() + "-lock belongs to");
}

BOOST_FIXTURE_TEST_CASE(a_route_in_memory_is_told_of, RouteOfWorker,
                        *boost::unit_test::precondition(has_memory_folder)) {
  const fs::path memory = "/dev/shm/ipcm-test-" + std::to_string(::getpid());
  fs::create_directory(memory);
  fs::copy_file(path(), memory / "jobs.ipcm");
  check_found((memory / "jobs.ipcm").string(), Severity::note, "file system", "lies in memory (tmpfs)");
  fs::remove_all(memory);
}

BOOST_FIXTURE_TEST_CASE(mail_that_nobody_reads_is_told_of, RouteOfWorker) {
  const auto boss = connect("boss");
  boss->send_message("worker", 1);
  check_found(path(), Severity::note, "peers", "1 message waits for peers that mean to come back: \"worker\" (1)");
  {
    test::RemotePeer worker(info(), "worker");
    worker.kill();
  }
  check_found(path(), Severity::warning, "peers", "waits for peers whose process died: \"worker\" (1)");
  connect("worker", {.at_end = ipcm::ConnectOptions::AtEnd::suspend})->suspend(std::chrono::milliseconds(1));
  BOOST_TEST(test::eventually(
      [&] { return has(findings_of(path()), Severity::warning, "peers", "did not come back in time"); }));
  connect("worker")->disconnect();
  check_found(path(), Severity::warning, "peers", "said goodbye: \"worker\" (1)");
}

BOOST_FIXTURE_TEST_CASE(a_client_that_is_stopped_is_told_of, RouteOfWorker) {
  test::RemotePeer worker(info(), "worker");
  ::kill(worker.pid(), SIGSTOP);
  BOOST_TEST(test::eventually(
      [&] { return has(findings_of(path()), Severity::warning, "peers", "stopped, so that nobody reads"); }));
  ::kill(worker.pid(), SIGCONT);
}

BOOST_AUTO_TEST_CASE(a_client_that_is_stopped_with_the_turn_to_write_is_a_problem) {
  const test::RouteFile route;
  const auto boss = route.connect("boss");
  test::Process process({test::child("stopping_writer"), route.info().to_string(), "worker"});
  process.wait_until_stopped();
  check_found(route.path(), Severity::problem, "turn",
              "process " + std::to_string(process.pid()) + " (stopping_writer) has the turn to write and is stopped");
  check_nothing_changes(route);
  process.signal(SIGKILL);
  BOOST_TEST(test::eventually([&] { return has(findings_of(route.path()), Severity::ok, "turn", ""); }));
}

BOOST_FIXTURE_TEST_CASE(shells_that_read_or_write_for_long_are_told_of, RouteOfWorker,
                        *boost::unit_test::precondition(test::has_sqlite_shell)) {
  const auto boss = connect("boss");
  boss->send_message("worker", 1);
  {
    test::SqliteShell shell(path());
    shell.ask("BEGIN; SELECT count(*) FROM messages");
    check_found(path(), Severity::note, "readers", "(sqlite3) has been reading for a while");
  }
  test::SqliteShell shell(path());
  shell.ask("BEGIN IMMEDIATE");
  check_found(path(), Severity::problem, "turn", "(sqlite3) has an open transaction that writes");
}

BOOST_FIXTURE_TEST_CASE(a_log_that_was_removed_under_its_clients_is_a_problem, RouteOfWorker) {
  test::RemotePeer boss(info(), "boss");
  boss.send("worker", 1);
  fs::remove(path() + "-wal");
  check_found(path(), Severity::problem, "log", "clients are connected, but their log");
  BOOST_TEST(!fs::exists(path() + "-wal"));
}

BOOST_FIXTURE_TEST_CASE(a_journal_mode_that_somebody_changed_is_told_of, RouteOfWorker) {
  BOOST_TEST(test::PlainSql(path()).query("PRAGMA journal_mode = DELETE") == "delete");
  check_found(path(), Severity::warning, "journal", "out of the mode WAL");
}

BOOST_FIXTURE_TEST_CASE(space_that_is_free_in_the_file_is_told_of, RouteOfWorker) {
  {
    test::PlainSql sql(path());
    BOOST_TEST(
        sql.run("CREATE TABLE filler(bytes); INSERT INTO filler VALUES (zeroblob(20000000)); DROP TABLE filler") == "");
  }
  check_found(path(), Severity::note, "free pages", "free for messages to come");
}

BOOST_FIXTURE_TEST_CASE(sockets_of_clients_that_were_killed_are_told_of, RouteOfWorker) {
  test::RemotePeer worker(info(), "worker");
  worker.start({"wait", 60'000});
  BOOST_TEST(test::eventually([&] { return fs::exists(path() + "-wake") && !fs::is_empty(path() + "-wake"); }));
  check_found(path(), Severity::ok, "sockets", "no client has left a socket behind");
  worker.kill();
  check_found(path(), Severity::note, "sockets", "left of clients that were killed");
}

BOOST_FIXTURE_TEST_CASE(queues_without_workers_and_paused_ones_are_told_of, RouteOfWorker) {
  const auto boss = connect("boss");
  boss->create_queue("mail");
  check_found(path(), Severity::ok, "queues", "queue \"mail\": 0 ready");
  boss->send_message("mail", 1);
  check_found(path(), Severity::warning, "queues",
              "queue \"mail\": 1 ready, 0 in flight, 0 for later, 0 workers: nobody");
  boss->pause_queue("mail");
  check_found(path(), Severity::note, "queues", "it is paused");
}

BOOST_FIXTURE_TEST_CASE(claims_of_workers_that_died_or_hang_are_told_of, RouteOfWorker) {
  const auto boss = connect("boss");
  boss->create_queue("mail");
  boss->send_message("mail", 1);
  test::RemotePeer hanging(info(), "hanging");
  BOOST_TEST(hanging.call({"claim", "mail", 1, 1, 0}).size() == 1U);
  BOOST_TEST(test::eventually([&] {
    return has(findings_of(path()), Severity::warning, "claims", "the leases of 1 job of queue \"mail\" have run out");
  }));
  hanging.kill();
  check_found(path(), Severity::note, "claims", "1 job of queue \"mail\" is still claimed by workers that have died");
}

BOOST_FIXTURE_TEST_CASE(dead_letters_are_told_of_with_their_last_reason, RouteOfWorker) {
  const auto boss = connect("boss");
  boss->create_queue("mail");
  check_found(path(), Severity::ok, "dead letters", "no dead letters");
  boss->send_message("mail", 1);
  boss->claim("mail", {}).at(0).kill("the printer is on fire");
  check_found(path(), Severity::warning, "dead letters", "the printer is on fire");
}

BOOST_FIXTURE_TEST_CASE(dead_letters_that_grow_without_end_are_told_of_with_what_ends_that, RouteOfWorker) {
  const auto boss = connect("boss");
  boss->create_queue("mail");
  boss->send_message("mail", 1);
  boss->claim("mail", {}).at(0).kill("the printer is on fire");
  const auto advice = [&] {
    return text_of(findings_of(path())).find("dead purge ROUTE --all --older-than") != std::string::npos;
  };
  BOOST_TEST(!advice());
  change(*this,
         "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10001)"
         " INSERT INTO dead(recipient, place, id, sender, stamp, broadcast, content, reason, died_at)"
         " SELECT recipient, place, id, sender, stamp, broadcast, content, reason, died_at FROM dead, n LIMIT 10001");
  check_found(path(), Severity::warning, "dead letters", "more than 10000 messages could not be handled");
  BOOST_TEST(advice());
}

BOOST_FIXTURE_TEST_CASE(dedup_keys_that_grow_without_end_are_told_of_with_what_ends_that, RouteOfWorker) {
  const auto boss = connect("boss");
  boss->create_queue("orders", {.dedup_window = std::chrono::hours(24 * 365)});
  boss->send_message({.to = "orders", .content = 1, .dedup_key = "0"});
  boss->claim("orders", {}).at(0).ack();
  BOOST_TEST(text_of(findings_of(path())).find("dedup keys") == std::string::npos);
  change(*this,
         "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)"
         " INSERT INTO dedup_keys(inbox, dedup_key, id, until, held)"
         " SELECT inbox, CAST(n.i AS TEXT), id, until, held FROM dedup_keys, n");
  check_found(path(), Severity::warning, "dedup keys", "more than 100000 dedup_keys are kept although");
  BOOST_TEST(text_of(findings_of(path())).find("ipcm queue settings ROUTE orders --dedup-window") != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(messages_that_are_overdue_are_told_of, RouteOfWorker) {
  ipcm::MessageFields fields;
  fields.to = "worker";
  fields.content = 1;
  fields.deliver_at = std::chrono::system_clock::now() + std::chrono::hours(1);
  connect("boss")->send_message(fields);
  BOOST_TEST(!has(findings_of(path()), Severity::note, "later", ""));
  change(*this, "UPDATE later SET due = due - 7200");
  check_found(path(), Severity::note, "later", "messages to \"worker\" were due at");
}

BOOST_FIXTURE_TEST_CASE(a_clock_that_was_ahead_is_told_of_until_its_times_are_computed_again, RouteOfWorker) {
  connect("boss")->add_schedule("nightly", "@daily", {.to = "worker", .content = 1});
  check_sound(path());
  change(*this, "UPDATE later SET due = due + 3e8, computed_at = computed_at + 3e8");
  check_found(path(), Severity::warning, "clock", "the time of 1 retry or schedule was computed");
  const auto worker = connect("worker");
  worker->get_messages();
  check_sound(path());
}

BOOST_FIXTURE_TEST_CASE(a_schedule_that_is_overdue_is_not_all_right, RouteOfWorker) {
  connect("boss")->add_schedule("nightly", "@daily", {.to = "worker", .content = 1});
  check_found(path(), Severity::ok, "schedules", "1 schedule");
  change(*this, "UPDATE later SET due = due - 200000, computed_at = computed_at - 200000");
  check_found(path(), Severity::warning, "schedules", "the schedule \"nightly\" was due at ");
  BOOST_TEST(!has(findings_of(path()), Severity::ok, "schedules", ""));
}

BOOST_FIXTURE_TEST_CASE(a_time_zone_that_is_unknown_is_a_problem_of_the_schedules, RouteOfWorker) {
  change(*this, "UPDATE route SET time_zone = 'Mars/Olympus'");
  BOOST_TEST(!has(findings_of(path()), Severity::problem, "schedules", ""));
  change(*this, "UPDATE route SET time_zone = 'UTC'");
  connect("boss")->add_schedule("nightly", "@daily", {.to = "worker", .content = 1});
  check_found(path(), Severity::ok, "schedules", "1 schedule");
  change(*this, "UPDATE route SET time_zone = 'Mars/Olympus'");
  check_found(path(), Severity::problem, "schedules", "\"Mars/Olympus\"");
}

BOOST_AUTO_TEST_CASE(the_durability_volatile_is_told_of) {
  const test::RouteFile route({.durability = ipcm::Durability::volatile_mode});
  check_found(route.path(), Severity::note, "route", "durability volatile");
}

BOOST_AUTO_TEST_CASE(a_route_of_unix_sockets_is_explained_too) {
  const test::TemporaryFolder folder;
  ipcm::SpawnOptions options;
  options.protocol = "UnixSocket";
  options.route = folder.file("live");
  options.guard = false;
  const ipcm::Spawn spawned = ipcm::spawn(options);
  check_sound(options.route);  // by its path
  BOOST_TEST(has(findings_of(options.route), Severity::ok, "route", "is a route of the protocol UnixSocket"));
  const std::string info = ipcm::ConnectionInfo{"UnixSocket", "JSON", options.route}.to_string();
  const auto boss = ipcm::connect("boss", info);
  test::RemotePeer worker;
  worker.call({"connect", "worker", info});
  check_sound(info);
  worker.kill();
  check_found(info, Severity::note, "peers", "\"worker\" died");
  check_found(info, Severity::note, "sockets", "left of clients that were killed");
  fs::permissions(options.route, fs::perms(0777));
  check_found(info, Severity::problem, "modes", "every user of this machine may write");
  test::write_file(options.route + "/route.json", "{\"format\":\"ipcm-unix-socket\"}");
  check_found(info, Severity::problem, "route", "damaged");
}

BOOST_AUTO_TEST_SUITE_END()
