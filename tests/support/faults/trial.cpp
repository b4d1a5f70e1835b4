// SPDX-License-Identifier: MIT
#include "support/faults/trial.hpp"

#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <sstream>
#include <stdexcept>

#include "support/faults/child.hpp"
#include "support/temporary_folder.hpp"

namespace test {
namespace {

namespace fs = std::filesystem;

// Made once for each kind of route.
const fs::path& prepared(const Operation& operation) {
  static std::map<std::string, std::unique_ptr<TemporaryFolder>> all;
  std::unique_ptr<TemporaryFolder>& folder = all[operation.prepare ? operation.name : ""];
  if (!folder) {
    folder = std::make_unique<TemporaryFolder>(folder_in_memory());
    const std::string route = folder->file(kRouteName);
    const pid_t child = fork_child([&] { operation.prepare ? operation.prepare(route) : prepare_route(route); });
    if (wait_for_child(child) != 0) throw std::runtime_error("cannot prepare a route for: " + operation.name);
  }
  return folder->path();
}

std::string words_of(const std::exception_ptr& thrown) {
  try {
    std::rethrow_exception(thrown);
  } catch (const ipcm::Error& error) {
    return std::string(ipcm::to_string(error.code())) + ": " + error.what();
  } catch (const std::exception& error) {
    return error.what();
  }
}

std::string attempt(const Act& act, Stage& stage) {
  try {
    act(stage);
    return "done";
  } catch (...) {
    return words_of(std::current_exception());
  }
}

void run_actor(const Operation& operation, const Act& act, const Faults& faults, const std::string& route,
               const Pipe& said, Pipe& told) {
  Stage stage{route};
  operation.set_up(stage);
  if (faults.begin) faults.begin();
  const std::string outcome = attempt(act, stage);
  if (faults.end) faults.end();
  const std::string used = faults.use ? faults.use(stage) : "";
  said.write(outcome + "\n");
  if (!faults.afterwards) kill(getpid(), SIGKILL);
  told.read_line();
  said.write(used + faults.afterwards(stage) + "\n");
}

std::string read_line(int descriptor) {
  std::string line;
  char byte = 0;
  while (read(descriptor, &byte, 1) == 1 && byte != '\n') line += byte;
  return line;
}

Ending perform(const Operation& operation, const Act& act, const Faults& faults, Judge::Kind kind) {
  const TemporaryFolder folder(folder_in_memory());
  copy_prepared_route(operation, folder.path());
  const std::string route = folder.file(kRouteName);
  Judge judge(route, kind);
  Ending ending;
  Pipe said;
  Pipe told;
  const pid_t actor = fork_child([&] { run_actor(operation, act, faults, route, said, told); });
  const int hears = said.keep_reading_end();
  const int speaks = told.keep_writing_end();
  if (faults.watch) faults.watch(actor);
  ending.said = read_line(hears);
  if (faults.afterwards && !ending.said.empty()) {
    ending.verdict = judge.verdict(false);
    if (write(speaks, "\n", 1) < 0) throw std::runtime_error("the actor is gone");
    ending.afterwards = read_line(hears);
    ending.exit_code = wait_for_child(actor);
  } else {
    ending.exit_code = wait_for_child(actor);
    ending.verdict = judge.verdict(true);
  }
  close(hears);
  close(speaks);
  return ending;
}

std::string picture_after(const Operation& operation, const Act& act) {
  const Ending ending = perform(operation, act, {}, Judge::Kind::comes_later);
  if (ending.said == "done" && ending.verdict.problems.empty()) return ending.verdict.picture;
  throw std::runtime_error("the operation fails without faults: " + operation.name + ": " + ending.said + " " +
                           ending.verdict.problems);
}

std::set<std::string> lines_of(const std::string& text) {
  std::istringstream in(text);
  std::set<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.insert(line);
  return lines;
}

// The lines of only one of the two.
std::string differences(const std::string& expected, const std::string& found) {
  std::string all;
  for (const std::string& line : lines_of(expected)) {
    if (!lines_of(found).contains(line)) all += "- " + line + "\n";
  }
  for (const std::string& line : lines_of(found)) {
    if (!lines_of(expected).contains(line)) all += "+ " + line + "\n";
  }
  return all;
}

}  // namespace

void copy_prepared_route(const Operation& operation, const std::filesystem::path& folder) {
  fs::copy(prepared(operation), folder, fs::copy_options::recursive);
}

Ending perform(const Operation& operation, const Faults& faults, Judge::Kind kind) {
  return perform(operation, operation.act, faults, kind);
}

const Outlook& outlook(const Operation& operation) {
  static std::map<std::string, Outlook> all;
  const auto [found, is_new] = all.try_emplace(operation.name);
  Outlook& outlook = found->second;
  if (is_new) {
    outlook.before = picture_after(operation, [](Stage&) {});
    for (const Act& part : operation.parts) outlook.parts.push_back(picture_after(operation, part));
    outlook.after = picture_after(operation, operation.act);
    outlook.is_silent = operation.is_silent;
  }
  return outlook;
}

std::string problems_of(const Ending& ending, const Outlook& outlook) {
  const std::string& picture = ending.verdict.picture;
  const bool is_done = ending.said == "done" && !outlook.is_silent;
  const bool is_unknown = ending.said.empty() || outlook.is_silent || ending.said.find("unknown") != std::string::npos;
  std::string problems = ending.verdict.problems;
  const bool is_part = std::ranges::find(outlook.parts, picture) != outlook.parts.end();
  if (is_done && picture != outlook.after)
    problems += "\nIt was acknowledged and is not there:\n" + differences(outlook.after, picture);
  if (!is_done && picture != outlook.before && !is_part && !(is_unknown && picture == outlook.after)) {
    problems += "\nIt is half done:\n" + differences(outlook.before, picture);
  }
  return problems.empty() ? "" : problems + "\nIt said: " + ending.said;
}

}  // namespace test
