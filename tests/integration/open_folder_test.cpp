// SPDX-License-Identifier: MIT
// A client reaches the files of its route by a folder that it keeps open: what else is done with that folder, with the
// files in it and with descriptors of the process does no harm.
#include <sys/syscall.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <optional>
#include <thread>

#include "integration/route_file.hpp"
#include "support/errors.hpp"
#include "support/forked_child.hpp"
#include "support/process.hpp"
#include "support/remote_peer.hpp"
#include "support/text.hpp"

namespace {

namespace fs = std::filesystem;

std::size_t count_descriptors() {
  const fs::directory_iterator all("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

std::string files_beside(const test::RouteFile& route) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(route.folder().path())) {
    if (entry.is_regular_file()) names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return test::joined(names);
}

std::unique_ptr<test::PlainSql> connection_of_application(const test::RouteFile& route) {
  auto connection = std::make_unique<test::PlainSql>(route.path());
  connection->query("SELECT count(*) FROM peers");  // with the index open
  return connection;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(open_folder)

BOOST_AUTO_TEST_CASE(a_route_whose_folder_was_moved_away_is_gone_and_what_was_stored_goes_along) {
  const test::TemporaryFolder top;
  const std::string folder = top.file("folder");
  fs::create_directory(folder);
  const auto info = ipcm::ConnectionInfo::parse(folder + "/jobs.ipcm");
  ipcm::SpawnOptions options;
  options.route = info.route;
  ipcm::spawn(options);
  auto worker = ipcm::connect("worker", info);
  worker->send_message("worker", 1);
  fs::rename(folder, top.file("moved"));
  CHECK_ERROR(RouteGone, worker->send_message("worker", 2));
  fs::create_directory(folder);
  CHECK_ERROR(RouteGone, worker->get_messages());
  worker.reset();
  BOOST_TEST(fs::is_empty(folder));
  const auto there = ipcm::connect("worker", ipcm::ConnectionInfo::parse(top.file("moved/jobs.ipcm")));
  BOOST_TEST(test::contents(there->get_messages()) == "[1]");
}

BOOST_AUTO_TEST_CASE(an_applications_own_connection_that_is_closed_last_leaves_one_file) {
  const test::RouteFile route;
  const std::size_t before = count_descriptors();
  auto worker = route.connect("worker");
  auto own = connection_of_application(route);
  worker->suspend();
  worker.reset();
  BOOST_TEST(files_beside(route) == "jobs.ipcm,jobs.ipcm-lock,jobs.ipcm-shm,jobs.ipcm-wal");
  own.reset();
  BOOST_TEST(files_beside(route) == "jobs.ipcm,jobs.ipcm-lock");
  route.make_suspended("other");  // after which the folder need not be open any more
  BOOST_TEST(count_descriptors() == before);
}

// SQLite removes an index under the name by which the first connection of the process had opened it.
BOOST_AUTO_TEST_CASE(an_applications_own_connection_that_is_closed_late_removes_no_file_of_another_route) {
  const test::RouteFile first;
  first.connect("worker");
  auto own = std::optional<std::unique_ptr<test::PlainSql>>();
  {
    const auto worker = first.connect("worker");
    own = connection_of_application(first);
  }
  const test::RouteFile second;  // its file has the same name
  const auto worker = second.connect("worker");
  std::vector<std::shared_ptr<ipcm::Client>> more;
  for (int n = 0; n < 5; ++n) more.push_back(second.connect("worker-" + std::to_string(n)));
  own.reset();
  BOOST_TEST(files_beside(second) == "jobs.ipcm,jobs.ipcm-lock,jobs.ipcm-shm,jobs.ipcm-wal");
  test::RemotePeer boss(second.info(), "boss");
  boss.send("worker", 1);
  BOOST_TEST(test::contents(worker->get_messages()) == "[1]");
  BOOST_TEST(second.problems() == "");
  BOOST_TEST(files_beside(first) == "jobs.ipcm,jobs.ipcm-lock");
}

BOOST_AUTO_TEST_CASE(a_client_that_leaves_others_behind_leaves_no_descriptor) {
  const test::RouteFile route;
  const std::size_t before = count_descriptors();
  test::RemotePeer other(route.info(), "other");
  const std::size_t with_other = count_descriptors();
  for (int n = 0; n < 3; ++n) {
    const auto worker = route.connect("worker");
    worker->send_message("other", n);
    worker->suspend();
  }
  BOOST_TEST(count_descriptors() == with_other);
  other.end();
  BOOST_TEST(before <= with_other);
}

BOOST_AUTO_TEST_CASE(a_client_goes_on_once_the_thread_that_ran_main_has_ended) {
  const test::RouteFile route;
  route.make_suspended("worker");
  BOOST_TEST(test::in_forked_child([&] {
               std::thread([&] {
                 const bool has_ended = test::eventually([] { return access("/proc/self/fd/0", F_OK) != 0; });
                 const bool works = test::code_of_call([&] {
                                      const auto boss = route.connect("boss");
                                      boss->send_message("worker", 1);
                                      boss->suspend();
                                    }) == "ok";
                 _exit(has_ended && works ? 0 : 3);
               }).detach();
               syscall(SYS_exit, 0);  // of this thread alone
               return std::string();
             }) == "");
  BOOST_TEST(test::contents(route.connect("worker")->get_messages()) == "[1]");
}

BOOST_AUTO_TEST_SUITE_END()
