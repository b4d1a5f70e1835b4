// SPDX-License-Identifier: MIT
// A route at rest that may only be read, on a read-only mount or by its mode: it can be looked at, and nothing else.
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>

#include "shell.hpp"
#include "support/forked_child.hpp"
#include "support/mounts.hpp"

using test::ipcm_ok;
using test::ipcm_run;

namespace {

const std::vector<std::vector<std::string>> kLooks = {
    {"peek", "ROUTE", "--as", "worker", "--json"},
    {"peers", "ROUTE", "--json"},
    {"info", "ROUTE", "--json"},
    {"stats", "ROUTE", "--json"},
    {"dump", "ROUTE"},
    {"check", "ROUTE"},
    {"jobs", "ROUTE", "worker", "--json"},
};

const std::vector<std::vector<std::string>> kChanges = {
    {"send", "ROUTE", "worker", "1"},  {"get", "ROUTE", "--as", "worker"}, {"connect", "ROUTE", "--as", "new"},
    {"queue", "create", "ROUTE", "q"}, {"durability", "ROUTE", "relaxed"},
};

std::vector<std::string> on(const std::string& route, std::vector<std::string> words) {
  for (std::string& word : words) word = word == "ROUTE" ? route : word;
  return words;
}

// What is wrong, in words.
std::string tried_on(const std::string& route) {
  std::string wrong;
  for (const auto& words : kLooks) {
    const auto result = ipcm_run(on(route, words));
    if (result.exit_code != 0) wrong += words[0] + " failed: " + result.err;
    const bool shows_mail = words[0] != "peek" && words[0] != "dump" && words[0] != "jobs";
    if (!shows_mail && result.out.find(R"({"n":3})") == std::string::npos) wrong += words[0] + " shows no mail\n";
  }
  for (const auto& words : kChanges) {
    const auto result = ipcm_run(on(route, words));
    if (result.exit_code == 0 || result.err.find("ipcm: cannot ") == std::string::npos) {
      wrong += words[0] + " says: " + result.err + "\n";
    }
  }
  return wrong;
}

bool become_nobody() {
  return ::setgid(65534) == 0 && ::setuid(65534) == 0;
}

boost::test_tools::assertion_result nobody_can_run_the_command(boost::unit_test::test_unit_id) {
  boost::test_tools::assertion_result result(
      test::in_forked_child([] {
        return std::string(become_nobody() && ::access(IPCM_TEST_COMMAND, X_OK) == 0 ? "" : "no");
      }).empty());
  result.message() << "it takes root to be another user, who must be able to enter the folder of the command";
  return result;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(read_only)

BOOST_AUTO_TEST_CASE(a_route_on_a_read_only_mount_can_be_looked_at,
                     *boost::unit_test::precondition(test::with_mounts)) {
  const test::Route route;
  route.fill(1, 3);
  const std::string before = test::read_file(route.path());
  const std::string folder = route.folder().path().string();
  const std::string wrong = test::in_forked_child([&]() -> std::string {
    if (!test::separate_mounts() || !test::bind_mount(folder, folder) ||
        ::mount("none", folder.c_str(), nullptr, MS_REMOUNT | MS_BIND | MS_RDONLY, nullptr) != 0) {
      return "cannot mount";
    }
    return tried_on(route.path());
  });
  BOOST_TEST(wrong == "");
  BOOST_TEST((test::read_file(route.path()) == before));
  BOOST_TEST(route.waiting() == test::numbers(1, 3));
}

BOOST_AUTO_TEST_CASE(a_route_of_root_that_others_may_read_can_be_looked_at_by_them,
                     *boost::unit_test::precondition(nobody_can_run_the_command)) {
  const test::Route route;
  route.fill(1, 3);
  ::chmod(route.folder().path().c_str(), 0755);
  ::chmod(route.path().c_str(), 0644);
  const std::string before = test::read_file(route.path());
  const std::string wrong = test::in_forked_child([&]() -> std::string {
    if (!become_nobody()) return "cannot be another user";
    return tried_on(route.path());
  });
  BOOST_TEST(wrong == "");
  BOOST_TEST((test::read_file(route.path()) == before));
}

BOOST_AUTO_TEST_SUITE_END()
