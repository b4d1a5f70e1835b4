// SPDX-License-Identifier: MIT
#include "command_line.hpp"

#include <algorithm>
#include <map>
#include <span>
#include <utility>

#include <CLI/CLI.hpp>

#include <ipcm/error.hpp>
#include <ipcm/version.hpp>

#include "errors.hpp"
#include "exit_code.hpp"
#include "suggestion.hpp"

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
Exit codes: 0 done, 1 error, 2 wrong usage, 3 there was nothing, 4 salvaged with losses.
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

std::string words_and_examples(const std::string& words, const std::string& examples) {
  return (words.empty() ? "" : without_first_newline(words) + "\n\n") + "Examples:\n" + without_first_newline(examples);
}

/// The command that was chosen, as far as it is one: `ipcm`, `ipcm queue` or `ipcm queue create`.
struct Chosen {
  const CLI::App* app;
  std::string name;  // without "ipcm"

  std::string shown() const { return name.empty() ? "ipcm" : "ipcm " + name; }
};

Chosen chosen_of(const CLI::App& app) {
  Chosen chosen{&app, {}};
  for (auto below = app.get_subcommands(); !below.empty(); below = chosen.app->get_subcommands()) {
    chosen.app = below.front();
    chosen.name += (chosen.name.empty() ? "" : " ") + chosen.app->get_name();
  }
  return chosen;
}

bool is_group(const CLI::App& app) {
  return !app.get_subcommands([](const CLI::App*) { return true; }).empty();
}

/// create, list or settings
std::string names_below(const CLI::App& app) {
  const auto below = app.get_subcommands([](const CLI::App*) { return true; });
  std::string names;
  for (std::size_t i = 0; i < below.size(); ++i) {
    if (i > 0) names += i + 1 == below.size() ? " or " : ", ";
    names += below[i]->get_name();
  }
  return names;
}

std::string usage_text(const CLI::App& app, const CLI::ParseError& error) {
  const Chosen chosen = chosen_of(app);
  std::string text = error.what();
  const auto left = chosen.app->remaining();
  if (is_group(*chosen.app) && !left.empty() && !left.front().starts_with('-')) {
    const std::string before = chosen.name.empty() ? "" : chosen.name + " ";
    text = "there is no command '" + before + left.front() + "'";
    if (!chosen.name.empty()) text += ", but " + names_below(*chosen.app);
  }
  while (text.ends_with('\n') || text.ends_with('.')) text.pop_back();
  return text + "; see " + chosen.shown() + " --help";
}

CommandLine::Action printing(const std::string& text) {
  return [text](Output& out) {
    out.line(text);
    return kDone;
  };
}

}  // namespace

struct Command::State {
  std::function<int(Output&)> action;
  std::vector<std::string>* rest = nullptr;  // what stands after --
  const std::string* route = nullptr;
  std::vector<std::function<std::string()>> names;  // of peers and queues, as given

  /// Does what the command does; an error that says that a name is not there names one that is like it.
  int run(Output& out) const;
};

struct CommandLine::State {
  CLI::App app{kAbout, "ipcm"};
  bool json = false;
  std::vector<std::string> given;                  // the words of the command line
  std::map<std::string, Command::State> commands;  // by "send" or "queue create"
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

Command& Command::arguments(const std::string& name, std::vector<std::string>& into, const std::string& help) {
  const auto take = [&into, &given = given_](const CLI::results_t& values) {
    for (const std::string& value : values) {
      // CLI11 takes `[a,b]` for two values, where it may be a name.
      if (std::ranges::find(given, value) == given.end()) {
        throw CLI::ValidationError("a name in brackets, such as [" + value + "], cannot be given here");
      }
    }
    into = values;
    return true;
  };
  app_.add_option(name, CLI::callback_t(take), help)->type_name("")->expected(CLI::detail::expected_max_vector_size);
  return *this;
}

Command& Command::rest(const std::string& name, std::vector<std::string>& into, const std::string& help) {
  state_.rest = &into;
  return argument(
      name,
      [](const std::string& value) { throw UsageError("'" + value + "' and what follows it is to stand after --"); },
      help);
}

Command& Command::route(std::string& into, Need need) {
  state_.route = &into;
  return argument("ROUTE", into, "the route's file", need);
}

Command& Command::as(std::string& into) {
  return names(into).option("--as", "NAME", into, "the peer that acts", Need::required);
}

Command& Command::names(const std::string& given) {
  state_.names.emplace_back([&given] { return given; });
  return *this;
}

Command& Command::names(const std::optional<std::string>& given) {
  state_.names.emplace_back([&given] { return given.value_or(""); });
  return *this;
}

int Command::State::run(Output& out) const {
  const auto with_suggestion = [&](const std::exception& error) {
    std::vector<std::string> given;
    for (const auto& name : names) given.push_back(name());
    return Failure(without_period(error.what()) + (route ? suggestion(*route, given) : ""));
  };
  try {
    return action(out);
  } catch (const UnknownName& error) {
    throw with_suggestion(error);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::UnknownPeer) throw;
    throw with_suggestion(error);
  }
}

