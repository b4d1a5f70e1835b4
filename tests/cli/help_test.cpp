// SPDX-License-Identifier: MIT
#include <sys/stat.h>

#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "shell.hpp"

namespace {

std::vector<std::string> with_help(const std::string& command) {
  std::vector<std::string> words;
  std::istringstream all(command);
  for (std::string word; all >> word;) words.push_back(word);
  words.push_back("--help");
  return words;
}

std::vector<std::string> commands_below(const std::string& command) {
  std::vector<std::string> names;
  bool listing = false;
  for (const std::string& line : test::lines_of(test::ipcm_ok(with_help(command)))) {
    if (line == "Commands:") {
      listing = true;
    } else if (line.empty()) {
      listing = false;
    } else if (listing && line.starts_with("  ") && line[2] != ' ') {
      names.push_back(line.substr(2, line.find(' ', 2) - 2));
    }
  }
  return names;
}

/// "send", "queue", "queue create" and so on.
std::vector<std::string> commands() {
  std::vector<std::string> names;
  for (const std::string& name : commands_below("")) {
    names.push_back(name);
    for (const std::string& below : commands_below(name)) names.push_back(name + " " + below);
  }
  return names;
}

std::vector<std::string> examples(const std::string& command) {
  std::vector<std::string> found;
  bool here = false;
  for (const std::string& line : test::lines_of(test::ipcm_ok(with_help(command)))) {
    if (line == "Examples:") {
      here = true;
    } else if (here && line.starts_with("  ")) {
      found.push_back(line.substr(2));
    }
  }
  return found;
}

bool never_ends(const std::string& example) {
  if (example.starts_with("ipcm work")) {
    return example.find("--once") == std::string::npos && example.find("--drain") == std::string::npos;
  }
  return example.find("--follow ") != std::string::npos && example.find("--limit") == std::string::npos;
}

/// A queue with jobs and four dead letters, and a program that does the jobs.
void prepare_jobs(const test::TemporaryFolder& folder, const std::string& route) {
  test::write_file(folder.file("deliver"), "#!/bin/sh\nexec cat\n");
  BOOST_TEST(::chmod(folder.file("deliver").c_str(), 0755) == 0);
  for (const char* queue : {"mail", "backups", "checks"}) test::ipcm_ok({"queue", "create", route, queue});
  test::ipcm_ok({"send", route, "mail", "--lines"}, "1\n2\n3\n4\n");
  test::ipcm_ok({"work", route, "mail", "--drain", "--", "sh", "-c", "exit 65"});
  test::ipcm_ok({"send", route, "mail", "--lines"}, "5\n6\n7\n");
}

/// In the background. The reply comes from nobody: get still has the name when reply has read the request.
void answer_one_request(const std::string& route) {
  test::ipcm_ok({"connect", route, "--as", "clerk"});
  const auto answering = test::run({"sh", "-c",
                                    "(\"$1\" get \"$2\" --as clerk --follow --limit 1 --json |"
                                    " \"$1\" reply \"$2\" 3) > /dev/null 2>&1 < /dev/null &",
                                    "sh", IPCM_TEST_COMMAND, route});
  BOOST_TEST(answering.exit_code == 0);
}

/// What the examples may assume: a route jobs.ipcm with mail for worker, and a file with JSON.
void prepare(const std::string& command, const test::TemporaryFolder& folder) {
  if (command == "spawn") return;
  const std::string route = folder.file("jobs.ipcm");
  test::ipcm_ok({"spawn", route});
  test::ipcm_ok({"connect", route, "--as", "worker"});
  test::write_file(folder.file("job.json"), "{\"n\":\n1}\n");
  prepare_jobs(folder, route);
  if (command == "reply") {
    test::ipcm_ok({"connect", route, "--as", "boss"});
    for (int i = 0; i < 10; ++i) test::ipcm_ok({"send", route, "worker", "1", "--reply-to", "boss"});
  } else {
    for (int i = 0; i < 10; ++i) test::ipcm_ok({"send", route, "worker", "{\"n\":1}"});
  }
  if (command == "request") answer_one_request(route);
  if (command == "schedule remove") test::ipcm_ok({"schedule", "add", route, "nightly", "@daily", "backups"});
}

test::RunResult run_in(const test::TemporaryFolder& folder, const std::string& line) {
  const std::string path = std::filesystem::path(IPCM_TEST_COMMAND).parent_path().string();
  return test::run({"sh", "-c", "cd \"$1\" && PATH=\"$2:$PATH\" && export PATH TMPDIR=\"$1\" && " + line, "sh",
                    folder.path().string(), path});
}

}  // namespace

BOOST_AUTO_TEST_SUITE(help)

