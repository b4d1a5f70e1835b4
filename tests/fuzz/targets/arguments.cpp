// SPDX-License-Identifier: MIT
// The command line of the command: each line is a word. It is understood or refused with a reason, and nothing of it is
// done.
#include <ipcm/error.hpp>

#include "cli/command_line.hpp"
#include "cli/commands.hpp"
#include "cli/errors.hpp"
#include "fuzz/support/fuzz.hpp"

using fuzz::require;
namespace cli = ipcm::cli;

namespace {

// Empty: it was understood.
std::string refusal(const std::vector<const char*>& words) {
  const int count = static_cast<int>(words.size());
  cli::CommandLine line;
  cli::setup_commands(line, count, words.data());
  try {
    const auto action = line.parse(count, words.data());
    require(action != nullptr, "what was understood can be done");
    return {};
  } catch (const cli::UsageError& error) {
    require(*error.what() != '\0', "a refusal says something");
    return error.what();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto lines = fuzz::lines_of(fuzz::text_of(data, size));
  std::vector<const char*> words{"ipcm"};
  for (const std::string& line : lines) words.push_back(line.c_str());
  require(refusal(words) == refusal(words), "the same words mean the same");
  return 0;
}
