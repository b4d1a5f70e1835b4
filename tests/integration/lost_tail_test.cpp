// SPDX-License-Identifier: MIT
// SQLite drops the end of a damaged log without a word. Whoever connects then is told what has vanished, whenever
// something has that was acknowledged, and at no other time.
#include <boost/test/unit_test.hpp>

#include <cstdlib>
#include <filesystem>
#include <functional>
#include <iostream>
#include <map>
#include <random>

#include "integration/route_file.hpp"
#include "support/errors.hpp"
#include "support/remote_peer.hpp"
#include "support/text.hpp"

namespace {

namespace fs = std::filesystem;

constexpr int kMessages = 20;
constexpr std::size_t kFlips = 80;

unsigned seed() {
  const char* const given = std::getenv("IPCM_TEST_SEED");
  const unsigned value = given != nullptr ? static_cast<unsigned>(std::stoul(given)) : std::random_device()();
  std::cout << "IPCM_TEST_SEED=" << value << std::endl;
  return value;
}

/// The files of a route as a process that was killed has left them.
class Remains {
 public:
  explicit Remains(const test::RouteFile& route) {
    for (const auto& entry : fs::directory_iterator(route.folder().path())) {
      if (entry.is_regular_file()) files_[entry.path().filename().string()] = test::read_file(entry.path().string());
    }
  }

  std::string& log() { return files_["jobs.ipcm-wal"]; }
  std::string& lock_file() { return files_["jobs.ipcm-lock"]; }
  void remove_log() { files_.erase("jobs.ipcm-wal"); }
  /// -shm goes with the machine, or is believed by nobody once all clients are gone.
  void lay_out(const test::TemporaryFolder& folder) const {
    for (const auto& [name, bytes] : files_) test::write_file(folder.file(name), bytes);
  }

