// SPDX-License-Identifier: MIT
// A route is made under another name first, with -unfinished at its end. A route that was given that very name is
// nobody's draft.
#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <functional>

#include "integration/everything.hpp"
#include "support/errors.hpp"
#include "support/text.hpp"

namespace {

namespace fs = std::filesystem;

ipcm::ConnectionInfo info_of(const std::string& path) {
  return ipcm::ConnectionInfo::parse(path);
}

bool spawn_at(const std::string& path) {
  ipcm::SpawnOptions options;
  options.route = path;
  options.guard = false;
  return !ipcm::spawn(options).info().empty();
}

// A route that has mail, at rest. None can be made under the name of a draft, but one can be moved there.
void make_route_with_mail(const std::string& path) {
  const std::string made = path + ".ipcm";
  spawn_at(made);
  {
    const auto boss = ipcm::connect("boss", info_of(made));
    boss->send_message("boss", "kept");
    boss->suspend();
  }
  for (const char* side : {"", "-lock"}) fs::rename(made + side, path + side);
}

// What a process leaves that is killed while it makes a route.
void leave_draft(const std::string& path) {
  spawn_at(path + ".ipcm");
  fs::rename(path + ".ipcm", path);
  fs::remove(path + ".ipcm-lock");
}

std::string mail_of_boss(const std::string& path) {
  return test::contents(ipcm::connect("boss", info_of(path))->peek());
}

}  // namespace

BOOST_AUTO_TEST_SUITE(draft_names)

BOOST_AUTO_TEST_CASE(a_route_with_the_name_of_a_draft_is_not_removed) {
  const test::TemporaryFolder folder;
  const std::string other = folder.file("other");
  const std::string path = folder.file("jobs");
  const std::string neighbour = folder.file("jobs-unfinished");
  make_route_with_mail(other);
  make_route_with_mail(neighbour);
  const std::vector<std::string> dump = test::dump_of(other);
  const std::vector<std::pair<const char*, std::function<void()>>> makers = {
      {"spawn", [&] { spawn_at(path); }},
      {"backup", [&] { ipcm::backup_route(info_of(other), path); }},
      {"backup to replace", [&] { ipcm::backup_route(info_of(other), path, {.replace = true, .progress = {}}); }},
      {"backup of the neighbour", [&] { ipcm::backup_route(info_of(neighbour), path); }},
      {"salvage", [&] { ipcm::salvage_route(info_of(other), path); }},
      {"salvage of the neighbour", [&] { ipcm::salvage_route(info_of(neighbour), path); }},
      {"load",
       [&] {
         std::size_t next = 0;
         ipcm::load_route(info_of(path), [&](std::string& line) {
           if (next == dump.size()) return false;
           line = dump[next++];
           return true;
         });
       }},
  };
  for (const auto& [name, make] : makers) {
    BOOST_TEST_CONTEXT(name) {
      const auto refused = test::caught(make);
      BOOST_REQUIRE(refused.has_value());
      BOOST_TEST(ipcm::to_string(refused->code()) == "InvalidArgument");
      BOOST_TEST(std::string(refused->what()).find(neighbour + " is a route of its own") != std::string::npos,
                 refused->what());
      BOOST_TEST(mail_of_boss(neighbour) == R"(["kept"])");
      BOOST_TEST(!fs::exists(path));
      BOOST_TEST(!fs::exists(path + "-lock"));
    }
  }
}

BOOST_AUTO_TEST_CASE(a_route_beside_it_is_still_opened_and_used) {
  const test::TemporaryFolder folder;
  const std::string path = folder.file("jobs");
  make_route_with_mail(path);
  make_route_with_mail(path + "-unfinished");
  spawn_at(path);  // it is there
  BOOST_TEST(mail_of_boss(path) == R"(["kept"])");
  BOOST_TEST(mail_of_boss(path + "-unfinished") == R"(["kept"])");
}

BOOST_AUTO_TEST_CASE(what_is_left_of_such_a_route_or_of_a_draft_is_no_hindrance) {
  const test::TemporaryFolder folder;
  const std::string path = folder.file("jobs");
  leave_draft(path + "-unfinished");
  spawn_at(path);
  BOOST_TEST(!fs::exists(path + "-unfinished"));
  ipcm::unspawn(path);
  for (const std::size_t size : {0, 4096}) {  // before anything was written, and before the first page was
    test::write_file(path + "-unfinished", std::string(size, '\0'));
    spawn_at(path);
    BOOST_TEST(!fs::exists(path + "-unfinished"));
    ipcm::unspawn(path);
  }
  test::write_file(path + "-unfinished-lock", "");  // of a route that was never made
  spawn_at(path);
}

BOOST_AUTO_TEST_CASE(only_a_draft_is_said_to_be_one) {
  const test::TemporaryFolder folder;
  const std::string path = folder.file("jobs");
  const auto leftovers = [&] {
    std::string text;
    for (const ipcm::Finding& finding : ipcm::examine_route(info_of(path))) {
      if (finding.about == "leftovers") text += finding.text;
    }
    return text;
  };
  make_route_with_mail(path);
  make_route_with_mail(path + "-unfinished");
  BOOST_TEST(leftovers() == "");
  ipcm::unspawn(path + "-unfinished");
  leave_draft(path + "-unfinished");
  BOOST_TEST(leftovers().find(path + "-unfinished is left of a route that was being made") != std::string::npos,
             leftovers());
}

BOOST_AUTO_TEST_SUITE_END()