Command& Command::teach(const std::string& words, const std::string& examples) {
  app_.footer(words_and_examples(words, examples));
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
  return command_of(state_->app, name, help);
}

CommandGroup CommandLine::group(const std::string& name, const std::string& help) {
  CLI::App* app = state_->app.add_subcommand(name, help);
  app->group("Commands");
  app->require_subcommand(0, 1);
  return {*app, *this};
}

Command CommandLine::command_of(CLI::App& parent, const std::string& name, const std::string& help) {
  CLI::App* app = parent.add_subcommand(name, help);
  app->group("Commands");
  const bool nested = &parent != &state_->app;
  Command::State& state = state_->commands[nested ? parent.get_name() + " " + name : name];
  app->add_flag_callback(
      "--json", [this] { state_->json = true; }, "Print JSON, one object a line");
  return {*app, state, state_->given};
}

Command CommandGroup::command(const std::string& name, const std::string& help) {
  return line_.command_of(app_, name, help);
}

CommandGroup& CommandGroup::teach(const std::string& words, const std::string& examples) {
  app_.footer(words_and_examples(words, examples));
  return *this;
}

std::string_view command_named_in(int count, const char* const* arguments) {
  const std::span words(arguments, static_cast<std::size_t>(count));
  const auto name = std::find_if(words.begin() + std::min(count, 1), words.end(),
                                 [](std::string_view word) { return !word.starts_with('-'); });
  return name == words.end() ? std::string_view() : *name;
}

/// The arguments, but what stands after the first -- of a command that wants it. CLI11 is not to see that: it would
/// take `[a,b]` apart.
std::vector<std::string> CommandLine::without_rest(int count, const char* const* arguments) {
  std::vector<std::string> words(arguments + 1, arguments + std::max(count, 1));
  const auto name = std::ranges::find(words, command_named_in(count, arguments));
  const auto command = name == words.end() ? state_->commands.end() : state_->commands.find(*name);
  if (command == state_->commands.end() || command->second.rest == nullptr) return words;
  const auto dashes = std::find(name, words.end(), "--");
  if (dashes == words.end()) return words;
  command->second.rest->assign(dashes + 1, words.end());
  words.erase(dashes, words.end());
  return words;
}

CommandLine::Action CommandLine::parse(int count, const char* const* arguments) {
  CLI::App& app = state_->app;
  try {
    std::vector<std::string> words = state_->given = without_rest(count, arguments);
    std::ranges::reverse(words);  // as CLI11 wants it
    app.parse(std::move(words));
  } catch (const CLI::CallForHelp&) {
    return printing(app.help());
  } catch (const CLI::CallForVersion& version) {
    return printing(version.what());
  } catch (const CLI::ParseError& error) {
    throw UsageError(usage_text(app, error));
  }
  const Chosen chosen = chosen_of(app);
  if (chosen.name.empty()) {
    return printing(std::string("ipcm ") + IPCM_VERSION + ". " + kAbout + "\n\n" + kFirstSteps +
                    "\nAll commands: ipcm --help");
  }
  if (is_group(*chosen.app)) {
    throw UsageError(chosen.shown() + " wants to know what: " + names_below(*chosen.app) + "; see " + chosen.shown() +
                     " --help");
  }
  return [this, name = chosen.name](Output& out) {
    if (state_->json) out.set_json();
    return state_->commands.at(name).run(out);
  };
}

int CommandLine::run(int count, const char* const* arguments, Output& out) {
  const Action action = parse(count, arguments);
  try {
    const int code = action(out);
    out.flush();
    return code;
  } catch (const std::exception& error) {
    if (out.done().empty()) throw;
    throw Failure(without_period(error.what()) + "; done nevertheless: " + out.done());
  }
}

}  // namespace ipcm::cli
