// SPDX-License-Identifier: MIT
// backup, salvage, dump and load as commands: output, exit codes, pipes and kills.
#include <signal.h>

#include <filesystem>
#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "shell.hpp"

using test::check_fails;
using test::ipcm_command;
using test::ipcm_json;
using test::ipcm_ok;
using test::ipcm_run;

namespace {

namespace fs = std::filesystem;

std::string zeroed_page(const std::string& bytes, std::size_t page) {
  std::string damaged = bytes;
  damaged.replace((page - 1) * 4096, 4096, std::string(4096, '\0'));
  return damaged;
}

// 'S': it waits; 'Z': it has ended.
char state_of(const test::Process& process) {
  const std::string stat = test::read_file("/proc/" + std::to_string(process.pid()) + "/stat");
  return stat.at(stat.rfind(')') + 2);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(copies)

BOOST_AUTO_TEST_CASE(backup_makes_a_route_that_passes_the_check) {
  const test::Route route;
  route.fill(1, 3);
  const std::string copy = route.file("copy.ipcm");
  BOOST_TEST(ipcm_ok({"backup", route.path(), copy}).starts_with("copied to " + copy + " ("));
  ipcm_ok({"check", copy});
  check_fails(ipcm_run({"backup", route.path(), copy}), 1, "there is something at " + copy + " already");
  const auto made = ipcm_json({"backup", route.path(), copy, "--force"}).at(0);
  BOOST_TEST(made["route"] == copy);
  BOOST_TEST(made["id"] == ipcm_json({"info", copy}).at(0)["id"]);
  BOOST_TEST(made["bytes"].get<std::uintmax_t>() == fs::file_size(copy));
  BOOST_TEST(ipcm_json({"info", copy}).at(0)["queued"] == 3);
  check_fails(ipcm_run({"backup", route.file("none"), route.file("b")}), 1, "there is no route at");
  check_fails(ipcm_run({"backup", route.path()}), 2, "FILE");
}

BOOST_AUTO_TEST_CASE(a_dump_is_not_written_to_the_name_of_a_file_beside_a_route) {
  const test::Route route;
  route.fill(1, 3);
  for (const char* ending : {"-wal", "-shm", "-journal", "-lock", "-wake", "-unfinished"}) {
    const std::string file = route.file(std::string("other") + ending);
    check_fails(ipcm_run({"dump", route.path(), "-o", file}), 1, std::string("a name that ends in ") + ending);
    check_fails(ipcm_run({"dump", route.path(), "-o", file, "--force"}), 1, "choose another name");
    BOOST_TEST(!fs::exists(file));
  }
  BOOST_TEST(route.waiting() == test::numbers(1, 3));
}

BOOST_AUTO_TEST_CASE(backup_works_without_a_word_of_progress_where_nobody_looks) {
  const test::Route route;
  const auto result = ipcm_run({"backup", route.path(), route.file("copy")});
  BOOST_TEST(result.err == "");
}

BOOST_AUTO_TEST_CASE(dump_and_load_go_through_a_pipe) {
  const test::Route route;
  route.fill(1, 5);
  const auto result = test::run({"sh", "-c", "\"$1\" dump \"$2\" | \"$1\" load \"$3\"", "sh", IPCM_TEST_COMMAND,
                                 route.path(), route.file("new.ipcm")});
  BOOST_TEST(result.exit_code == 0);
  BOOST_TEST(result.out == "made " + route.file("new.ipcm") + ": 2 peers, 5 messages, 0 dead\n");
  BOOST_TEST(result.err == "");
  BOOST_TEST(ipcm_ok({"dump", route.file("new.ipcm")}) == ipcm_ok({"dump", route.path()}));
}

BOOST_AUTO_TEST_CASE(dump_writes_a_file_that_is_there_when_it_is_complete) {
  const test::Route route;
  route.fill(1, 5);
  const std::string file = route.file("jobs.jsonl");
  BOOST_TEST(
      ipcm_ok({"dump", route.path(), "-o", file}).starts_with("wrote 10 lines to " + file + ": 2 peers, 5 messages"));
  BOOST_TEST(test::read_file(file) == ipcm_ok({"dump", route.path()}));
  check_fails(ipcm_run({"dump", route.path(), "-o", file}), 1, "there is something at");
  const auto counts = ipcm_json({"dump", route.path(), "-o", file, "--force"}).at(0);
  BOOST_TEST(counts["lines"] == 10);
  BOOST_TEST(counts["messages"] == 5);
  check_fails(ipcm_run({"dump", route.path(), "--force"}), 2, "--force goes with --output");
  check_fails(ipcm_run({"dump", route.path(), "-o", route.file("no/folder")}), 1, "cannot make");
  check_fails(ipcm_run({"dump", route.file("none"), "-o", route.file("b")}), 1, "there is no route at");
  for (const auto& entry : fs::directory_iterator(route.folder().path())) {
    BOOST_TEST(entry.path().filename().string().find("jsonl-") == std::string::npos);
  }
  const auto loaded = ipcm_json({"load", route.file("new"), file}).at(0);
  BOOST_TEST(loaded["messages"] == 5);
}

BOOST_AUTO_TEST_CASE(a_pipe_that_closes_ends_the_dump_without_an_error) {
  const test::Route route;
  for (int n = 0; n < 50; ++n) ipcm_ok({"send", route.path(), "worker", "--text"}, std::string(20'000, 'x'));
  test::Process process(ipcm_command({"dump", route.path()}));
  BOOST_TEST(process.read_line().value() == R"({"kind":"ipcm-dump","version":1})");
  process.close_stdout();
  const auto result = process.finish();
  BOOST_TEST(result.exit_code == 0);
  BOOST_TEST(result.err == "");
  ipcm_ok({"check", route.path()});
}

BOOST_AUTO_TEST_CASE(a_dump_that_nobody_reads_can_be_stopped) {
  const test::Route route;
  for (int n = 0; n < 20; ++n) ipcm_ok({"send", route.path(), "worker", "--text", "-"}, std::string(20'000, 'x'));
  for (const int number : {SIGTERM, SIGINT}) {
    test::Process process(ipcm_command({"dump", route.path()}));
    process.read_line();
    BOOST_REQUIRE(test::eventually([&] { return state_of(process) == 'S'; }));  // the pipe is full
    process.signal(number);
    BOOST_TEST(test::eventually([&] { return state_of(process) == 'Z'; }));
    BOOST_TEST(process.finish().exit_code == 128 + number);
  }
  ipcm_ok({"check", route.path()});
}

BOOST_AUTO_TEST_CASE(load_names_the_line_that_is_wrong) {
  const test::Route route;
  route.fill(1, 2);
  std::string dump = ipcm_ok({"dump", route.path()});
  dump.replace(dump.find("{\"n\":2}"), 7, "{\"n\":2 ");
  const std::string path = route.file("new.ipcm");
  check_fails(ipcm_run({"load", path}, dump), 1, "line 6: ");
  BOOST_TEST(!fs::exists(path));
  check_fails(ipcm_run({"load", path}, ""), 1, "the dump has no end");
  check_fails(ipcm_run({"load", path}, "hello\n"), 1, "line 1: it is not a JSON object");
  check_fails(ipcm_run({"load", route.path()}, ipcm_ok({"dump", route.path()})), 1, "there is something at");
  check_fails(ipcm_run({"load", path, route.file("none.jsonl")}), 1, "cannot read");
  BOOST_TEST(!fs::exists(path));
}

BOOST_AUTO_TEST_CASE(a_load_that_is_killed_leaves_nothing_at_the_final_name) {
  const test::Route route;
  route.fill(1, 50);
  const std::string dump = ipcm_ok({"dump", route.path()});
  for (const int number : {SIGKILL, SIGTERM}) {
    const std::string path = route.file(std::to_string(number) + ".ipcm");
    test::Process process(ipcm_command({"load", path}));
    process.write(dump.substr(0, dump.size() / 2));
    BOOST_REQUIRE(test::eventually([&] { return fs::exists(path + "-unfinished"); }));
    process.signal(number);
    const auto result = process.finish();
    BOOST_TEST(result.exit_code == 128 + number);
    BOOST_TEST(!fs::exists(path));
    if (number == SIGTERM) BOOST_TEST(!fs::exists(path + "-unfinished"));
    ipcm_ok({"load", path}, dump);  // what was left behind is no hindrance
    ipcm_ok({"check", path});
  }
}

BOOST_AUTO_TEST_CASE(salvage_says_by_its_exit_code_how_much_was_saved) {
  const test::Route route;
  route.fill(1, 300);
  ipcm_ok({"backup", route.path(), route.file("whole")});
  BOOST_TEST(ipcm_ok({"salvage", route.file("whole"), route.file("all")}).find("nothing was lost") !=
             std::string::npos);
  const auto whole = ipcm_json({"salvage", route.file("whole"), route.file("all again")}).at(0);
  BOOST_TEST(whole["whole"] == true);
  BOOST_TEST(whole["messages"] == 300);
  BOOST_TEST(whole["problems"] == test::Json::array());

  // The last pages of such a route are those of messages; what was on the last one of all nobody counted.
  const std::string bytes = test::read_file(route.file("whole"));
  test::write_file(route.file("damaged"), zeroed_page(bytes, bytes.size() / 4096 - 2));
  const auto some = ipcm_run({"salvage", route.file("damaged"), route.file("some"), "--json"});
  BOOST_TEST(some.exit_code == 4);
  BOOST_TEST(some.err == "");
  const auto report = test::objects_of(some.out).at(0);
  BOOST_TEST(report["whole"] == false);
  BOOST_TEST(report["lost"].get<int>() > 0);
  BOOST_TEST(report["messages"].get<int>() + report["lost"].get<int>() == 300);
  ipcm_ok({"check", route.file("some")});
  const auto text = ipcm_run({"salvage", route.file("damaged"), route.file("some as text")});
  BOOST_TEST(text.exit_code == 4);
  BOOST_TEST(text.out.find("  worker: ") != std::string::npos);
  BOOST_TEST(text.out.find(" lost (unreadable where numbers ") != std::string::npos);

  test::write_file(route.file("noise"), std::string(100'000, 'x'));
  const auto nothing = ipcm_run({"salvage", route.file("noise"), route.file("none")});
  BOOST_TEST(nothing.exit_code == 3);
  BOOST_TEST(nothing.err.find("nothing could be read") != std::string::npos);
  BOOST_TEST(!fs::exists(route.file("none")));
  check_fails(ipcm_run({"salvage", route.file("damaged"), route.file("some")}), 1, "there is something at");
}

BOOST_AUTO_TEST_SUITE_END()
