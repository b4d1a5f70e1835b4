// SPDX-License-Identifier: MIT
// Copies of a route that others use.
#include <signal.h>
#include <sys/stat.h>

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <filesystem>
#include <thread>

#include "integration/everything.hpp"
#include "support/errors.hpp"
#include "support/process.hpp"
#include "support/remote_peer.hpp"
#include "support/text.hpp"

namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

ipcm::Backup backup(const test::RouteFile& route, const std::string& target, bool replace = false) {
  return ipcm::backup_route(route.info(), target, {.replace = replace, .progress = {}});
}

std::string problems_with(const std::string& path) {
  return test::joined(ipcm::check_route(ipcm::ConnectionInfo::parse(path)).problems);
}

std::string id_of(const std::string& path) {
  return ipcm::route_info(ipcm::ConnectionInfo::parse(path)).id;
}

std::vector<std::string> names_below(const fs::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) names.push_back(entry.path().filename().string());
  std::ranges::sort(names);
  return names;
}

// Sends numbers until it goes out of scope; throws nothing away.
class Sender {
 public:
  Sender(const test::RouteFile& route, const std::string& name)
      : thread_([this, client = route.connect(name)] {
          try {
            for (int n = 0; !stop_; ++n) client->send_message("worker", n);
          } catch (const std::exception& error) {
            error_ = error.what();
          }
        }) {}
  ~Sender() { end(); }

  std::string end() {
    stop_ = true;
    if (thread_.joinable()) thread_.join();
    return error_;
  }

