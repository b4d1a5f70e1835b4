// SPDX-License-Identifier: MIT
// A route as files: where it is made, who may read it, what unspawn removes, durability.
#include <sys/stat.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>

#include <filesystem>

#include "integration/route_file.hpp"
#include "support/errors.hpp"
#include "support/text.hpp"

namespace {

unsigned mode_of(const std::string& path) {
  struct stat status {};
  if (stat(path.c_str(), &status) != 0) return 0;
  return status.st_mode & 07777;
}

// Restores the process's umask.
class Umask {
 public:
  explicit Umask(mode_t mask) : before_(umask(mask)) {}
  ~Umask() { umask(before_); }
  Umask(const Umask&) = delete;
  Umask& operator=(const Umask&) = delete;

 private:
  mode_t before_;
};

class WorkingFolder {
 public:
  explicit WorkingFolder(const std::filesystem::path& folder) : before_(std::filesystem::current_path()) {
    std::filesystem::current_path(folder);
  }
  ~WorkingFolder() { std::filesystem::current_path(before_); }
  WorkingFolder(const WorkingFolder&) = delete;
  WorkingFolder& operator=(const WorkingFolder&) = delete;

 private:
  std::filesystem::path before_;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(files)

BOOST_AUTO_TEST_CASE(a_route_without_a_path_is_a_fresh_file_in_a_private_folder_that_goes_with_it) {
  std::filesystem::path folder;
  {
    const Umask open(0);
    const auto store = ipcm::spawn();
    folder = std::filesystem::path(store.route()).parent_path();
    BOOST_TEST(std::filesystem::path(store.route()).is_absolute());
    BOOST_TEST(mode_of(folder) == 0700U);
  }
  BOOST_TEST(!std::filesystem::exists(folder));
}

BOOST_AUTO_TEST_CASE(nothing_that_a_route_consists_of_is_open_to_others) {
  const Umask open(0);
  const test::RouteFile route;
  const auto boss = route.connect("boss");
  boss->fd();
  boss->send_message("boss", 1);
  int count = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(route.folder().path())) {
    if (entry.is_socket()) continue;  // closed by the folder that it lies in
    BOOST_TEST((mode_of(entry.path()) & 0077) == 0U, entry.path());
    ++count;
  }
  BOOST_TEST(count >= 4);  // the file, -wal, -shm, -lock
}

BOOST_AUTO_TEST_CASE(unspawning_removes_every_file_that_a_route_consists_of) {
  const test::RouteFile route;
  {
    const auto boss = route.connect("boss");
    boss->fd();
    boss->send_message("boss", 1);
    ipcm::unspawn(route.path());
  }
  BOOST_TEST(std::filesystem::is_empty(route.folder().path()));
  ipcm::unspawn(route.path());
}

BOOST_AUTO_TEST_CASE(unspawning_leaves_other_files_alone) {
  const test::RouteFile route;
  test::write_file(route.folder().file("jobs.ipcm.backup"), "mine");
  test::write_file(route.folder().file("other"), "mine");
  ipcm::unspawn(route.path());
  BOOST_TEST(test::read_file(route.folder().file("jobs.ipcm.backup")) == "mine");
  BOOST_TEST(test::read_file(route.folder().file("other")) == "mine");
}

BOOST_AUTO_TEST_CASE(a_relative_path_is_made_absolute_when_the_info_is_made) {
  const test::TemporaryFolder folder;
  std::string info;
  {
    const WorkingFolder here(folder.path());
    ipcm::SpawnOptions options;
    options.route = "jobs.ipcm";
    options.guard = false;
    info = ipcm::spawn(options).info();
    BOOST_TEST(ipcm::ConnectionInfo::parse("jobs.ipcm").route == folder.file("jobs.ipcm"));
    BOOST_TEST(ipcm::ConnectionInfo::parse(R"(["SQLite","JSON","jobs.ipcm"])").route == folder.file("jobs.ipcm"));
    BOOST_TEST(ipcm::connect("boss", "jobs.ipcm")->route() == folder.file("jobs.ipcm"));
    BOOST_TEST(ipcm::connect("boss", "JSON", "jobs.ipcm")->route() == folder.file("jobs.ipcm"));
  }
  ipcm::connect("boss", info);
}

BOOST_AUTO_TEST_CASE(a_route_is_one_route_by_whatever_path_it_is_reached) {
  const test::RouteFile route;
  std::filesystem::create_symlink(route.path(), route.folder().file("link"));
  std::filesystem::create_directory_symlink(route.folder().path(), route.folder().file("folder"));
  const test::TemporaryFolder other;
  std::filesystem::create_directory(other.file("inside"));
  std::filesystem::create_directory_symlink(other.file("inside"), route.folder().file("away"));
  std::filesystem::create_symlink(route.path(), other.file("jobs.ipcm"));  // what away/../jobs.ipcm is
  const auto worker = route.connect("worker");
  for (const char* name : {"link", "folder/jobs.ipcm", "./jobs.ipcm", "away/../jobs.ipcm"}) {
    const std::string path = route.folder().file(name);
    CHECK_ERROR(NameInUse, ipcm::connect("worker", path));
    ipcm::connect("boss", path)->send_message("worker", path);
  }
  BOOST_TEST(worker->wait(std::chrono::milliseconds(0)));
  BOOST_TEST(worker->get_messages().size() == 4);
}

BOOST_AUTO_TEST_CASE(a_path_may_have_any_name) {
  const test::TemporaryFolder folder;
  for (const char* name : {"with space", "grüße", "a?mode=ro", "a%20b", "file:x", "'quoted'", "-dash", ":memory:"}) {
    ipcm::SpawnOptions options;
    options.route = folder.file(name);
    options.guard = true;
    const auto store = ipcm::spawn(options);
    BOOST_TEST(std::filesystem::exists(folder.file(name)), name);
    const auto boss = store.connect("boss");
    boss->send_message("boss", 1);
    BOOST_TEST(boss->get_messages().size() == 1, name);
  }
  BOOST_TEST(std::filesystem::is_empty(folder.path()));
}

BOOST_AUTO_TEST_CASE(a_route_deep_down_works_although_its_sockets_have_short_names) {
  const test::TemporaryFolder folder;
  auto deep = folder.path();
  for (int n = 0; n < 6; ++n) deep /= std::string(60, 'd');
  std::filesystem::create_directories(deep);
  ipcm::SpawnOptions options;
  options.route = (deep / "jobs.ipcm").string();
  const auto store = ipcm::spawn(options);
  const auto boss = store.connect("boss");
  boss->send_message("boss", 1);
  BOOST_TEST(boss->wait(std::chrono::seconds(10)));
}

BOOST_AUTO_TEST_CASE(the_default_is_full_durability_and_it_can_be_changed) {
  const test::RouteFile route;
  BOOST_TEST(ipcm::route_info(route.info()).durability == "full");
  const auto boss = route.connect("boss");
  boss->send_message("boss", 1);
  for (const auto durability : {ipcm::Durability::relaxed, ipcm::Durability::volatile_mode, ipcm::Durability::full}) {
    ipcm::set_durability(route.info(), durability);
    BOOST_TEST(ipcm::route_info(route.info()).durability == ipcm::to_string(durability));
    BOOST_TEST((ipcm::parse_durability(ipcm::to_string(durability)) == durability));
    route.connect("worker")->send_message("boss", 1);
  }
  BOOST_TEST(boss->get_messages().size() == 4);
  CHECK_ERROR(InvalidArgument, ipcm::parse_durability("eternal"));
}

BOOST_AUTO_TEST_CASE(a_route_is_made_with_the_durability_that_was_asked_for_and_keeps_it) {
  ipcm::SpawnOptions options;
  options.durability = ipcm::Durability::relaxed;
  const test::RouteFile route(options);
  options.route = route.path();
  options.guard = false;
  options.durability = ipcm::Durability::volatile_mode;
  BOOST_TEST(!ipcm::spawn(options).created());
  BOOST_TEST(ipcm::route_info(route.info()).durability == "relaxed");
}

BOOST_AUTO_TEST_CASE(a_route_that_stays_in_use_does_not_grow_without_end) {
  ipcm::SpawnOptions options;
  options.durability = ipcm::Durability::relaxed;
  const test::RouteFile route(options);
  const auto boss = route.connect("boss");
  const std::string content(2000, 'x');
  for (int n = 0; n < 3000; ++n) {
    boss->send_message("boss", content);
    boss->get_messages();
  }
  const auto info = ipcm::route_info(route.info());
  BOOST_TEST(info.file_bytes < std::uint64_t{4} << 20);
  BOOST_TEST(info.wal_bytes < std::uint64_t{32} << 20);
}

BOOST_AUTO_TEST_SUITE_END()
