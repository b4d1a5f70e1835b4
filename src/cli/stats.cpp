// SPDX-License-Identifier: MIT
#include <ipcm/connect.hpp>
#include <ipcm/error.hpp>

#include "command_line.hpp"
#include "commands.hpp"
#include "exit_code.hpp"
#include "json_text.hpp"
#include "session.hpp"
#include "table.hpp"
#include "text.hpp"

namespace ipcm::cli {
namespace {

struct StatsOptions {
  std::string route;
  std::optional<std::string> as;
};

using Counts = std::map<std::string, std::uint64_t>;
using StatsByPeer = std::map<std::string, Stats>;

std::string counts_json(const Counts& counts) {
  std::string members;
  for (const auto& [name, count] : counts) {
    if (!members.empty()) members += ',';
    members += json_string(name) + ":" + count_json(count);
  }
  return "{" + members + "}";
}

std::uint64_t count_of(const StatsByPeer& all, const std::string& peer, Counts Stats::*which,
                       const std::string& other) {
  const auto stats = all.find(peer);
  if (stats == all.end()) return 0;
  const auto count = (stats->second.*which).find(other);
  return count == (stats->second.*which).end() ? 0 : count->second;
}

void print_pairs(const StatsByPeer& all, const std::optional<std::string>& only, Output& out) {
  constexpr auto kRight = Table::Align::right;
  Table table({{"FROM"}, {"TO"}, {"SENT", kRight}, {"READ", kRight}, {"UNREAD", kRight}});
  std::size_t rows = 0;
  const auto add = [&](const std::string& from, const std::string& to) {
    if (only && *only != from && *only != to) return;
    const std::uint64_t sent = count_of(all, from, &Stats::sent, to);
    const std::uint64_t read = count_of(all, to, &Stats::read, from);
    table.row({from, to, with_thousands(sent), with_thousands(read), with_thousands(sent - read)});
    ++rows;
  };
  for (const auto& [from, stats] : all) {
    for (const auto& [to, count] : stats.sent) add(from, to);
  }
  if (rows == 0) {
    out.line("nothing was sent yet");
  } else {
    table.print(out);
  }
}

int run_stats(const StatsOptions& options, Output& out) {
  const auto client = act_as_sender(std::nullopt, ConnectionInfo::parse(options.route));
  const StatsByPeer all = client->all_stats();
  if (options.as && !all.contains(*options.as) && !client->peer_exists(*options.as)) {
    throw Error(ErrorCode::UnknownPeer, "no peer " + *options.as + " was ever connected to " + client->route());
  }
  if (!out.json()) {
    print_pairs(all, options.as, out);
    return kDone;
  }
  for (const auto& [name, stats] : all) {
    if (options.as && *options.as != name) continue;
    out.line(JsonObject()
                 .text("peer", name)
                 .json("sent", counts_json(stats.sent))
                 .json("read", counts_json(stats.read))
                 .str());
  }
  return kDone;
}

constexpr const char* kStatsWords = R"(
For each pair of names: how many messages were sent, how many of them were read, and how many were not: they wait, they
are or were dead letters, or they have expired. The view "traffic" of the route tells these apart. The counts are true
at every moment.

With --json each peer is one line, its counts by the name at the other end:
  {"peer":"worker","sent":{"boss":1},"read":{"boss":7}})";

}  // namespace

void setup_stats(CommandLine& line) {
  auto options = std::make_shared<StatsOptions>();
  Command command = line.command("stats", "Count what was sent and read, by sender and recipient");
  command.route(options->route);
  command.option("--as", "NAME", options->as, "only what this peer sent or read; it may be active elsewhere");
  command.names(options->as);
  command.teach(kStatsWords, "  ipcm stats jobs.ipcm\n  ipcm stats jobs.ipcm --as worker --json");
  command.run([options](Output& out) { return run_stats(*options, out); });
}

}  // namespace ipcm::cli
