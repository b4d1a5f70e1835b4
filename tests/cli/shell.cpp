// SPDX-License-Identifier: MIT
#include "shell.hpp"

#include <boost/test/unit_test.hpp>

namespace test {

std::vector<std::string> ipcm_command(const std::vector<std::string>& arguments) {
  std::vector<std::string> command = {IPCM_TEST_COMMAND};
  command.insert(command.end(), arguments.begin(), arguments.end());
  return command;
}

RunResult ipcm_run(const std::vector<std::string>& arguments, const std::string& input) {
  return run(ipcm_command(arguments), input);
}

std::string ipcm_ok(const std::vector<std::string>& arguments, const std::string& input) {
  const RunResult result = ipcm_run(arguments, input);
  BOOST_TEST_CONTEXT("ipcm " << arguments.at(0)) {
    BOOST_TEST(result.exit_code == 0);
    BOOST_TEST(result.err == "");
  }
  return result.out;
}

std::vector<Json> ipcm_json(const std::vector<std::string>& arguments, const std::string& input) {
  std::vector<std::string> with_json = arguments;
  with_json.push_back("--json");
  return objects_of(ipcm_ok(with_json, input));
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    lines.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return lines;
}

std::vector<Json> objects_of(const std::string& lines) {
  std::vector<Json> objects;
  for (const std::string& line : lines_of(lines)) objects.push_back(Json::parse(line));
  return objects;
}

void check_fails(const RunResult& result, int exit_code, const std::string& words) {
  BOOST_TEST(result.exit_code == exit_code);
  BOOST_TEST(result.out == "");
  BOOST_TEST_CONTEXT("standard error: " << result.err) {
    BOOST_TEST(result.err.starts_with("ipcm: "));
    BOOST_TEST(lines_of(result.err).size() == 1U);
    BOOST_TEST(result.err.find(words) != std::string::npos, "it does not say: " << words);
  }
}

Route::Route() : path_(folder_.file("jobs.ipcm")) {
  ipcm_ok({"spawn", path_});
  ipcm_ok({"connect", path_, "--as", "worker"});
}

void Route::fill(int from, int to) const {
  std::string lines;
  for (const int n : numbers(from, to)) lines += Json({{"n", n}}).dump() + "\n";
  ipcm_ok({"send", path_, "--as", "boss", "worker", "--lines"}, lines);
}

std::vector<int> Route::waiting() const {
  return numbers_of(objects_of(ipcm_run({"peek", path_, "--as", "worker", "--json"}).out));
}

Json Route::peer(const std::string& name) const {
  for (const Json& peer : ipcm_json({"peers", path_})) {
    if (peer["name"] == name) return peer;
  }
  return nullptr;
}

std::vector<int> numbers(int from, int to) {
  std::vector<int> all;
  for (int n = from; n <= to; ++n) all.push_back(n);
  return all;
}

std::vector<int> numbers_of(const std::vector<Json>& messages) {
  std::vector<int> all;
  for (const Json& message : messages) all.push_back(message.at("content").at("n"));
  return all;
}

}  // namespace test