 private:
  std::atomic<bool> stop_{false};
  std::string error_;
  std::thread thread_;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(backup_of_a_route)

BOOST_AUTO_TEST_CASE(a_copy_holds_everything_under_an_id_of_its_own) {
  const test::RouteWithEverything route;
  const std::string copy = route.folder().file("copy.ipcm");
  const std::string before = test::read_file(route.path());
  const ipcm::Backup made = backup(route, copy);
  BOOST_TEST(made.route == copy);
  BOOST_TEST(made.bytes == fs::file_size(copy));
  BOOST_TEST(made.id != id_of(route.path()));
  BOOST_TEST(made.id == id_of(copy));
  BOOST_TEST(problems_with(copy) == "");
  BOOST_TEST(test::dump_of(copy) == test::dump_of(route.path()), boost::test_tools::per_element());
  BOOST_TEST((test::read_file(route.path()) == before));
}

BOOST_AUTO_TEST_CASE(a_copy_is_one_private_file_without_a_log) {
  const test::RouteFile route;
  route.connect("boss")->send_message("boss", 1);
  fs::create_directory(route.folder().file("copies"));
  const mode_t old_mask = umask(0);
  backup(route, route.folder().file("copies/a.ipcm"));
  umask(old_mask);
  struct stat status {};
  BOOST_REQUIRE(stat(route.folder().file("copies/a.ipcm").c_str(), &status) == 0);
  BOOST_TEST((status.st_mode & 0777U) == 0600U);
  for (const std::string& name : names_below(route.folder().file("copies"))) {
    BOOST_TEST((name == "a.ipcm" || name == "a.ipcm-lock"), name);
  }
}

BOOST_AUTO_TEST_CASE(what_was_in_the_log_alone_is_copied) {
  const test::RouteFile route;
  const auto boss = route.connect("boss");
  for (int n = 0; n < 50; ++n) boss->send_message("boss", n);
  BOOST_REQUIRE(fs::file_size(route.path() + "-wal") > 0);
  backup(route, route.folder().file("copy"));
  BOOST_TEST(ipcm::connect("boss", ipcm::ConnectionInfo::parse(route.folder().file("copy")))->get_messages().size() ==
             50U);
}

BOOST_AUTO_TEST_CASE(copies_made_while_others_send_and_read_are_whole_and_each_is_a_moment) {
  const test::RouteFile route;
  const auto worker = route.connect("worker");
  for (int n = 0; n < 2000; ++n) worker->send_message("worker", std::string(500, 'x'));
  std::vector<std::unique_ptr<Sender>> senders;
  for (const char* name : {"a", "b", "c"}) senders.push_back(std::make_unique<Sender>(route, name));
  std::atomic<bool> stop{false};
  std::thread reader([&] {
    while (!stop) worker->get_messages(3);
  });
  std::uint64_t last = 0;
  for (int round = 0; round < 8; ++round) {
    const std::string copy = route.folder().file("copy" + std::to_string(round));
    BOOST_TEST(test::code_of_call([&] { backup(route, copy); }) == "ok");
    BOOST_TEST(problems_with(copy) == "");
    // For each sender what was read and what waits are together the first so many, in order.
    const auto info = ipcm::ConnectionInfo::parse(copy);
    const auto client = ipcm::connect("worker", info);
    std::map<std::string, int> next;
    for (const ipcm::Message& message : client->get_messages()) {
      if (!message.content().is_number()) continue;
      const auto known = next.find(message.from());
      if (known != next.end()) BOOST_TEST(message.content() == known->second);
      next[message.from()] = message.content().get<int>() + 1;
    }
    std::uint64_t sent = 0;
    for (const auto& [name, number] : next) sent += static_cast<std::uint64_t>(number);
    BOOST_TEST(sent >= last);
    last = sent;
  }
  stop = true;
  reader.join();
  for (const auto& sender : senders) BOOST_TEST(sender->end() == "");
  BOOST_TEST(route.problems() == "");
}

BOOST_AUTO_TEST_CASE(what_was_claimed_comes_back_in_the_copy_and_stays_claimed_in_the_original) {
  const test::RouteFile route;
  const auto boss = route.connect("boss");
  boss->create_queue("jobs");
  boss->send_message("jobs", "work");
  const auto worker = route.connect("worker");
  std::vector<ipcm::Claim> claims = worker->claim("jobs", {.lease = 1h});
  BOOST_REQUIRE(claims.size() == 1U);
  const std::string copy = route.folder().file("copy");
  backup(route, copy);
  const auto other = ipcm::connect("worker", ipcm::ConnectionInfo::parse(copy));  // of the same name, even
  std::vector<ipcm::Claim> again = other->claim("jobs");
  BOOST_REQUIRE(again.size() == 1U);
  BOOST_TEST(again[0].message().attempts() == 2);
  again[0].ack();
  claims[0].ack();
  BOOST_TEST(problems_with(copy) == "");
  BOOST_TEST(route.problems() == "");
}

BOOST_AUTO_TEST_CASE(whoever_was_connected_has_crashed_in_the_copy_and_gets_its_mail_there) {
  const test::RouteFile route;
  const auto worker = route.connect("worker");
  route.connect("boss")->send_message("worker", 1);
  const std::string copy = route.folder().file("copy");
  backup(route, copy);
  const auto info = ipcm::ConnectionInfo::parse(copy);
  for (const ipcm::PeerInfo& peer : ipcm::list_peers(info)) {
    if (peer.name == "worker") BOOST_TEST(peer.state == "crashed");
  }
  ipcm::connect("boss", info)->send_message("worker", 2);
  BOOST_TEST(test::contents(ipcm::reconnect("worker", info)->get_messages()) == "[1,2]");
  BOOST_TEST(test::contents(worker->get_messages()) == "[1]");
}

BOOST_AUTO_TEST_CASE(what_is_there_is_not_overwritten) {
  const test::RouteFile route;
  route.make_suspended("worker");
  const std::string target = route.folder().file("target");
  test::write_file(target, "a diary");
  CHECK_ERROR(InvalidArgument, backup(route, target));
  CHECK_ERROR(NotARoute, backup(route, target, true));
  BOOST_TEST(test::read_file(target) == "a diary");
  fs::create_directory(route.folder().file("folder"));
  CHECK_ERROR(InvalidArgument, backup(route, route.folder().file("folder")));
  CHECK_ERROR(NotARoute, backup(route, route.folder().file("folder"), true));
  fs::create_symlink(route.folder().file("nowhere"), route.folder().file("link"));
  CHECK_ERROR(InvalidArgument, backup(route, route.folder().file("link")));
  BOOST_TEST(!fs::exists(route.folder().file("nowhere")));
  CHECK_ERROR(RouteMissing, backup(route, route.folder().file("no/folder")));
}

BOOST_AUTO_TEST_CASE(a_link_to_a_folder_leads_there) {
  const test::RouteFile route;
  route.make_suspended("worker");
  fs::create_directory(route.folder().file("real"));
  fs::create_directory_symlink(route.folder().file("real"), route.folder().file("link"));
  BOOST_TEST(backup(route, route.folder().file("link/copy")).route == route.folder().file("real/copy"));
}

BOOST_AUTO_TEST_CASE(a_route_at_rest_is_replaced_where_that_is_asked_for) {
  const test::RouteFile route;
  const std::string copy = route.folder().file("copy");
  route.connect("boss")->send_message("boss", 1);
  const ipcm::Backup first = backup(route, copy);
  route.connect("boss")->send_message("boss", 2);
  const ipcm::Backup second = backup(route, copy, true);
  BOOST_TEST(first.id != second.id);
  BOOST_TEST(id_of(copy) == second.id);
  BOOST_TEST(test::contents(ipcm::connect("boss", ipcm::ConnectionInfo::parse(copy))->get_messages()) == "[1,2]");
}

BOOST_AUTO_TEST_CASE(a_route_that_is_in_use_is_not_replaced) {
  const test::RouteFile route;
  const test::RouteFile other;
  const auto user = other.connect("user");
  CHECK_ERROR(InvalidArgument, backup(route, other.path(), true));
  user->send_message("user", 1);
  BOOST_TEST(test::contents(user->get_messages()) == "[1]");
}

BOOST_AUTO_TEST_CASE(a_route_is_not_copied_onto_itself_or_one_of_its_files) {
  const test::RouteFile route;
  const auto boss = route.connect("boss");
  fs::create_hard_link(route.path(), route.folder().file("hard"));
  fs::create_symlink(route.path(), route.folder().file("soft"));
  for (const char* name : {"jobs.ipcm", "jobs.ipcm-wal", "jobs.ipcm-shm", "jobs.ipcm-journal", "jobs.ipcm-lock",
                           "jobs.ipcm-wake", "jobs.ipcm-unfinished", "hard", "soft"}) {
    CHECK_ERROR(InvalidArgument, backup(route, route.folder().file(name)));
    CHECK_ERROR(InvalidArgument, backup(route, route.folder().file(name), true));
  }
  fs::remove(route.folder().file("hard"));
  boss->send_message("boss", 1);
  BOOST_TEST(test::contents(boss->get_messages()) == "[1]");
  BOOST_TEST(route.problems() == "");
}

BOOST_AUTO_TEST_CASE(a_stale_log_beside_the_target_is_not_played_into_the_copy) {
  const test::RouteFile route;
  route.connect("boss")->send_message("boss", "kept");
  const test::RouteFile lost;
  const auto user = lost.connect("user");
  user->send_message("user", std::string(10'000, 'x'));
  const std::string copy = route.folder().file("copy");
  fs::copy_file(lost.path() + "-wal", copy + "-wal");
  backup(route, copy);
  BOOST_TEST(problems_with(copy) == "");
  BOOST_TEST(test::contents(ipcm::connect("boss", ipcm::ConnectionInfo::parse(copy))->get_messages()) == R"(["kept"])");
}

BOOST_AUTO_TEST_CASE(a_kill_at_any_moment_leaves_nothing_at_the_final_name_or_a_whole_copy) {
  const test::RouteFile route;
  const auto boss = route.connect("boss");
  for (int n = 0; n < 400; ++n) boss->send_message("boss", std::string(20'000, 'x'));
  int killed_before = 0;
  for (int round = 0; round < 25; ++round) {
    const std::string copy = route.folder().file("copy");
    test::Process process({IPCM_TEST_COMMAND, "backup", route.path(), copy});
    const auto draft_bytes = static_cast<std::uintmax_t>(round) * 400'000;
    std::error_code none;
    BOOST_REQUIRE(test::eventually([&] {
      const std::uintmax_t bytes = fs::file_size(copy + "-unfinished", none);
      return fs::exists(copy) || (!none && bytes >= draft_bytes);
    }));
    process.signal(SIGKILL);
    process.finish();
    if (fs::exists(copy)) {
      BOOST_TEST(problems_with(copy) == "");
    } else {
      ++killed_before;
    }
    backup(route, copy, true);  // what was left behind is no hindrance
    BOOST_TEST(!fs::exists(copy + "-unfinished"));
    ipcm::unspawn(copy);
  }
  BOOST_TEST(killed_before > 0);
  BOOST_TEST_MESSAGE("killed before the copy was there: " << killed_before << " of 25");
  BOOST_TEST(route.problems() == "");
}

BOOST_AUTO_TEST_CASE(whoever_is_told_of_the_progress_may_end_it) {
  const test::RouteFile route;
  route.connect("boss")->send_message("boss", std::string(3'000'000, 'x'));
  struct Enough {};
  std::uint64_t most = 0;
  const auto stop = [&](std::uint64_t done, std::uint64_t total) {
    BOOST_TEST(done <= total);
    most = std::max(most, done);
    if (done > 1'500'000) throw Enough();
  };
  const std::string copy = route.folder().file("copy");
  BOOST_CHECK_THROW(ipcm::backup_route(route.info(), copy, {.replace = false, .progress = stop}), Enough);
  BOOST_TEST(most > 1'500'000U);
  BOOST_TEST(!fs::exists(copy));
  BOOST_TEST(!fs::exists(copy + "-unfinished"));
  backup(route, copy);
}

BOOST_AUTO_TEST_CASE(a_route_of_an_older_version_is_copied_as_it_is) {
  const test::TemporaryFolder folder;
  const std::string old = folder.file("old.ipcm");
  {
    test::PlainSql sql(old);
    BOOST_REQUIRE(sql.run("PRAGMA page_size = 4096; PRAGMA auto_vacuum = INCREMENTAL") == "");
    sql.query("PRAGMA journal_mode = WAL");
    BOOST_REQUIRE(sql.run(test::read_file(std::string(IPCM_TEST_SOURCE_DIR) + "/migrations/0001_initial.sql")) == "");
    BOOST_REQUIRE(sql.run("PRAGMA application_id = 0x6970636d; PRAGMA user_version = 1;"
                          "INSERT INTO route VALUES (1, 'the-old-id', 0, 'full', 1000);"
                          "INSERT INTO peers VALUES (1, 'worker', 'suspended', NULL, NULL, NULL, NULL, 1);"
                          "INSERT INTO messages VALUES ((1 << 43) + (3 << 40) + (1 << 32) + 1, randomblob(16), 'boss',"
                          " 0, 0, NULL, '7')") == "");
  }
  const auto info = ipcm::ConnectionInfo::parse(old);
  CHECK_ERROR(RouteTooOld, ipcm::connect("worker", info));
  ipcm::backup_route(info, folder.file("copy.ipcm"));
  const auto copy = ipcm::ConnectionInfo::parse(folder.file("copy.ipcm"));
  CHECK_ERROR(RouteTooOld, ipcm::connect("worker", copy));
  ipcm::migrate_route(copy);
  BOOST_TEST(test::contents(ipcm::connect("worker", copy)->get_messages()) == "[7]");
  BOOST_TEST(problems_with(folder.file("copy.ipcm")) == "");
  BOOST_TEST(id_of(folder.file("copy.ipcm")) != "the-old-id");
}

BOOST_AUTO_TEST_CASE(what_is_no_file_cannot_be_backed_up_dumped_loaded_or_salvaged) {
  const test::TemporaryFolder folder;
  const std::string socket_route = folder.file("live");
  ipcm::SpawnOptions options;
  options.protocol = "UnixSocket";
  options.route = socket_route;
  const auto live = ipcm::spawn(options);
  options.protocol = "LocalMemory";
  options.route = "memory";
  const auto memory = ipcm::spawn(options);
  for (const std::string& text : {live.info(), memory.info()}) {
    const auto info = ipcm::ConnectionInfo::parse(text);
    CHECK_ERROR(NotSupported, ipcm::backup_route(info, folder.file("copy")));
    CHECK_ERROR(NotSupported, ipcm::dump_route(info, [](std::string_view) {}));
    CHECK_ERROR(NotSupported, ipcm::load_route(info, [](std::string&) { return false; }));
    CHECK_ERROR(NotSupported, ipcm::salvage_route(info, folder.file("copy")));
  }
  BOOST_TEST(!fs::exists(folder.file("copy")));
}

BOOST_AUTO_TEST_SUITE_END()
