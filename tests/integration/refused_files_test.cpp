// SPDX-License-Identifier: MIT
// Files that are no usable route are refused with the reason, by everything that opens one, and their bytes stay as
// they
// were.
#include <sys/stat.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <functional>

#include "integration/route_file.hpp"
#include "support/errors.hpp"
#include "support/remote_peer.hpp"
#include "support/text.hpp"

namespace {

// A whole route in one file, with a message in it.
std::string route_bytes() {
  const test::RouteFile route;
  route.make_suspended("worker");
  route.connect("boss")->send_message("worker", std::string(3000, 'x'));
  { test::PlainSql(route.path()).query("PRAGMA wal_checkpoint(TRUNCATE)"); }
  return test::read_file(route.path());
}

std::string route_bytes_after(const std::string& sql) {
  const test::TemporaryFolder folder;
  test::write_file(folder.file("route"), route_bytes());
  {
    test::PlainSql change(folder.file("route"));
    change.run(sql);
    change.query("PRAGMA wal_checkpoint(TRUNCATE)");
  }
  return test::read_file(folder.file("route"));
}

std::string foreign_database() {
  const test::TemporaryFolder folder;
  { test::PlainSql(folder.file("other")).run("CREATE TABLE messages(a); INSERT INTO messages VALUES (1)"); }
  return test::read_file(folder.file("other"));
}

std::vector<std::string> names_in(const test::TemporaryFolder& folder) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
    names.push_back(entry.path().filename().string());
  }
  return names;
}

std::string code_of_spawn(const std::string& path) {
  ipcm::SpawnOptions options;
  options.route = path;
  options.guard = false;
  return test::code_of_call([&] { ipcm::spawn(options); });
}

// What everything that opens a route says about the file, and whether it left it alone.
void check_refused(const std::string& what, const std::string& bytes, const std::string& code) {
  const test::TemporaryFolder folder;
  const std::string path = folder.file("jobs.ipcm");
  test::write_file(path, bytes);
  const auto info = ipcm::ConnectionInfo::parse(path);
  BOOST_TEST_CONTEXT(what) {
    BOOST_TEST(code_of_spawn(path) == code);
    BOOST_TEST(test::code_of_call([&] { ipcm::connect("worker", info); }) == code);
    BOOST_TEST(test::code_of_call([&] { ipcm::reconnect("worker", info); }) == code);
    BOOST_TEST(test::code_of_call([&] { ipcm::connect_anonymous(info); }) == code);
    BOOST_TEST(test::code_of_call([&] { ipcm::route_info(info); }) == code);
    const auto error = test::caught([&] { ipcm::connect("worker", info); });
    BOOST_TEST(std::string(error->what()).find(path) != std::string::npos, error->what());
    BOOST_TEST((test::read_file(path) == bytes), "its bytes changed");
    if (code != "RouteDamaged") BOOST_TEST(test::joined(names_in(folder)) == "jobs.ipcm");
  }
}

// Takes the right to write from a folder and everything in it, and gives it back.
class ReadOnlyFolder {
 public:
  explicit ReadOnlyFolder(const std::filesystem::path& folder) : folder_(folder) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) inside_.push_back(entry.path());
    for (const auto& path : inside_) change(path, std::filesystem::is_directory(path) ? 0555 : 0444);
    change(folder_, 0555);
  }
  ~ReadOnlyFolder() {
    change(folder_, 0755);
    for (const auto& path : inside_) change(path, std::filesystem::is_directory(path) ? 0755 : 0644);
  }
  ReadOnlyFolder(const ReadOnlyFolder&) = delete;
  ReadOnlyFolder& operator=(const ReadOnlyFolder&) = delete;

 private:
  static void change(const std::filesystem::path& path, int mode) {
    std::filesystem::permissions(path, std::filesystem::perms(mode));
  }

  std::filesystem::path folder_;
  std::vector<std::filesystem::path> inside_;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(refused_files)

