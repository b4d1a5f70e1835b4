// SPDX-License-Identifier: MIT
#include "sha256sum.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <string_view>
#include <system_error>

extern char** environ;

namespace {

void check(int error, const char* what) {
  if (error != 0) throw std::system_error(error, std::generic_category(), what);
}

// What the command writes to its standard output.
std::string output_of(const std::vector<std::string>& command) {
  int ends[2];
  check(pipe2(ends, O_CLOEXEC) == 0 ? 0 : errno, "pipe");
  std::FILE* const out = fdopen(ends[0], "r");

  std::vector<char*> arguments;
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  pid_t child = -1;
  const int error = posix_spawnp(&child, arguments[0], &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);

  std::string text;
  char buffer[65536];
  while (const std::size_t count = std::fread(buffer, 1, sizeof buffer, out)) text.append(buffer, count);
  std::fclose(out);
  check(error, arguments[0]);
  while (waitpid(child, nullptr, 0) < 0 && errno == EINTR) {}
  return text;
}

}  // namespace

std::map<std::string, std::string> sha256sum(const std::vector<std::string>& paths) {
  std::map<std::string, std::string> sums;
  if (paths.empty()) return sums;
  std::vector<std::string> command{"sha256sum", "--zero", "--"};
  command.insert(command.end(), paths.begin(), paths.end());

  // Each file is told as 64 digits, two spaces, its path and a NUL.
  const std::string output = output_of(command);
  std::string_view rest = output;
  for (std::size_t end; (end = rest.find('\0')) != std::string_view::npos; rest.remove_prefix(end + 1)) {
    const std::string_view entry = rest.substr(0, end);
    if (entry.size() > 66) sums.emplace(entry.substr(66), entry.substr(0, 64));
  }
  return sums;
}
