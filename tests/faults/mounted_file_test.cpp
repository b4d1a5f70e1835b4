// SPDX-License-Identifier: MIT
// A route that is mounted as a single file lies in two folders, with a log and locks in each: it is refused, as by a
// second name.
#include <boost/test/unit_test.hpp>

#include <filesystem>

#include "integration/route_file.hpp"
#include "support/errors.hpp"
#include "support/forked_child.hpp"
#include "support/mounts.hpp"

namespace {

namespace fs = std::filesystem;

// In a process whose mounts nobody else sees. Returns what `work` returns.
std::string with_mounted(const std::string& from, const std::string& at, const std::function<std::string()>& work) {
  return test::in_forked_child([&]() -> std::string {
    if (!test::separate_mounts() || !test::bind_mount(from, at)) return "cannot mount";
    return work();
  });
}

std::string codes_at(const std::string& path) {
  const auto info = ipcm::ConnectionInfo::parse(path);
  return test::code_of_call([&] { ipcm::connect("worker", info); }) + " " +
         test::code_of_call([&] { ipcm::route_info(info); }) + " " +
         test::code_of_call([&] { ipcm::backup_route(info, path + ".copy"); }) + " " +
         test::code_of_call([&] { ipcm::unspawn(path); });
}

std::string advice_at(const std::string& path) {
  for (const ipcm::Finding& finding : ipcm::examine_route(ipcm::ConnectionInfo::parse(path))) {
    if (finding.about == "mounts") return finding.advice;
  }
  return "doctor does not tell";
}

}  // namespace

BOOST_AUTO_TEST_SUITE(mounted_files, *boost::unit_test::precondition(test::with_mounts))

BOOST_AUTO_TEST_CASE(a_route_that_is_mounted_as_a_single_file_is_refused_and_doctor_says_what_to_mount) {
  const test::RouteFile route;
  route.make_suspended("worker");
  const test::TemporaryFolder box;
  const std::string inside = box.file("jobs.ipcm");
  test::write_file(inside, "");
  BOOST_TEST(with_mounted(route.path(), inside, [&] { return codes_at(inside); }) == "Unsafe Unsafe Unsafe Unsafe");
  const std::string advice = with_mounted(route.path(), inside, [&] { return advice_at(inside); });
  BOOST_TEST(advice.find("mount the folder") != std::string::npos, advice);
  for (const auto& entry : fs::directory_iterator(box.path())) BOOST_TEST(entry.path() == inside);
  BOOST_TEST(test::code_of_call([&] { route.connect("worker"); }) == "ok");
}

BOOST_AUTO_TEST_CASE(so_is_one_whose_log_or_lock_file_is_mounted) {
  for (const char* side : {"-wal", "-shm", "-lock"}) {
    const test::RouteFile route;
    route.make_suspended("worker");
    const auto user = route.connect("user");  // so that all of them are there
    const test::TemporaryFolder elsewhere;
    test::write_file(elsewhere.file("file"), "");
    const std::string code = with_mounted(elsewhere.file("file"), route.path() + side,
                                          [&] { return test::code_of_call([&] { route.connect("worker"); }); });
    BOOST_TEST(code == "Unsafe", side << ": " << code);
  }
}

BOOST_AUTO_TEST_CASE(a_folder_that_is_mounted_is_one_folder) {
  const test::RouteFile route;
  route.make_suspended("worker");
  const auto boss = route.connect("boss");
  const test::TemporaryFolder box;
  const std::string outcome = with_mounted(route.folder().path(), box.path(), [&] {
    const std::string path = box.file("jobs.ipcm");
    return test::code_of_call([&] {
      const auto worker = ipcm::connect("worker", ipcm::ConnectionInfo::parse(path));
      worker->send_message("boss", 1);
      worker->suspend();
    });
  });
  BOOST_TEST(outcome == "ok");
  BOOST_TEST(boss->get_messages().size() == 1U);
}

BOOST_AUTO_TEST_SUITE_END()
