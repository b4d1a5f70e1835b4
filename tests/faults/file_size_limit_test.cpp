// SPDX-License-Identifier: MIT
// `ulimit -f`: a file that may not grow is an error, and not the end of the process.
#include <sys/resource.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>

#include <csignal>
#include <string>

#include <ipcm/ipcm.hpp>

#include "integration/route_file.hpp"
#include "support/errors.hpp"
#include "support/faults/child.hpp"
#include "support/forked_child.hpp"
#include "support/temporary_folder.hpp"
#include "support/text.hpp"

namespace {

constexpr rlim_t kLimit = 1 << 20;
constexpr std::size_t kContent = 20'000;

void allow_files_of(rlim_t bytes) {
  const rlimit limit{bytes, bytes};
  setrlimit(RLIMIT_FSIZE, &limit);
}

bool file_size_signal_is_pending() {
  sigset_t pending;
  sigpending(&pending);
  return sigismember(&pending, SIGXFSZ) != 0;
}

// Sends until that is an error; says how many were sent, and what the error was.
std::string send_until_it_fails(const ipcm::ConnectionInfo& info) {
  const auto boss = ipcm::connect("boss", info);
  for (int sent = 0; sent < 1000; ++sent) {
    const std::string code = test::code_of(boss->try_message("worker", std::string(kContent, 'x')));
    if (code != "ok") return std::to_string(sent) + " " + code;
  }
  return "there is no limit";
}

}  // namespace

BOOST_AUTO_TEST_SUITE(file_size_limit)

BOOST_AUTO_TEST_CASE(beyond_the_size_that_files_may_have_a_send_is_an_error_and_all_before_it_is_kept) {
  const test::RouteFile route;
  route.make_suspended("worker");
  const std::string said = test::in_forked_child([&] {
    allow_files_of(kLimit);
    return send_until_it_fails(route.info());
  });
  BOOST_TEST(said.ends_with(" RouteFull"), said);
  const auto messages = route.connect("worker")->get_messages();
  BOOST_TEST(std::to_string(messages.size()) + " RouteFull" == said);
  BOOST_TEST(messages.size() > 10U);
  BOOST_TEST(route.problems() == "");
}

BOOST_AUTO_TEST_CASE(without_room_for_any_file_a_route_cannot_be_made_or_opened_and_nobody_dies) {
  const test::TemporaryFolder folder;
  const test::RouteFile route;
  for (const rlim_t limit : {rlim_t{0}, rlim_t{1000}, rlim_t{5000}, rlim_t{40'000}}) {
    const std::string said = test::in_forked_child([&] {
      allow_files_of(limit);
      const std::string made =
          test::code_of_call([&] { ipcm::spawn({.route = folder.file("new.ipcm"), .guard = false}); });
      const std::string connected = test::code_of_call([&] { route.connect("boss"); });
      return made + " " + connected;
    });
    BOOST_TEST((said == "RouteFull RouteFull" || said == "RouteFull ok"), limit << ": " << said);
  }
  BOOST_TEST(!std::filesystem::exists(folder.file("new.ipcm")));
  BOOST_TEST(route.problems() == "");
}

BOOST_AUTO_TEST_CASE(the_signal_stays_the_programs_own_for_its_own_files) {
  const test::RouteFile route;
  route.make_suspended("worker");
  const test::TemporaryFolder folder;
  const pid_t child = test::fork_child([&] {
    allow_files_of(kLimit);
    send_until_it_fails(route.info());
    if (file_size_signal_is_pending()) _exit(2);
    test::write_file(folder.file("large"), std::string(2 * kLimit, 'x'));  // ends it, as it did before
  });
  BOOST_TEST(test::wait_for_child(child) == 128 + SIGXFSZ);
}

BOOST_AUTO_TEST_CASE(with_unix_sockets_a_content_beyond_it_is_an_error_and_leaves_nothing) {
  const test::TemporaryFolder folder;
  const std::string path = folder.file("route");
  ipcm::spawn({.protocol = "UnixSocket", .route = path, .guard = false});
  const ipcm::ConnectionInfo info{"UnixSocket", "JSON", path};
  const auto worker = ipcm::connect("worker", info);
  const std::string said = test::in_forked_child([&] {
    allow_files_of(kLimit);
    const auto boss = ipcm::connect_anonymous(info);
    const std::string first = test::code_of(boss->try_message("worker", std::string(2 * kLimit, 'x')));
    return first + " " + test::code_of(boss->try_message("worker", "small"));
  });
  BOOST_TEST(said == "RouteFull ok");
  BOOST_TEST(test::contents(worker->get_messages()) == "[\"small\"]");
  BOOST_TEST(std::filesystem::is_empty(path + "/letters"));
}

BOOST_AUTO_TEST_SUITE_END()
