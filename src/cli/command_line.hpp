// SPDX-License-Identifier: MIT
// The grammar `ipcm COMMAND ROUTE ...`, or `ipcm GROUP COMMAND ROUTE ...`. CLI11 stays behind this header: it costs ten
// seconds in each file that sees it.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "output.hpp"

namespace CLI {  // NOLINT(readability-identifier-naming): theirs
class App;
}

namespace ipcm::cli {

/// One subcommand's part of the grammar. The variables and functions that are given here are filled and called when the
/// line is parsed, and must live until then.
class Command {
 public:
  enum class Need { required, optional };
  /// May throw UsageError.
  using Setter = std::function<void(const std::string&)>;

  Command& argument(const std::string& name, std::string& into, const std::string& help, Need need = Need::required);
  Command& argument(const std::string& name, Setter set, const std::string& help, Need need = Need::optional);
  Command& option(const std::string& names, const std::string& value, Setter set, const std::string& help,
                  Need need = Need::optional);
  Command& option(const std::string& names, const std::string& value, std::string& into, const std::string& help,
                  Need need = Need::optional);
  Command& option(const std::string& names, const std::string& value, std::optional<std::string>& into,
                  const std::string& help);
  Command& flag(const std::string& names, bool& into, const std::string& help);

  /// Any number of arguments, none among them; the last ones.
  Command& arguments(const std::string& name, std::vector<std::string>& into, const std::string& help);
  /// What stands after `--`, to the letter. The name is for the help.
  Command& rest(const std::string& name, std::vector<std::string>& into, const std::string& help);

  /// The ROUTE argument.
  Command& route(std::string& into, Need need = Need::required);
  /// The required option --as.
  Command& as(std::string& into);
  /// An argument that is given above names a peer or a queue: if it is not there, the error names one that is like it.
  Command& names(const std::string& given);
  Command& names(const std::optional<std::string>& given);

  /// What stands below the options in --help. A newline at the beginning of either is left out.
  Command& teach(const std::string& words, const std::string& examples);

  /// What the command does; returns its exit code.
  void run(std::function<int(Output&)> action);

 private:
  friend class CommandLine;
  struct State;
  Command(CLI::App& app, State& state, const std::vector<std::string>& given)
      : app_(app), state_(state), given_(given) {}

  CLI::App& app_;
  State& state_;
  const std::vector<std::string>& given_;  // the words of the command line, once it is parsed
};

/// The first of the arguments that is no option: the command's name, if there is one. Empty: there is none.
std::string_view command_named_in(int count, const char* const* arguments);

class CommandLine;

/// Commands that belong together, such as `ipcm queue create` and `ipcm queue list`.
class CommandGroup {
 public:
  Command command(const std::string& name, const std::string& help);

  /// As Command::teach().
  CommandGroup& teach(const std::string& words, const std::string& examples);

 private:
  friend class CommandLine;
  CommandGroup(CLI::App& app, CommandLine& line) : app_(app), line_(line) {}

  CLI::App& app_;
  CommandLine& line_;
};

class CommandLine {
 public:
  CommandLine();
  ~CommandLine();
  CommandLine(const CommandLine&) = delete;
  CommandLine& operator=(const CommandLine&) = delete;

  Command command(const std::string& name, const std::string& help);
  CommandGroup group(const std::string& name, const std::string& help);

  /// What the arguments ask for, not done yet; returns the exit code. Ends with this object.
  using Action = std::function<int(Output&)>;
  /// Once only. Throws UsageError.
  Action parse(int count, const char* const* arguments);

  /// Does what the arguments say; returns the exit code. Throws what the command throws, and UsageError.
  int run(int count, const char* const* arguments, Output& out);

 private:
  friend class CommandGroup;
  struct State;

  Command command_of(CLI::App& parent, const std::string& name, const std::string& help);
  std::vector<std::string> without_rest(int count, const char* const* arguments);

  std::unique_ptr<State> state_;
};

}  // namespace ipcm::cli
