// SPDX-License-Identifier: MIT
// The real command, run on a route in a folder of its own.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "support/process.hpp"
#include "support/temporary_folder.hpp"

namespace test {

using Json = nlohmann::json;

/// The command with these arguments.
std::vector<std::string> ipcm_command(const std::vector<std::string>& arguments);
RunResult ipcm_run(const std::vector<std::string>& arguments, const std::string& input = {});

/// The same, but it must succeed; returns what it printed.
std::string ipcm_ok(const std::vector<std::string>& arguments, const std::string& input = {});
/// The same, with --json; returns the objects.
std::vector<Json> ipcm_json(const std::vector<std::string>& arguments, const std::string& input = {});

std::vector<std::string> lines_of(const std::string& text);
std::vector<Json> objects_of(const std::string& lines);

/// It ended with that exit code, said nothing on standard output, and one line that begins with "ipcm: " and holds
/// `words` on standard error.
void check_fails(const RunResult& result, int exit_code, const std::string& words);

/// A route with the peer "worker", in a folder of its own.
class Route {
 public:
  Route();

  const TemporaryFolder& folder() const { return folder_; }
  std::string file(const std::string& name) const { return folder_.file(name); }
  const std::string& path() const { return path_; }

  /// Sends {"n":from} ... {"n":to} from boss to worker.
  void fill(int from, int to) const;
  /// The "n" of what waits for worker, in order.
  std::vector<int> waiting() const;
  /// The object that `peers --json` prints for that name; null when there is none.
  Json peer(const std::string& name) const;

 private:
  TemporaryFolder folder_;
  std::string path_;
};

std::vector<int> numbers(int from, int to);
/// The "n" of each message.
std::vector<int> numbers_of(const std::vector<Json>& messages);

}  // namespace test