BOOST_AUTO_TEST_CASE(what_is_not_a_route_is_refused_and_left_alone) {
  const std::string whole = route_bytes();
  check_refused("a text", "Dear diary, today I queued some messages.\n", "NotARoute");
  check_refused("a long text", std::string(100'000, 'a'), "NotARoute");
  check_refused("a single byte", "S", "NotARoute");
  check_refused("an empty file", "", "NotARoute");
  check_refused("half a header", whole.substr(0, 50), "NotARoute");
  check_refused("another program's database", foreign_database(), "NotARoute");
}

BOOST_AUTO_TEST_CASE(a_route_of_a_newer_library_is_refused_and_left_alone) {
  check_refused("a newer route", route_bytes_after("PRAGMA user_version = 9999"), "RouteTooNew");
}

BOOST_AUTO_TEST_CASE(a_damaged_route_is_refused_and_left_alone) {
  const std::string whole = route_bytes();
  std::string no_schema = whole;  // the header stands, the rest of the first page is noise
  for (std::size_t n = 100; n < 4096; ++n) no_schema[n] = static_cast<char>(n * 7);
  check_refused("a schema of noise", no_schema, "RouteDamaged");
  check_refused("cut off after the first page", whole.substr(0, 4096), "RouteDamaged");
  check_refused("without a table",
                route_bytes_after("PRAGMA writable_schema = ON; DELETE FROM sqlite_schema WHERE "
                                  "name = 'peers'"),
                "RouteDamaged");
}

BOOST_AUTO_TEST_CASE(what_is_not_a_route_is_not_unspawned) {
  const std::vector<std::string> contents = {"text\n", "", foreign_database()};
  for (const std::string& bytes : contents) {
    const test::TemporaryFolder folder;
    test::write_file(folder.file("file"), bytes);
    CHECK_ERROR(NotARoute, ipcm::unspawn(folder.file("file")));
    BOOST_TEST((test::read_file(folder.file("file")) == bytes));
  }
  const test::TemporaryFolder folder;
  CHECK_ERROR(NotARoute, ipcm::unspawn(folder.path().string()));
  BOOST_TEST(std::filesystem::exists(folder.path()));
}

BOOST_AUTO_TEST_CASE(a_folder_is_not_a_route) {
  const test::TemporaryFolder folder;
  const auto info = ipcm::ConnectionInfo::parse(folder.path().string());
  CHECK_ERROR(NotARoute, ipcm::connect("worker", info));
  CHECK_ERROR(NotARoute, ipcm::route_info(info));
  BOOST_TEST(code_of_spawn(folder.path().string()) == "NotARoute");
  BOOST_TEST(std::filesystem::is_empty(folder.path()));
}

BOOST_AUTO_TEST_CASE(a_pipe_or_a_device_is_not_a_route_and_does_not_hang) {
  const test::TemporaryFolder folder;
  const std::string pipe = folder.file("pipe");
  BOOST_REQUIRE(mkfifo(pipe.c_str(), 0600) == 0);
  for (const std::string& path : {pipe, std::string("/dev/null")}) {
    BOOST_TEST(code_of_spawn(path) == "NotARoute");
    CHECK_ERROR(NotARoute, ipcm::connect("worker", path));
    CHECK_ERROR(NotARoute, ipcm::unspawn(path));
  }
}

BOOST_AUTO_TEST_CASE(a_route_in_a_folder_that_does_not_exist_is_missing_and_cannot_be_made) {
  const test::TemporaryFolder folder;
  const std::string path = folder.file("nowhere/jobs.ipcm");
  CHECK_ERROR(RouteMissing, ipcm::connect("worker", path));
  BOOST_TEST(code_of_spawn(path) != "ok");
  BOOST_TEST(std::filesystem::is_empty(folder.path()));
}

BOOST_AUTO_TEST_CASE(a_route_that_may_not_be_written_is_refused_as_read_only_and_left_alone) {
  const test::RouteFile route;
  route.make_suspended("worker");
  { test::PlainSql(route.path()).query("PRAGMA wal_checkpoint(TRUNCATE)"); }
  const std::string before = test::read_file(route.path());
  test::RemotePeer stranger;
  if (geteuid() == 0) stranger.call({"become", 65534});  // root may write anything
  {
    const ReadOnlyFolder nothing_may_be_written(route.folder().path());
    CHECK_ERROR(ReadOnly, stranger.connect(route.info(), "worker"));
    CHECK_ERROR(ReadOnly, stranger.connect(route.info(), "new"));
  }
  BOOST_TEST((test::read_file(route.path()) == before));
}

BOOST_AUTO_TEST_CASE(a_route_that_may_not_be_read_is_refused_by_its_path) {
  const test::RouteFile route;
  std::filesystem::permissions(route.folder().path(), std::filesystem::perms(0755));
  std::filesystem::permissions(route.path(), std::filesystem::perms(0));
  test::RemotePeer stranger;
  if (geteuid() == 0) stranger.call({"become", 65534});
  const auto error = test::caught([&] { stranger.connect(route.info(), "worker"); });
  BOOST_REQUIRE(error.has_value());
  BOOST_TEST(std::string(error->what()).find(route.path()) != std::string::npos, error->what());
}

BOOST_AUTO_TEST_SUITE_END()
