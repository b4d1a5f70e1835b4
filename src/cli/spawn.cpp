// SPDX-License-Identifier: MIT
#include <optional>

#include <ipcm/route.hpp>
#include <ipcm/spawn.hpp>

#include "command_line.hpp"
#include "commands.hpp"
#include "errors.hpp"
#include "exit_code.hpp"
#include "json_text.hpp"
#include "text.hpp"
#include "units.hpp"

namespace ipcm::cli {
namespace {

struct SpawnCommandOptions {
  std::string route;
  SpawnOptions spawn;
  std::optional<std::string> protocol;
  bool durability_given = false;
  bool max_content_given = false;
};

std::string json_line(const Spawn& spawned, const RouteInfo& route) {
  return JsonObject()
      .text("route", spawned.route())
      .flag("created", spawned.created())
      .text("durability", route.durability)
      .count("max_content", route.max_content)
      .json("info", spawned.info())
      .str();
}

void print_what_is(const SpawnCommandOptions& options, const Spawn& spawned, const RouteInfo& route, Output& out) {
  const std::string shown = printable(spawned.route());
  if (spawned.created()) {
    out.line("made " + shown + " (" + printable(route.engine) + ", durability " + route.durability + ")");
    return;
  }
  out.line("opened " + shown + ", which was there already and keeps what it holds: " + counted(route.peers, "peer") +
           ", " + counted(route.queued, "message") + ", durability " + route.durability);
  if (options.durability_given && route.durability != to_string(options.spawn.durability)) {
    out.line("its durability stays; change it with: ipcm durability " + shell_quoted(spawned.route()) + " " +
             std::string(to_string(options.spawn.durability)));
  }
  if (options.max_content_given && route.max_content != options.spawn.max_content) {
    out.line("its largest content stays " + readable_size(route.max_content));
  }
  if (options.spawn.secure_delete && !route.secure_delete) {
    out.line("it stays without secure_delete; a route has that from its beginning: make another one");
  }
}

void print_next_steps(const std::string& route, Output& out) {
  const std::string quoted = printable(shell_quoted(route));
  out.line("");
  out.line("Next:");
  out.line("  ipcm connect " + quoted + " --as worker");
  out.line("  ipcm send " + quoted + " --as boss worker '{\"n\":1}'");
  out.line("  ipcm get " + quoted + " --as worker");
}

void print_next_steps_without_store(const std::string& info, Output& out) {
  const std::string quoted = printable(shell_quoted(info));
  out.line("");
  out.line("Next, in two shells, as it keeps nothing for who is away:");
  out.line("  ipcm get " + quoted + " --as worker --follow");
  out.line("  ipcm send " + quoted + " worker '{\"n\":1}'");
}

int run_spawn(const SpawnCommandOptions& options, Output& out) {
  SpawnOptions wanted = options.spawn;
  wanted.guard = false;
  if (!options.route.empty()) {
    const ConnectionInfo info = ConnectionInfo::parse(options.route);
    wanted.route = info.route;
    wanted.protocol = info.protocol;
    if (options.protocol && info.protocol != "SQLite" && info.protocol != *options.protocol) {
      throw UsageError("--protocol " + *options.protocol + " does not fit the connection info, which says " +
                       info.protocol);
    }
    if (wanted.protocol == "LocalMemory") {
      throw Failure("a " + wanted.protocol +
                    " route ends with the process that makes it, so this command cannot make one");
    }
    if (info.serializer != "JSON") wanted.serializer = info.serializer;
  }
  if (options.protocol) wanted.protocol = *options.protocol;
  if (wanted.protocol == "UnixSocket" && options.durability_given) {
    throw UsageError("--durability has no sense for the protocol UnixSocket, which keeps no messages");
  }
  const Spawn spawned = spawn(wanted);
  out.set_done("the route is there: " + spawned.route());
  const RouteInfo route = route_info(ConnectionInfo::parse(spawned.info()));
  if (out.json()) {
    out.line(json_line(spawned, route));
  } else {
    print_what_is(options, spawned, route, out);
    wanted.protocol == "UnixSocket" ? print_next_steps_without_store(spawned.info(), out)
                                    : print_next_steps(options.route.empty() ? spawned.route() : options.route, out);
  }
  return kDone;
}

constexpr const char* kSpawnWords = R"(
Makes the file ROUTE, or opens the one that is there and keeps what it holds. Without ROUTE: a fresh file in a private
folder. What a stored message survives, the durability, is kept in the route:
  full      power loss (the default)
  relaxed   any crash of processes; power loss may take the last moments
  volatile  a crash of processes; after power loss the route may be unusable

A new route is private to you. With --group the members of that group may use it, too, if they can make files in its
folder; docs/security.md says how to make one for them. With --secure-delete contents do not stay in unused parts of
its file once they were taken.

With --protocol UnixSocket ROUTE is a folder. Messages go from process to process and live as long as these do. The
other commands want the connection info of such a route, not its path.

With --json it prints one object, where info is what another program needs to connect:
  {"route":"/j.ipcm","created":true,"durability":"full","max_content":67108864,"info":["SQLite","JSON","/j.ipcm"]})";

constexpr const char* kSpawnExamples = R"(
  ipcm spawn jobs.ipcm
  ipcm spawn cache.ipcm --durability relaxed --max-content 1M
  ipcm spawn live --protocol UnixSocket
  ipcm spawn --json                                             # a fresh one, in a private folder)";

}  // namespace

void setup_spawn(CommandLine& line) {
  auto options = std::make_shared<SpawnCommandOptions>();
  Command command = line.command("spawn", "Make a route, or open an existing one");
  command.route(options->route, Command::Need::optional);
  command.option(
      "--durability", "full|relaxed|volatile",
      [options](const std::string& text) {
        options->spawn.durability = parse_durability_word(text);
        options->durability_given = true;
      },
      "what a stored message survives");
  command.option(
      "--protocol", "SQLite|UnixSocket",
      [options](const std::string& text) {
        if (text != "SQLite" && text != "UnixSocket") {
          throw UsageError("there is no protocol " + text + " for this command; there are SQLite and UnixSocket");
        }
        options->protocol = text;
      },
      "SQLite (default), or UnixSocket: a folder, and nothing is kept for who is away");
  command.option(
      "--max-content", "SIZE",
      [options](const std::string& text) {
        options->spawn.max_content = parse_size(text);
        if (options->spawn.max_content > kHighestMaxContent) {
          throw UsageError("a message can hold " + std::to_string(kHighestMaxContent >> 20U) + "M at most");
        }
        options->max_content_given = true;
      },
      "the largest content, e.g. 64K, 16M; default: 64M, at most 512M");
  command.option(
      "--notifier", "auto|socket|hook|poll",
      [options](const std::string& text) { options->spawn.notifier = parse_notifier_word(text); },
      "how waiting clients are woken; default: auto, the best that works");
  command.option("--group", "NAME", options->spawn.group,
                 "whose members may use a new route, too; default: nobody but you");
  command.flag("--secure-delete", options->spawn.secure_delete,
               "contents that leave a new route's file are overwritten with zeros");
  command.option("--serializer", "NAME", options->spawn.serializer,
                 "JSON (default), CBOR or MessagePack: what the printed connection info asks for");
  command.teach(kSpawnWords, kSpawnExamples);
  command.run([options](Output& out) { return run_spawn(*options, out); });
}

}  // namespace ipcm::cli
