// SPDX-License-Identifier: MIT
// Other programs: run to their end, or kept running as servers.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace bench {

/// Where PATH has the program; nothing, and a word on standard error, where it is not installed.
std::optional<std::string> find_program(const std::string& name);

/// Runs a program to its end; what it prints is thrown away. Throws unless it ends well.
void run_program(const std::vector<std::string>& words);

/// What all programs that this process waited for took of a processor so far, in seconds.
double processor_seconds_of_programs();

/// A program that runs for as long as this object lives, and no longer than this process.
class Server {
 public:
  /// `folder` is made, and is where the program begins.
  Server(const std::vector<std::string>& words, const std::filesystem::path& folder);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

 private:
  pid_t pid_;
};

}  // namespace bench
