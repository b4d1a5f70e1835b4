// SPDX-License-Identifier: MIT
#include "programs.hpp"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <iostream>
#include <sstream>
#include <stdexcept>

namespace bench {
namespace {

// For exec: borrows from `words`.
std::vector<char*> arguments_of(const std::vector<std::string>& words) {
  std::vector<char*> arguments;
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  return arguments;
}

// Standard output goes nowhere.
class Quietly {
 public:
  Quietly() {
    posix_spawn_file_actions_init(&actions_);
    posix_spawn_file_actions_addopen(&actions_, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  }
  ~Quietly() { posix_spawn_file_actions_destroy(&actions_); }
  Quietly(const Quietly&) = delete;
  Quietly& operator=(const Quietly&) = delete;

  const posix_spawn_file_actions_t* get() const { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_;
};

[[noreturn]] void become(const std::vector<char*>& arguments, const std::filesystem::path& folder) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);  // an interrupted benchmark leaves nobody behind
  const int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
  if (nowhere >= 0 && dup2(nowhere, STDOUT_FILENO) >= 0 && chdir(folder.c_str()) == 0) {
    execv(arguments[0], arguments.data());
  }
  _exit(127);
}

}  // namespace

std::optional<std::string> find_program(const std::string& name) {
  const char* const path = getenv("PATH");
  std::istringstream folders(path == nullptr ? "" : path);
  for (std::string folder; std::getline(folders, folder, ':');) {
    const std::string file = folder + "/" + name;
    if (access(file.c_str(), X_OK) == 0) return file;
  }
  std::cerr << "skipped: " << name << " is not installed" << std::endl;
  return std::nullopt;
}

void run_program(const std::vector<std::string>& words) {
  static const Quietly quietly;
  pid_t pid = 0;
  int status = 0;
  const int failed =
      posix_spawn(&pid, words.at(0).c_str(), quietly.get(), nullptr, arguments_of(words).data(), environ);
  if (failed != 0 || waitpid(pid, &status, 0) != pid || status != 0) {
    throw std::runtime_error(words[0] + " did not end well");
  }
}

double processor_seconds_of_programs() {
  rusage used{};
  getrusage(RUSAGE_CHILDREN, &used);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

Server::Server(const std::vector<std::string>& words, const std::filesystem::path& folder) {
  std::filesystem::create_directories(folder);
  const auto arguments = arguments_of(words);
  pid_ = fork();
  if (pid_ == 0) become(arguments, folder);
  if (pid_ < 0) throw std::runtime_error("cannot start " + words.at(0));
}

// It keeps nothing that is still wanted, so it may go at once.
Server::~Server() {
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
}

}  // namespace bench
