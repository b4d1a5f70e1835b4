// SPDX-License-Identifier: MIT
#include "command_line.hpp"

#include <map>
#include <utility>

#include <CLI/CLI.hpp>

#include <ipcm/version.hpp>

#include "errors.hpp"
#include "exit_code.hpp"

namespace ipcm::cli {
namespace {

constexpr const char* kAbout = "A durable message store for processes: a route is one file that keeps messages.";

constexpr const char* kFirstSteps = R"(Try these five first:

  ipcm spawn jobs.ipcm                             # make a route: one file that keeps messages
  ipcm connect jobs.ipcm --as worker               # register a name, so that mail can come
  ipcm send jobs.ipcm --as boss worker '{"n":1}'   # send it something
  ipcm get jobs.ipcm --as worker                   # take what has come
  ipcm peers jobs.ipcm                             # see who is there
)";

constexpr const char* kFooter = R"(
Wherever a ROUTE is wanted, its path will do, and so will the connection info that connect-info prints.
Exit codes: 0 done, 1 error, 2 wrong usage, 3 there was no message.
Each command explains itself with examples: ipcm COMMAND --help)";

/// `names` as CLI11 takes them; the value as it came from the command line.
CLI::Option* add(CLI::App& app, const std::string& names, Command::Setter set, const std::string& help) {
  const auto take = [set = std::move(set)](const CLI::results_t& values) {
    try {
      set(values.at(0));
    } catch (const UsageError& error) {
      throw CLI::ValidationError(error.what());
    }
    return true;
  };
  return app.add_option(names, CLI::callback_t(take), help)->type_name("");
}

/// A raw string begins on the line after its R"(.
std::string without_first_newline(const std::string& text) {
  return text.starts_with('\n') ? text.substr(1) : text;
}

std::string usage_text(const CLI::App& app, const CLI::ParseError& error) {
  const auto chosen = app.get_subcommands();
  const std::string asked = chosen.empty() ? "ipcm" : "ipcm " + chosen.front()->get_name();
  std::string text = error.what();
  if (chosen.empty() && !app.remaining().empty() && !app.remaining().front().starts_with('-')) {
    text = "there is no command '" + app.remaining().front() + "'";
  }
  while (text.ends_with('\n') || text.ends_with('.')) text.pop_back();
  return text + "; see " + asked + " --help";
}

}  // namespace

struct Command::State {
  bool json = false;
  std::function<int(Output&)> action;
};

struct CommandLine::State {
  CLI::App app{kAbout, "ipcm"};
  bool json = false;
  std::map<std::string, Command::State> commands;
};

Command& Command::argument(const std::string& name, std::string& into, const std::string& help, Need need) {
  return argument(
      name, [&into](const std::string& value) { into = value; }, help, need);
}

Command& Command::argument(const std::string& name, Setter set, const std::string& help, Need need) {
  add(app_, name, std::move(set), help)->required(need == Need::required);
  return *this;
}

Command& Command::option(const std::string& names, const std::string& value, Setter set, const std::string& help,
                         Need need) {
  add(app_, names, std::move(set), help)->required(need == Need::required)->type_name(value);
  return *this;
}

Command& Command::option(const std::string& names, const std::string& value, std::string& into, const std::string& help,
                         Need need) {
  return option(
      names, value, [&into](const std::string& given) { into = given; }, help, need);
}

Command& Command::option(const std::string& names, const std::string& value, std::optional<std::string>& into,
                         const std::string& help) {
  return option(
      names, value, [&into](const std::string& given) { into = given; }, help);
}

Command& Command::flag(const std::string& names, bool& into, const std::string& help) {
  app_.add_flag_callback(
      names, [&into] { into = true; }, help);
  return *this;
}

Command& Command::route(std::string& into, Need need) {
  return argument("ROUTE", into, "the route's file", need);
}

Command& Command::as(std::string& into) {
  return option("--as", "NAME", into, "the peer that acts", Need::required);
}

Command& Command::teach(const std::string& words, const std::string& examples) {
  app_.footer((words.empty() ? "" : without_first_newline(words) + "\n\n") + "Examples:\n" +
              without_first_newline(examples));
  return *this;
}

void Command::run(std::function<int(Output&)> action) {
  state_.action = std::move(action);
}

CommandLine::CommandLine() : state_(std::make_unique<State>()) {
  CLI::App& app = state_->app;
  app.require_subcommand(0, 1);
  app.get_formatter()->label("SUBCOMMAND", "COMMAND");
  app.get_formatter()->label("Subcommands", "Commands");
  app.get_formatter()->label("Positionals", "Arguments");
  app.get_formatter()->label("REQUIRED", "(required)");
  app.get_formatter()->column_width(28);
  app.set_help_flag("-h,--help", "Show this help");
  app.set_version_flag("--version", std::string("ipcm ") + IPCM_VERSION, "Show the version");
  app.add_flag_callback(
      "--json", [this] { state_->json = true; }, "Print JSON, one object a line");
  app.footer(kFirstSteps + std::string(kFooter));
}

CommandLine::~CommandLine() = default;

Command CommandLine::command(const std::string& name, const std::string& help) {
  CLI::App* app = state_->app.add_subcommand(name, help);
  app->group("Commands");
  Command::State& state = state_->commands[name];
  app->add_flag_callback(
      "--json", [this] { state_->json = true; }, "Print JSON, one object a line");
  return {*app, state};
}

int CommandLine::run(int count, const char* const* arguments, Output& out) {
  CLI::App& app = state_->app;
  try {
    app.parse(count, arguments);
  } catch (const CLI::CallForHelp&) {
    out.line(app.help());
    out.flush();
    return kDone;
  } catch (const CLI::CallForVersion& version) {
    out.line(version.what());
    out.flush();
    return kDone;
  } catch (const CLI::ParseError& error) {
    throw UsageError(usage_text(app, error));
  }
  if (state_->json) out.set_json();
  const auto chosen = app.get_subcommands();
  int code = kDone;
  if (chosen.empty()) {
    out.line(std::string("ipcm ") + IPCM_VERSION + ". " + kAbout + "\n\n" + kFirstSteps +
             "\nAll commands: ipcm --help");
  } else {
    code = state_->commands.at(chosen.front()->get_name()).action(out);
  }
  out.flush();
  return code;
}

}  // namespace ipcm::cli
