// SPDX-License-Identifier: MIT
// What `ipcm doctor` prints and how it ends. What it finds is tested in tests/integration/examine_test.cpp.
#include <signal.h>
#include <sys/stat.h>

#include <filesystem>

#include <boost/test/unit_test.hpp>

#include "shell.hpp"

using test::check_fails;
using test::ipcm_json;
using test::ipcm_ok;
using test::ipcm_run;

namespace {

namespace fs = std::filesystem;

std::size_t count_of(const std::string& text, const std::string& words) {
  std::size_t count = 0;
  for (auto at = text.find(words); at != std::string::npos; at = text.find(words, at + 1)) ++count;
  return count;
}

/// A route whose log was removed after a message for worker had been acknowledged.
struct RouteWithoutTail : test::Route {
  RouteWithoutTail() {
    const std::string before = test::read_file(path());
    fill(1, 3);
    test::write_file(path(), before);
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(doctor)

BOOST_AUTO_TEST_CASE(a_sound_route_is_explained_and_ends_with_0) {
  const test::Route route;
  const std::string text = ipcm_ok({"doctor", route.path()});
  BOOST_TEST(text.starts_with(route.path() + "\n  ok       route: " + route.path() + " is a route of "), text);
  BOOST_TEST(count_of(text, "  problem ") == 0U);
  BOOST_TEST(text.find("versions: ipcm ") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_warning_says_what_to_do_and_ends_with_0) {
  const test::Route route;
  BOOST_REQUIRE(::chmod(route.path().c_str(), 0644) == 0);
  const std::string text = ipcm_ok({"doctor", route.path()});
  BOOST_TEST(text.find("  warning  modes: others than its owner may read ") != std::string::npos, text);
  BOOST_TEST(text.find("           what to do: `chmod 600 " + route.path() + "`") != std::string::npos, text);
  BOOST_TEST(text.ends_with("0 problems, 1 warning\n"), text);
}

BOOST_AUTO_TEST_CASE(a_problem_ends_with_1_also_where_nothing_can_be_opened) {
  const test::TemporaryFolder folder;
  const auto result = ipcm_run({"doctor", folder.file("none")});
  BOOST_TEST(result.exit_code == 1);
  BOOST_TEST(result.err == "");
  BOOST_TEST(result.out.find("  problem  route: there is no route at ") != std::string::npos, result.out);
  BOOST_TEST(fs::is_empty(folder.path()));
}

BOOST_AUTO_TEST_CASE(with_json_it_prints_an_object_for_each_route) {
  const test::Route route;
  const test::Route other;
  const auto result = ipcm_run({"doctor", route.path(), other.path(), route.file("none"), "--json"});
  BOOST_TEST(result.exit_code == 1);
  const auto objects = test::objects_of(result.out);
  BOOST_REQUIRE(objects.size() == 3U);
  BOOST_TEST(objects[0]["route"] == route.path());
  BOOST_TEST(objects[0]["ok"] == true);
  BOOST_TEST(objects[0]["problems"] == 0);
  BOOST_TEST(objects[1]["route"] == other.path());
  BOOST_TEST(objects[2]["ok"] == false);
  for (const auto& finding : objects[0]["findings"]) {
    for (const char* member : {"severity", "about", "text", "advice"}) BOOST_TEST(finding[member].is_string(), member);
  }
  BOOST_TEST(objects[0]["findings"][0]["about"] == "route");
}

BOOST_AUTO_TEST_CASE(the_worst_comes_first_after_what_the_route_is) {
  const test::Route route;
  BOOST_REQUIRE(::chmod(route.path().c_str(), 0646) == 0);
  ipcm_ok({"queue", "create", route.path(), "mail"});
  ipcm_ok({"send", route.path(), "mail", "1"});
  const auto result = ipcm_run({"doctor", route.path(), "--json"});
  const auto findings = test::objects_of(result.out).at(0)["findings"];
  BOOST_TEST(findings[0]["about"] == "route");
  BOOST_TEST(findings[1]["severity"] == "problem");
  BOOST_TEST(findings[2]["severity"] == "warning");
}

BOOST_AUTO_TEST_CASE(a_loss_is_explained_refused_and_accepted) {
  const RouteWithoutTail route;
  check_fails(ipcm_run({"get", route.path(), "--as", "worker"}), 1, "`ipcm doctor " + route.path() + "`");
  const auto found = ipcm_run({"doctor", route.path()});
  BOOST_TEST(found.exit_code == 1);
  BOOST_TEST(found.out.find("  problem  vanished: 3 messages to \"worker\" have vanished") != std::string::npos,
             found.out);
  BOOST_TEST(found.out.find("--accept-loss") != std::string::npos);
  BOOST_TEST(ipcm_run({"check", route.path()}).exit_code == 1);
  BOOST_TEST(ipcm_ok({"info", route.path()}) != "");
  BOOST_TEST(ipcm_ok({"peers", route.path()}) != "");
  BOOST_TEST(ipcm_ok({"doctor", route.path(), "--accept-loss"}).starts_with("accepted: 3 messages to \"worker\""));
  BOOST_TEST(ipcm_ok({"doctor", route.path(), "--accept-loss"}) == "nothing is missed in " + route.path() + "\n");
  BOOST_TEST(ipcm_ok({"check", route.path()}).starts_with("ok"));
  route.fill(4, 5);
  BOOST_CHECK(route.waiting() == test::numbers(4, 5));
}

BOOST_AUTO_TEST_CASE(with_json_it_tells_what_was_accepted) {
  const RouteWithoutTail route;
  const auto object = ipcm_json({"doctor", route.path(), "--accept-loss"}).at(0);
  BOOST_TEST(object["route"] == route.path());
  BOOST_TEST(object["accepted"].size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_loss_of_what_is_no_route_cannot_be_accepted) {
  const test::TemporaryFolder folder;
  check_fails(ipcm_run({"doctor", folder.file("none"), "--accept-loss"}), 1, "there is no route at");
}

BOOST_AUTO_TEST_CASE(a_route_of_unix_sockets_is_explained_by_its_path_and_by_its_info) {
  const test::TemporaryFolder folder;
  const std::string path = folder.file("live");
  const std::string info = ipcm_json({"spawn", path, "--protocol", "UnixSocket"}).at(0)["info"].dump();
  for (const std::string& route : {path, info}) {
    BOOST_TEST(ipcm_ok({"doctor", route}).find("UnixSocket") != std::string::npos);
  }
}

BOOST_AUTO_TEST_SUITE_END()
