// SPDX-License-Identifier: MIT
#include <sys/stat.h>

#include <filesystem>
#include <string>

#include <boost/test/unit_test.hpp>

#include "shell.hpp"

using test::check_fails;
using test::ipcm_json;
using test::ipcm_ok;
using test::ipcm_run;

namespace {

bool exists(const std::string& path) {
  return std::filesystem::exists(path);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(spawn)

BOOST_AUTO_TEST_CASE(it_makes_the_route_and_says_so) {
  const test::TemporaryFolder folder;
  const std::string path = folder.file("jobs.ipcm");
  const std::string out = ipcm_ok({"spawn", path});
  BOOST_TEST(out.starts_with("made " + path + " (SQLite "));
  BOOST_TEST(out.find("durability full") != std::string::npos);
  BOOST_TEST(exists(path));
}

BOOST_AUTO_TEST_CASE(as_json_it_prints_one_object) {
  const test::TemporaryFolder folder;
  const std::string path = folder.file("jobs.ipcm");
  const test::Json expected = {{"route", path},
                               {"created", true},
                               {"durability", "relaxed"},
                               {"max_content", 1 << 20},
                               {"info", {"SQLite", "CBOR", path}}};
  const auto printed =
      ipcm_json({"spawn", path, "--durability", "relaxed", "--max-content", "1M", "--serializer", "CBOR"});
  BOOST_TEST(printed.size() == 1U);
  BOOST_TEST(printed.at(0) == expected);
}

BOOST_AUTO_TEST_CASE(with_secure_delete_the_route_has_it_from_its_beginning) {
  const test::TemporaryFolder folder;
  const std::string path = folder.file("jobs.ipcm");
  ipcm_ok({"spawn", path, "--secure-delete"});
  BOOST_TEST(ipcm_json({"info", path}).at(0)["secure_delete"] == true);
  BOOST_TEST(ipcm_ok({"info", path}).find("overwritten with zeros") != std::string::npos);
  const test::Route other;
  const std::string out = ipcm_ok({"spawn", other.path(), "--secure-delete"});
  BOOST_TEST(out.find("it stays without secure_delete") != std::string::npos);
  BOOST_TEST(ipcm_json({"info", other.path()}).at(0)["secure_delete"] == false);
  BOOST_TEST(ipcm_ok({"info", other.path()}).find("overwritten with zeros") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(without_a_route_it_makes_one_in_a_private_folder) {
  const auto spawned = ipcm_json({"spawn"}).at(0);
  const std::string route = spawned["route"];
  struct stat status {};
  BOOST_TEST(::stat(std::filesystem::path(route).parent_path().c_str(), &status) == 0);
  BOOST_TEST((status.st_mode & 0777) == 0700);
  BOOST_TEST(ipcm_json({"info", route}).at(0)["queued"] == 0);
  ipcm_ok({"unspawn", route});
  std::filesystem::remove(std::filesystem::path(route).parent_path());
}

BOOST_AUTO_TEST_CASE(an_existing_route_is_opened_and_keeps_everything) {
  const test::Route route;
  route.fill(1, 3);
  const std::string out = ipcm_ok({"spawn", route.path(), "--durability", "relaxed", "--max-content", "1K"});
  BOOST_TEST(out.starts_with("opened " + route.path() +
                             ", which was there already and keeps what it holds: 2 peers, 3 messages"));
  BOOST_TEST(out.find("its durability stays; change it with: ipcm durability " + route.path() + " relaxed") !=
             std::string::npos);
  BOOST_TEST(out.find("its largest content stays 64 MiB") != std::string::npos);
  BOOST_TEST(route.waiting() == test::numbers(1, 3), boost::test_tools::per_element());
  const auto again = ipcm_json({"spawn", route.path()}).at(0);
  BOOST_TEST(again["created"] == false);
  BOOST_TEST(again["durability"] == "full");
}

BOOST_AUTO_TEST_CASE(a_size_that_no_route_can_have_is_refused) {
  const test::TemporaryFolder folder;
  check_fails(ipcm_run({"spawn", folder.file("r"), "--max-content", "1G"}), 2, "512M at most");
  check_fails(ipcm_run({"spawn", folder.file("r"), "--serializer", "YAML"}), 1, "JSON");
  BOOST_TEST(!exists(folder.file("r")));
}

BOOST_AUTO_TEST_CASE(what_is_not_a_route_is_refused_unharmed) {
  const test::TemporaryFolder folder;
  const std::string path = folder.file("notes.txt");
  test::write_file(path, "not a route\n");
  check_fails(ipcm_run({"spawn", path}), 1, path);
  check_fails(ipcm_run({"unspawn", path}), 1, path);
  BOOST_TEST(test::read_file(path) == "not a route\n");
  check_fails(ipcm_run({"spawn", folder.path().string()}), 1, "folder");
  check_fails(ipcm_run({"unspawn", folder.path().string()}), 1, "folder");
  BOOST_TEST(exists(path));
}

BOOST_AUTO_TEST_CASE(a_route_that_would_end_with_the_command_is_refused) {
  check_fails(ipcm_run({"spawn", R"(["LocalMemory","JSON","x"])"}), 1, "LocalMemory");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(unspawn)

BOOST_AUTO_TEST_CASE(it_removes_the_file_with_every_side_file) {
  const test::Route route;
  route.fill(1, 3);
  BOOST_TEST(ipcm_ok({"unspawn", route.path()}) == route.path() + " is gone\n");
  BOOST_TEST(std::filesystem::is_empty(route.folder().path()));
}

BOOST_AUTO_TEST_CASE(a_route_that_is_not_there_is_fine) {
  const test::TemporaryFolder folder;
  const auto printed = ipcm_json({"unspawn", folder.file("none")}).at(0);
  BOOST_TEST(printed == test::Json({{"route", folder.file("none")}, {"exists", false}}));
}

BOOST_AUTO_TEST_CASE(it_takes_a_connection_info_too) {
  const test::Route route;
  ipcm_ok({"unspawn", ipcm_ok({"connect-info", route.path()})});
  BOOST_TEST(!exists(route.path()));
}

BOOST_AUTO_TEST_SUITE_END()
