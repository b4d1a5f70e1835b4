// SPDX-License-Identifier: MIT
// A machine on which /proc is not mounted, as in some containers: there a route is used by its path.
#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <functional>

#include "support/errors.hpp"
#include "support/forked_child.hpp"
#include "support/mounts.hpp"
#include "support/temporary_folder.hpp"
#include "support/text.hpp"

#include <ipcm/ipcm.hpp>

namespace {

using boost::unit_test::precondition;

// In a process that sees an empty folder in place of /proc. Returns what `work` returns.
std::string with_no_proc(const std::function<std::string()>& work) {
  const test::TemporaryFolder empty;
  return test::in_forked_child([&]() -> std::string {
    if (!test::separate_mounts() || !test::bind_mount(empty.path().string(), "/proc")) return "cannot mount";
    return work();
  });
}

void spawn_at(const std::string& path) {
  ipcm::SpawnOptions options;
  options.route = path;
  ipcm::spawn(options);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(without_proc)

BOOST_AUTO_TEST_CASE(a_route_is_made_used_copied_and_removed, *precondition(test::with_mounts)) {
  const test::TemporaryFolder folder;
  const std::string path = folder.file("jobs.ipcm");
  BOOST_TEST(with_no_proc([&] {
               const auto info = ipcm::ConnectionInfo::parse(path);
               spawn_at(path);
               {
                 const auto worker = ipcm::connect("worker", info);
                 worker->send_message("worker", 1);
                 ipcm::backup_route(info, path + "-copy");
                 worker->suspend();
               }
               const auto copied = ipcm::connect("worker", ipcm::ConnectionInfo::parse(path + "-copy"));
               const std::string mail = test::contents(copied->get_messages());
               ipcm::unspawn(path);
               return mail + test::joined(ipcm::check_route(ipcm::ConnectionInfo::parse(path + "-copy")).problems);
             }) == "[1]");
  BOOST_TEST(!std::filesystem::exists(path));
}

BOOST_AUTO_TEST_CASE(a_path_that_is_too_long_for_sqlite_is_refused_as_such, *precondition(test::with_mounts)) {
  const test::TemporaryFolder folder;
  std::string deep = folder.path().string();
  while (deep.size() < 600) deep += "/" + std::string(150, 'd');
  std::filesystem::create_directories(deep);
  const auto error_of = [](const std::function<void()>& call) {
    const auto error = test::caught(call);
    return error ? std::string(ipcm::to_string(error->code())) + ": " + error->what() : std::string("ok");
  };
  const std::string made = with_no_proc([&] { return error_of([&] { spawn_at(deep + "/jobs.ipcm"); }); });
  BOOST_TEST(made.starts_with("InvalidArgument: the path of the route has"), made);
  BOOST_TEST(made.find("where /proc is not mounted, SQLite takes at most 512") != std::string::npos, made);
  BOOST_TEST(std::filesystem::is_empty(deep));
  spawn_at(deep + "/jobs.ipcm");
  const std::string opened = with_no_proc(
      [&] { return error_of([&] { ipcm::connect("worker", ipcm::ConnectionInfo::parse(deep + "/jobs.ipcm")); }); });
  BOOST_TEST(opened.starts_with("InvalidArgument: the path of the route has"), opened);
}

BOOST_AUTO_TEST_SUITE_END()