BOOST_AUTO_TEST_CASE(every_command_is_listed) {
  BOOST_TEST(commands() == std::vector<std::string>({"spawn",
                                                     "connect",
                                                     "send",
                                                     "get",
                                                     "peers",
                                                     "peek",
                                                     "requeue",
                                                     "request",
                                                     "reply",
                                                     "broadcast",
                                                     "queue",
                                                     "queue create",
                                                     "queue list",
                                                     "queue pause",
                                                     "queue resume",
                                                     "queue promote",
                                                     "queue settings",
                                                     "schedule",
                                                     "schedule add",
                                                     "schedule list",
                                                     "schedule remove",
                                                     "schedule time-zone",
                                                     "work",
                                                     "jobs",
                                                     "dead",
                                                     "dead list",
                                                     "dead show",
                                                     "dead replay",
                                                     "dead purge",
                                                     "suspend",
                                                     "forget",
                                                     "info",
                                                     "connect-info",
                                                     "stats",
                                                     "check",
                                                     "doctor",
                                                     "backup",
                                                     "salvage",
                                                     "dump",
                                                     "load",
                                                     "durability",
                                                     "migrate",
                                                     "unspawn"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(the_help_of_every_command_teaches_by_examples_of_itself) {
  for (const std::string& command : commands()) {
    BOOST_TEST_CONTEXT(command) {
      const std::vector<std::string> shown = examples(command);
      BOOST_TEST(!shown.empty());
      bool own = false;
      for (const std::string& example : shown) own |= example.find("ipcm " + command + " ") != std::string::npos;
      BOOST_TEST(own);
    }
  }
}

BOOST_AUTO_TEST_CASE(the_help_fits_a_page_of_120_columns) {
  for (const std::string& command : commands()) {
    for (const std::string& line : test::lines_of(test::ipcm_ok(with_help(command)))) {
      BOOST_TEST(line.size() <= 120U, command << ": " << line);
    }
  }
}

BOOST_AUTO_TEST_CASE(the_examples_work_as_they_stand) {
  for (const std::string& command : commands()) {
    const test::TemporaryFolder folder;
    prepare(command, folder);
    for (const std::string& example : examples(command)) {
      if (never_ends(example)) continue;  // follow_test.cpp and work_test.cpp run such
      if (command == "work") test::ipcm_ok({"send", folder.file("jobs.ipcm"), "mail", "1"});
      if (command == "get") test::ipcm_ok({"send", folder.file("jobs.ipcm"), "worker", "1"});
      BOOST_TEST_CONTEXT(example) {
        const auto result = run_in(folder, example);
        BOOST_TEST(result.exit_code == 0);
        BOOST_TEST(result.err == "");
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(every_command_stands_in_the_documentation) {
  const std::string page = test::read_file(std::string(IPCM_TEST_SOURCE_DIR) + "/docs/cli.md");
  for (const std::string& command : commands()) {
    if (!commands_below(command).empty()) continue;
    BOOST_TEST(page.find("| `" + command + " ") != std::string::npos, command);
    std::string options = test::ipcm_ok(with_help(command));
    options = options.substr(options.find("Options:"), options.find("\n\n") - options.find("Options:"));
    for (const std::string& line : test::lines_of(options)) {
      const std::size_t dashes = line.find("--");
      if (!line.starts_with("  -") || dashes == std::string::npos) continue;
      const std::string option = line.substr(dashes, line.find(' ', dashes) - dashes);
      if (option != "--help") BOOST_TEST(page.find(option) != std::string::npos, command << " " << option);
    }
  }
}

BOOST_AUTO_TEST_CASE(the_first_five_commands_work_in_their_order) {
  const test::TemporaryFolder folder;
  std::string last;
  for (const std::string& line : test::lines_of(test::ipcm_run({}).out)) {
    if (!line.starts_with("  ipcm ")) continue;
    const auto result = run_in(folder, line);
    BOOST_TEST_CONTEXT(line) {
      BOOST_TEST(result.exit_code == 0);
    }
    last += result.out;
  }
  BOOST_TEST(last.find("{\"n\":1}") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(what_spawn_says_to_do_next_works) {
  const test::TemporaryFolder folder;
  const auto spawned = run_in(folder, "ipcm spawn \"it's mine.ipcm\"");
  int steps = 0;
  for (const std::string& line : test::lines_of(spawned.out)) {
    if (!line.starts_with("  ipcm ")) continue;
    ++steps;
    BOOST_TEST_CONTEXT(line) {
      BOOST_TEST(run_in(folder, line).exit_code == 0);
    }
  }
  BOOST_TEST(steps == 3);
}

BOOST_AUTO_TEST_SUITE_END()
