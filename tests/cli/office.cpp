// SPDX-License-Identifier: MIT
#include "office.hpp"

#include <signal.h>
#include <sys/stat.h>

#include <cerrno>
#include <chrono>

#include <boost/test/unit_test.hpp>

namespace test {
namespace {

void append(Words& words, const Words& more) {
  words.insert(words.end(), more.begin(), more.end());
}

Words in_one_stream(const Words& arguments, const Words& before) {
  Words words = {"sh", "-c", "exec \"$@\" 2>&1", "sh"};
  append(words, before);
  append(words, ipcm_command(arguments));
  return words;
}

}  // namespace

Office::Office(const Words& settings) {
  Words command = {"queue", "create", path(), "mail"};
  append(command, settings);
  ipcm_ok(command);
}

void Office::send(const std::string& content, const Words& more) const {
  Words command = {"send", path(), "mail", content};
  append(command, more);
  ipcm_ok(command);
}

void Office::send_numbers(int last) const {
  std::string lines;
  for (const int n : numbers(1, last)) lines += std::to_string(n) + "\n";
  ipcm_ok({"send", path(), "mail", "--lines"}, lines);
}

Words Office::work(const Words& options, const Words& command) const {
  Words words = {"work", path(), "mail"};
  append(words, options);
  words.push_back("--");
  append(words, command);
  return words;
}

RunResult Office::once(const std::string& script, const Words& options) const {
  Words all = {"--once"};
  append(all, options);
  return ipcm_run(work(all, {"sh", "-c", script, file("")}));
}

std::vector<Json> Office::jobs() const {
  return ipcm_json({"jobs", path(), "mail"});
}

std::vector<Json> Office::dead() const {
  return ipcm_json({"dead", "list", path(), "mail"});
}

void Office::make_gate(const std::string& name) const {
  BOOST_TEST(::mkfifo(file(name).c_str(), 0600) == 0);
}

void Office::open(const std::string& name) const {
  write_file(file(name), "go\n");
}

Running::Running(const Words& arguments, const Words& before) : process_(in_one_stream(arguments, before)) {}

RunResult Running::stop_hard(int signal) {
  using Clock = std::chrono::steady_clock;
  Clock::time_point next{};
  BOOST_TEST(eventually([&] {
    if (process_.has_ended()) return true;
    if (Clock::now() < next) return false;
    next = Clock::now() + std::chrono::milliseconds(1'100);
    process_.signal(signal);
    return false;
  }));
  return process_.finish();
}

bool runs(int pid) {
  return ::kill(pid, 0) == 0 || errno != ESRCH;
}

unsigned ignored_signals(const std::string& line) {
  return static_cast<unsigned>(std::stoull(line.substr(8), nullptr, 16) & 0x7FFFFFFFU);
}

}  // namespace test
