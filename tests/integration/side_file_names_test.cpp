// SPDX-License-Identifier: MIT
// A file whose name is that of a route and -wal, -shm, -journal, -lock or -unfinished is in that route's way. SQLite
// would take it for its own; here it is refused, and not a byte of it changes.
#include <stdlib.h>

#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <functional>

#include "integration/everything.hpp"
#include "integration/route_file.hpp"
#include "support/errors.hpp"
#include "support/forked_child.hpp"
#include "support/remote_peer.hpp"
#include "support/text.hpp"

namespace {

namespace fs = std::filesystem;

ipcm::ConnectionInfo info_of(const std::string& path) {
  return ipcm::ConnectionInfo::parse(path);
}

void spawn_at(const std::string& path, const std::string& protocol = "SQLite") {
  ipcm::SpawnOptions options;
  options.route = path;
  options.protocol = protocol;
  ipcm::spawn(options);
}

void load(const std::string& path, const std::vector<std::string>& lines) {
  std::size_t next = 0;
  ipcm::load_route(info_of(path), [&](std::string& line) {
    if (next == lines.size()) return false;
    line = lines[next++];
    return true;
  });
}

std::string route_bytes() {
  const test::RouteFile route;
  route.make_suspended("worker");
  return test::read_file(route.path());
}

// What people may have under such a name.
const std::vector<std::pair<std::string, std::string>> kFiles = {
    {"notes", "somebody's notes, which are nowhere else"},
    {"a short word", "no\n"},
    {"notes of a page", std::string(4096, 'x')},
    {"notes of an index", std::string(32768, 'x')},
    {"a route", route_bytes()},
};

const std::vector<std::string> kSides = {"-wal", "-shm", "-journal", "-lock"};

using Command = std::pair<std::string, std::function<void(const std::string& path)>>;

void check_refused(const std::vector<Command>& commands, const std::vector<std::string>& sides, bool route_is_there) {
  for (const auto& [what, bytes] : kFiles) {
    for (const std::string& side : sides) {
      if (side == "-unfinished" && what == "a route") continue;  // it looks as one does that was left unfinished
      for (const auto& [name, run] : commands) {
        BOOST_TEST_CONTEXT(name << " beside " << what << " as " << side) {
          const test::TemporaryFolder folder;
          const std::string path = folder.file("jobs");
          if (route_is_there) {
            spawn_at(path);
            fs::remove(path + "-lock");
          }
          const std::string before = route_is_there ? test::read_file(path) : "";
          test::write_file(path + side, bytes);
          const auto refused = test::caught([&, &command = run] { command(path); });
          BOOST_REQUIRE(refused.has_value());
          const bool as_expected =
              refused->code() == ipcm::ErrorCode::Unsafe || refused->code() == ipcm::ErrorCode::RouteDamaged;
          BOOST_TEST(as_expected, ipcm::to_string(refused->code()));
          BOOST_TEST(std::string(refused->what()).find(path + side) != std::string::npos, refused->what());
          BOOST_TEST((test::read_file(path + side) == bytes));
          if (route_is_there) BOOST_TEST((test::read_file(path) == before));
          BOOST_TEST(fs::exists(path) == route_is_there);
        }
      }
    }
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(side_file_names)

BOOST_AUTO_TEST_CASE(what_lies_where_a_new_route_needs_its_files_is_refused_and_left_alone) {
  const test::RouteFile other;
  other.make_suspended("worker");
  const std::vector<std::string> lines = test::dump_of(other.path());
  std::vector<std::string> sides = kSides;
  for (const char* side : {"-unfinished", "-unfinished-wal", "-unfinished-journal"}) sides.emplace_back(side);
  check_refused({{"spawn", [](const std::string& path) { spawn_at(path); }},
                 {"load", [&](const std::string& path) { load(path, lines); }},
                 {"backup", [&](const std::string& path) { ipcm::backup_route(other.info(), path); }},
                 {"salvage", [&](const std::string& path) { ipcm::salvage_route(other.info(), path); }}},
                sides, false);
}

BOOST_AUTO_TEST_CASE(what_lies_where_an_existing_route_needs_its_files_is_refused_and_left_alone) {
  const test::TemporaryFolder elsewhere;
  int number = 0;
  const auto fresh = [&] { return elsewhere.file("copy" + std::to_string(++number)); };
  check_refused({{"spawn", [](const std::string& path) { spawn_at(path); }},
                 {"connect", [](const std::string& path) { ipcm::connect("worker", info_of(path)); }},
                 {"unspawn", [](const std::string& path) { ipcm::unspawn(path); }},
                 {"info", [](const std::string& path) { ipcm::route_info(info_of(path)); }},
                 {"peers", [](const std::string& path) { ipcm::list_peers(info_of(path)); }},
                 {"check", [](const std::string& path) { ipcm::check_route(info_of(path)); }},
                 {"dump", [](const std::string& path) { ipcm::dump_route(info_of(path), [](std::string_view) {}); }},
                 {"backup", [&](const std::string& path) { ipcm::backup_route(info_of(path), fresh()); }}},
                kSides, true);
  BOOST_TEST(fs::is_empty(elsewhere.path()));
}

BOOST_AUTO_TEST_CASE(doctor_tells_of_it_and_changes_nothing) {
  for (const auto& [what, bytes] : kFiles) {
    for (const std::string& side : kSides) {
      BOOST_TEST_CONTEXT(what << " as " << side) {
        const test::TemporaryFolder folder;
        const std::string path = folder.file("jobs");
        spawn_at(path);
        test::write_file(path + side, bytes);
        bool told = false;
        for (const ipcm::Finding& finding : ipcm::examine_route(info_of(path))) {
          told = told ||
                 (finding.severity == ipcm::Severity::problem && finding.text.find(path + side) != std::string::npos);
        }
        BOOST_TEST(told);
        BOOST_TEST((test::read_file(path + side) == bytes));
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(a_route_whose_files_are_as_a_crash_may_leave_them_opens) {
  const std::vector<std::pair<std::string, std::string>> leftovers = {
      {"-wal", ""},
      {"-wal", std::string(4096, '\0')},  // its size reached the disk, its bytes did not
      {"-shm", ""},
      {"-shm", std::string(3, '\0')},
      {"-shm", std::string(32768, '\0')},
      {"-journal", ""},
      {"-journal", std::string(512, '\0')},
      {"-lock", ""},
      {"-lock", std::string(4096, '\0')},
  };
  for (const auto& [side, bytes] : leftovers) {
    BOOST_TEST_CONTEXT(side << " of " << bytes.size() << " bytes") {
      const test::RouteFile route;
      route.make_suspended("worker");
      test::write_file(route.path() + side, bytes);
      BOOST_TEST(test::code_of_call([&] { route.connect("worker")->send_message("worker", 1); }) == "ok");
    }
  }
}

BOOST_AUTO_TEST_CASE(what_a_killed_client_leaves_is_taken_up_also_by_several_threads_at_once) {
  const test::RouteFile route;
  test::RemotePeer boss(route.info(), "boss");
  boss.send("boss", 1);
  boss.kill();
  BOOST_REQUIRE(fs::file_size(route.path() + "-shm") > 0U);
  const auto first = route.connect("first");  // in this process, which looks into -shm once more
  const auto second = route.connect("second");
  test::RemotePeer third(route.info(), "third");  // has no index of its own, as the locks of this process still hold
  third.send("first", 2);
  second->send_message("first", 3);
  BOOST_TEST(test::contents(first->get_messages()) == "[2,3]");
  BOOST_TEST(route.problems() == "");
}

BOOST_AUTO_TEST_CASE(nothing_is_made_under_the_name_of_a_side_file) {
  const test::RouteFile other;
  other.make_suspended("worker");
  const std::vector<std::string> lines = test::dump_of(other.path());
  const test::TemporaryFolder folder;
  for (const char* side : {"-wal", "-shm", "-journal", "-lock", "-wake", "-unfinished"}) {
    const std::string path = folder.file(std::string("jobs") + side);
    BOOST_TEST(ipcm::side_file_ending(path) == side);
    CHECK_ERROR(InvalidArgument, spawn_at(path));
    CHECK_ERROR(InvalidArgument, spawn_at(path, "UnixSocket"));
    CHECK_ERROR(InvalidArgument, load(path, lines));
    CHECK_ERROR(InvalidArgument, ipcm::backup_route(other.info(), path));
    CHECK_ERROR(InvalidArgument, ipcm::salvage_route(other.info(), path));
  }
  BOOST_TEST(fs::is_empty(folder.path()));
  BOOST_TEST(ipcm::side_file_ending("jobs.ipcm") == "");
}

BOOST_AUTO_TEST_CASE(nothing_is_made_under_a_path_that_is_not_utf_8) {
  const test::TemporaryFolder folder;
  CHECK_ERROR(InvalidArgument, spawn_at(folder.file("\xff.ipcm")));
  CHECK_ERROR(InvalidArgument, spawn_at(folder.file("\xff"), "UnixSocket"));
  BOOST_TEST(fs::is_empty(folder.path()));
}

BOOST_AUTO_TEST_CASE(a_name_or_path_that_is_too_long_is_refused_as_such_and_the_longest_works) {
  const test::TemporaryFolder folder;
  const auto error_of = [](const std::string& path) {
    const auto error = test::caught([&] { spawn_at(path); });
    return error ? std::string(ipcm::to_string(error->code())) + ": " + error->what() : std::string("ok");
  };
  for (const std::size_t size : {237, 244, 250, 255}) {
    const std::string error = error_of(folder.file(std::string(size, 'n')));
    BOOST_TEST(error.starts_with("InvalidArgument: the name of the route has " + std::to_string(size)), error);
  }
  std::string deep = folder.path().string();
  while (deep.size() < 3900) deep += "/" + std::string(150, 'd');
  deep += "/" + std::string(4076 - deep.size() - 4, 'd');
  fs::create_directories(deep);
  const std::string error = error_of(deep + "/abc");
  BOOST_TEST(error.starts_with("InvalidArgument: the path of the route has 4077 bytes; the system takes at most 4095"),
             error);
  BOOST_TEST(fs::is_empty(deep));
  for (const std::string& longest : {folder.file(std::string(236, 'n')), deep + "/ab"}) {
    spawn_at(longest);
    const auto client = ipcm::connect("worker", info_of(longest));
    client->send_message("worker", 1);
    BOOST_TEST(client->get_messages().size() == 1U);
  }
}

BOOST_AUTO_TEST_CASE(a_route_may_lie_deeper_than_sqlites_paths_are_long) {
  const test::TemporaryFolder folder;
  std::string deep = folder.path().string();
  while (deep.size() < 1000) deep += "/" + std::string(200, 'd');
  fs::create_directories(deep);
  const std::string route = deep + "/jobs.ipcm";
  spawn_at(route);
  {
    const auto worker = ipcm::connect("worker", info_of(route));
    test::RemotePeer boss(info_of(route), "boss");
    boss.send("worker", 1);
    BOOST_TEST(worker->wait(test::kPatience));
    worker->suspend();
  }
  BOOST_TEST(ipcm::route_info(info_of(route)).queued == 1U);
  BOOST_TEST(test::joined(ipcm::check_route(info_of(route)).problems) == "");
  for (const ipcm::Finding& finding : ipcm::examine_route(info_of(route))) {
    BOOST_TEST((finding.severity != ipcm::Severity::problem), finding.text);
  }
  const std::vector<std::string> lines = test::dump_of(route);
  load(deep + "/loaded", lines);
  ipcm::backup_route(info_of(route), deep + "/copy");
  ipcm::salvage_route(info_of(route), deep + "/saved");
  for (const char* other : {"/loaded", "/copy", "/saved"}) {
    BOOST_TEST(test::contents(ipcm::connect("worker", info_of(deep + other))->get_messages()) == "[1]", other);
    ipcm::unspawn(deep + other);
  }
  ipcm::unspawn(route);
  BOOST_TEST(fs::is_empty(deep));
}

BOOST_AUTO_TEST_CASE(a_link_to_nothing_is_said_to_be_one) {
  const test::TemporaryFolder folder;
  fs::create_symlink("nowhere", folder.file("link"));
  const auto error = test::caught([&] { spawn_at(folder.file("link")); });
  BOOST_REQUIRE(error.has_value());
  BOOST_TEST(ipcm::to_string(error->code()) == "RouteMissing");
  BOOST_TEST(std::string(error->what()).find("symbolic link to nowhere, where there is nothing") != std::string::npos,
             error->what());
  BOOST_TEST(std::string(error->what()).find("makes one") == std::string::npos, error->what());
}

BOOST_AUTO_TEST_CASE(a_failure_to_make_a_route_leaves_nothing) {
  const test::TemporaryFolder folder;
  const test::RouteFile damaged;
  test::write_file(damaged.path(), "SQLite format 3");
  CHECK_ERROR(InvalidArgument, load(folder.file("loaded"), {"no dump"}));
  CHECK_ERROR(NotARoute, ipcm::backup_route(damaged.info(), folder.file("copy")));
  ipcm::salvage_route(damaged.info(), folder.file("saved"));
  BOOST_TEST(fs::is_empty(folder.path()));
}

BOOST_AUTO_TEST_CASE(a_private_folder_that_cannot_be_made_is_an_error_that_names_tmpdir) {
  const test::TemporaryFolder folder;
  for (const char* protocol : {"SQLite", "UnixSocket"}) {
    ipcm::SpawnOptions options;
    options.protocol = protocol;
    const std::string error = test::in_forked_child([&] {
      ::setenv("TMPDIR", folder.file("nowhere").c_str(), 1);
      const auto refused = test::caught([&] { ipcm::spawn(options); });
      return refused ? std::string(refused->what()) : std::string("nothing was thrown");
    });
    BOOST_TEST(error.find("Set TMPDIR to a folder") != std::string::npos, error);
  }
}

BOOST_AUTO_TEST_SUITE_END()