 private:
  std::map<std::string, std::string> files_;
};

/// A route of a client that was killed once `work` was done and acknowledged. "worker" is there and takes mail.
Remains remains_after(const std::function<void(test::RemotePeer&)>& work,
                      ipcm::Durability durability = ipcm::Durability::full) {
  ipcm::SpawnOptions options;
  options.durability = durability;
  const test::RouteFile route(options);
  route.make_suspended("worker");
  test::RemotePeer boss(route.info(), "boss");
  work(boss);
  boss.kill();
  return Remains(route);
}

void send_all(test::RemotePeer& boss) {
  for (int n = 0; n < kMessages; ++n) boss.send("worker", n);
}

// How many messages SQLite finds; -1: it finds nothing that could be asked.
int messages_found_by_sqlite(const Remains& remains) {
  const test::TemporaryFolder folder;
  remains.lay_out(folder);
  try {
    return std::stoi(test::PlainSql(folder.file("jobs.ipcm")).query("SELECT count(*) FROM messages"));
  } catch (const std::runtime_error&) {
    return -1;
  }
}

std::string code_of_connecting(const Remains& remains) {
  const test::TemporaryFolder folder;
  remains.lay_out(folder);
  return test::code_of_call([&] { ipcm::connect("worker", folder.file("jobs.ipcm")); });
}

void check_noticed(const Remains& remains) {
  const bool lost = messages_found_by_sqlite(remains) != kMessages;
  BOOST_TEST(code_of_connecting(remains) == (lost ? "RouteDamaged" : "ok"));
}

std::string damage_after(const std::function<void(test::RemotePeer&)>& work) {
  Remains remains = remains_after(work);
  BOOST_TEST(code_of_connecting(remains) == "ok");  // undamaged
  remains.remove_log();
  return code_of_connecting(remains);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(lost_tail)

BOOST_AUTO_TEST_CASE(what_a_killed_client_left_is_whole_and_opens) {
  for (const auto durability : {ipcm::Durability::full, ipcm::Durability::relaxed, ipcm::Durability::volatile_mode}) {
    const Remains remains = remains_after(send_all, durability);
    BOOST_TEST(messages_found_by_sqlite(remains) == kMessages);
    BOOST_TEST(code_of_connecting(remains) == "ok");
  }
}

BOOST_AUTO_TEST_CASE(a_flipped_byte_of_the_log_is_noticed_wherever_it_is) {
  std::mt19937 random(seed());
  for (const auto durability : {ipcm::Durability::full, ipcm::Durability::relaxed}) {
    const Remains whole = remains_after(send_all, durability);
    for (std::size_t n = 0; n < kFlips; ++n) {
      Remains damaged = whole;
      const std::size_t where = random() % damaged.log().size();
      damaged.log()[where] = static_cast<char>(damaged.log()[where] ^ static_cast<char>(1U << random() % 8U));
      BOOST_TEST_CONTEXT("byte " << where) check_noticed(damaged);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_log_that_was_cut_off_is_noticed_wherever_it_was) {
  std::mt19937 random(seed());
  const Remains whole = remains_after(send_all);
  for (std::size_t n = 0; n < kFlips; ++n) {
    Remains damaged = whole;
    damaged.log().resize(random() % damaged.log().size());
    BOOST_TEST_CONTEXT("cut to " << damaged.log().size()) check_noticed(damaged);
  }
}

BOOST_AUTO_TEST_CASE(a_log_that_was_removed_is_noticed_whatever_was_stored_last) {
  BOOST_TEST(damage_after(send_all) == "RouteDamaged");
  BOOST_TEST(damage_after([](test::RemotePeer& boss) { boss.call({"broadcast", "to all"}); }) == "RouteDamaged");
  BOOST_TEST(damage_after([](test::RemotePeer& boss) {
               send_all(boss);
               boss.get();  // its own inbox, which is empty
             }) == "RouteDamaged");
  BOOST_TEST(damage_after([](test::RemotePeer& boss) {
               boss.send("boss", "to itself, whom the file does not know");
             }) == "RouteDamaged");
}

BOOST_AUTO_TEST_CASE(the_error_says_what_is_missing_and_what_to_do) {
  Remains remains = remains_after(send_all);
  remains.remove_log();
  const test::TemporaryFolder folder;
  remains.lay_out(folder);
  const std::string path = folder.file("jobs.ipcm");
  const auto error = test::caught([&] { ipcm::connect("worker", path); });
  BOOST_REQUIRE(error.has_value());
  const std::string text = error->what();
  for (const std::string& words :
       {std::string("20 messages to \"worker\" have vanished"), path, std::string("write-ahead log"),
        "`ipcm doctor " + path + "`", std::string("--accept-loss")}) {
    BOOST_TEST(text.find(words) != std::string::npos, text << " does not say: " << words);
  }
}

BOOST_AUTO_TEST_CASE(those_who_only_look_still_can_and_check_tells_of_it) {
  Remains remains = remains_after(send_all);
  remains.remove_log();
  const test::TemporaryFolder folder;
  remains.lay_out(folder);
  const auto info = ipcm::ConnectionInfo::parse(folder.file("jobs.ipcm"));
  BOOST_TEST(ipcm::route_info(info).queued == 0U);
  BOOST_TEST(ipcm::list_peers(info).size() == 1U);
  const auto report = ipcm::check_route(info);
  BOOST_TEST(report.problems.size() == 1U);
  BOOST_TEST(report.problems.at(0).starts_with("20 messages to \"worker\" have vanished"));
  CHECK_ERROR(RouteDamaged, ipcm::connect("worker", info));  // looking has accepted nothing
}

BOOST_AUTO_TEST_CASE(such_a_route_does_not_replace_a_good_backup) {
  Remains remains = remains_after(send_all);
  const test::TemporaryFolder folder;
  remains.lay_out(folder);
  const auto info = ipcm::ConnectionInfo::parse(folder.file("jobs.ipcm"));
  const std::string last = folder.file("last.ipcm");
  const ipcm::BackupOptions replace{.replace = true, .progress = {}};
  ipcm::backup_route(info, last, replace);  // while it is whole
  const std::string good = test::read_file(last);
  fs::remove(folder.file("jobs.ipcm-wal"));
  remains.remove_log();
  remains.lay_out(folder);
  CHECK_ERROR(RouteDamaged, ipcm::connect("worker", info));
  CHECK_ERROR(RouteDamaged, ipcm::backup_route(info, last, replace));
  CHECK_ERROR(RouteDamaged, ipcm::backup_route(info, folder.file("other")));
  CHECK_ERROR(RouteDamaged, ipcm::dump_route(info, [](std::string_view) {}));
  BOOST_TEST((test::read_file(last) == good));
  BOOST_TEST(!fs::exists(folder.file("other")));
  ipcm::accept_loss(info);
  ipcm::backup_route(info, last, replace);
}

BOOST_AUTO_TEST_CASE(what_has_vanished_is_told_by_salvage_as_well) {
  Remains remains = remains_after(send_all);
  const test::TemporaryFolder folder;
  remains.lay_out(folder);
  const auto info = ipcm::ConnectionInfo::parse(folder.file("jobs.ipcm"));
  BOOST_TEST(ipcm::salvage_route(info, folder.file("whole")).whole());
  const test::TemporaryFolder without_log;
  remains.remove_log();
  remains.lay_out(without_log);
  const auto damaged = ipcm::ConnectionInfo::parse(without_log.file("jobs.ipcm"));
  const ipcm::SalvageReport report = ipcm::salvage_route(damaged, without_log.file("new"));
  BOOST_TEST(!report.whole());
  BOOST_TEST(test::joined(report.problems).find("20 messages to \"worker\" have vanished") != std::string::npos,
             test::joined(report.problems));
  BOOST_TEST(test::code_of_call([&] { ipcm::connect("worker", without_log.file("new")); }) == "ok");
}

BOOST_AUTO_TEST_CASE(once_the_loss_is_accepted_the_route_is_used_as_it_is) {
  Remains remains = remains_after(send_all);
  remains.remove_log();
  const test::TemporaryFolder folder;
  remains.lay_out(folder);
  const auto info = ipcm::ConnectionInfo::parse(folder.file("jobs.ipcm"));
  const auto accepted = ipcm::accept_loss(info);
  BOOST_TEST(accepted.size() == 1U);
  BOOST_TEST(accepted.at(0).starts_with("20 messages to \"worker\" have vanished"));
  BOOST_TEST(ipcm::accept_loss(info).empty());
  const auto worker = ipcm::connect("worker", info);
  worker->send_message("worker", "goes on");
  BOOST_TEST(test::contents(worker->get_messages()) == R"(["goes on"])");
  BOOST_TEST(ipcm::check_route(info).problems.empty());
}

BOOST_AUTO_TEST_CASE(an_older_copy_that_was_put_in_place_is_noticed) {
  const test::RouteFile route;
  route.make_suspended("worker");
  const std::string backup = test::read_file(route.path());
  route.connect("boss")->send_message("worker", "after the backup");
  const std::string newer = test::read_file(route.path());
  test::write_file(route.path(), backup);
  CHECK_ERROR(RouteDamaged, route.connect("worker"));
  test::write_file(route.path(), newer);  // the copy that knows more
  BOOST_TEST(test::contents(route.connect("worker")->get_messages()) == R"(["after the backup"])");
}

BOOST_AUTO_TEST_CASE(a_shell_that_closes_last_and_folds_the_log_in_is_no_loss) {
  const test::TemporaryFolder folder;
  remains_after(send_all).lay_out(folder);
  { test::PlainSql(folder.file("jobs.ipcm")).query("SELECT count(*) FROM messages"); }
  BOOST_TEST(!fs::exists(folder.file("jobs.ipcm-wal")));
  BOOST_TEST(ipcm::connect("worker", folder.file("jobs.ipcm"))->get_messages().size() == std::size_t{kMessages});
}

BOOST_AUTO_TEST_CASE(mail_by_plain_sql_is_no_loss_and_neither_is_what_was_taken) {
  const test::RouteFile route;
  route.make_suspended("worker");
  route.connect("boss")->send_message("worker", 1);
  BOOST_TEST(test::PlainSql(route.path()).run("INSERT INTO send(recipient, content) VALUES ('worker', '2')") == "");
  const auto worker = route.connect("worker");
  BOOST_TEST(test::contents(worker->get_messages()) == "[1,2]");
  worker->suspend();
  BOOST_TEST(route.connect("worker")->get_messages().empty());
}

BOOST_AUTO_TEST_CASE(a_peer_that_was_forgotten_is_no_loss_nor_is_a_new_one_in_its_place) {
  const test::RouteFile route;
  route.make_suspended("worker");
  const auto boss = route.connect("boss");
  for (int n = 0; n < kMessages; ++n) boss->send_message("worker", n);
  boss->forget("worker");
  BOOST_TEST(test::code_of_call([&] { route.connect("other"); }) == "ok");
  route.make_suspended("worker");  // with the number of the one that was forgotten
  boss->send_message("worker", "new");
  BOOST_TEST(test::contents(route.connect("worker")->get_messages()) == R"(["new"])");
}

BOOST_AUTO_TEST_CASE(a_backup_that_lacks_what_was_stored_since_is_noticed_when_it_is_put_in_place) {
  const test::RouteFile route;
  route.make_suspended("worker");
  const std::string copy = route.folder().file("copy");
  route.connect("boss")->send_message("worker", "before the backup");
  ipcm::backup_route(route.info(), copy);
  route.connect("boss")->send_message("worker", "after the backup");
  const std::string newer = test::read_file(route.path());
  test::write_file(route.path(), test::read_file(copy));
  CHECK_ERROR(RouteDamaged, route.connect("worker"));
  BOOST_TEST(route.problems().starts_with("1 message to \"worker\" has vanished"), route.problems());
  test::write_file(route.path(), newer);
  BOOST_TEST(route.connect("worker")->get_messages().size() == 2U);
}

BOOST_AUTO_TEST_CASE(a_backup_that_has_everything_may_be_put_in_place) {
  const test::RouteFile route;
  route.make_suspended("worker");
  route.connect("boss")->send_message("worker", "before the backup");
  const std::string copy = route.folder().file("copy");
  ipcm::backup_route(route.info(), copy);
  test::write_file(route.path(), test::read_file(copy));
  BOOST_TEST(test::contents(route.connect("worker")->get_messages()) == R"(["before the backup"])");
}

BOOST_AUTO_TEST_CASE(a_new_route_where_an_old_one_left_its_lock_file_is_no_loss) {
  const test::RouteFile route;
  route.make_suspended("worker");
  const auto boss = route.connect("boss");
  for (int n = 0; n < kMessages; ++n) boss->send_message("worker", n);
  boss->disconnect();
  const std::string copy = route.folder().file("copy");
  ipcm::SpawnOptions options;
  options.route = route.path();
  fs::remove(route.path());
  ipcm::spawn(options);
  route.make_suspended("worker");
  ipcm::backup_route(route.info(), copy);
  route.connect("boss")->send_message("worker", 1);
  ipcm::backup_route(ipcm::ConnectionInfo::parse(copy), route.path(), {.replace = true, .progress = {}});
  BOOST_TEST(test::code_of_call([&] { route.connect("worker"); }) == "ok");  // replaced on purpose
}

BOOST_AUTO_TEST_CASE(noise_in_the_hints_and_notes_of_a_lock_file_costs_nobody_anything_but_the_notes) {
  std::mt19937 random(seed());
  Remains remains = remains_after(send_all);
  BOOST_REQUIRE(remains.lock_file().size() == 4096U);
  for (int n = 0; n < 20; ++n) {
    for (const auto& [first, last] : {std::pair{0, 24}, {1024, 2048}}) {
      for (int at = first; at < last; ++at) {
        remains.lock_file()[static_cast<std::size_t>(at)] = static_cast<char>(random());
      }
    }
    BOOST_TEST(code_of_connecting(remains) == "ok");
    Remains damaged = remains;
    damaged.remove_log();
    BOOST_TEST(code_of_connecting(damaged) == "ok");  // who would know
  }
  for (const std::size_t size : {std::size_t{0}, std::size_t{4096}}) {
    remains.lock_file().assign(size, '\0');
    BOOST_TEST(code_of_connecting(remains) == "ok");
  }
}

BOOST_AUTO_TEST_CASE(clients_that_come_and_go_while_others_send_and_forget_are_never_refused) {
  const test::RouteFile route;
  const auto keeper = route.connect("keeper");  // keeps the log from being folded in each time
  test::RemotePeer sender(route.info(), "sender");
  route.make_suspended("worker0");
  sender.start({"send_numbers", "worker", 1, 300});
  for (int n = 0; n < 60; ++n) {
    const std::string name = "guest" + std::to_string(n % 3);
    BOOST_TEST(test::code_of_call([&] { route.connect(name)->send_message(name, n); }) == "ok");
    keeper->forget(name);
  }
  BOOST_TEST(sender.finish_code() == "ok");
}

BOOST_AUTO_TEST_SUITE_END()
