// SPDX-License-Identifier: MIT
#include <ipcm/route.hpp>

#include "command_line.hpp"
#include "commands.hpp"
#include "exit_code.hpp"
#include "json_text.hpp"
#include "table.hpp"
#include "text.hpp"

namespace ipcm::cli {
namespace {

std::string json_line(const PeerInfo& peer) {
  JsonObject object;
  object.text("name", peer.name).text("state", peer.state).count("queued", peer.queued);
  peer.pid ? object.count("pid", static_cast<std::uint64_t>(*peer.pid)) : object.null("pid");
  peer.host.empty() ? object.null("host") : object.text("host", peer.host);
  peer.suspend_expires ? object.number("suspend_expires", *peer.suspend_expires) : object.null("suspend_expires");
  return object.str();
}

void print_table(const std::vector<PeerInfo>& peers, Output& out) {
  Table table({{"NAME"}, {"STATE"}, {"QUEUED", Table::Align::right}, {"PID", Table::Align::right}, {"HOST"}});
  for (const PeerInfo& peer : peers) {
    const std::string until = peer.suspend_expires ? " until " + iso_time(*peer.suspend_expires) : "";
    table.row({peer.name, peer.state + until, with_thousands(peer.queued), peer.pid ? std::to_string(*peer.pid) : "-",
               peer.host.empty() ? "-" : peer.host});
  }
  table.print(out);
}

int run_peers(const std::string& route, Output& out) {
  const std::vector<PeerInfo> peers = list_peers(ConnectionInfo::parse(route));
  if (out.json()) {
    for (const PeerInfo& peer : peers) out.line(json_line(peer));
  } else if (peers.empty()) {
    out.line("no peers yet; register one: ipcm connect " + shell_quoted(route) + " --as NAME");
  } else {
    print_table(peers, out);
  }
  return kDone;
}

constexpr const char* kPeersWords = R"(
The states:
  active        connected; its process lives
  suspended     away, and keeps getting mail; until its deadline if it has one
  expired       that deadline has passed; mail for it is refused
  crashed       its process died without a word; it keeps getting mail
  disconnected  it said goodbye; mail for it is refused, what it had not taken is kept

With --json each peer is one line; pid, host and suspend_expires may be null:
  {"name":"worker","state":"active","queued":3,"pid":4711,"host":"mercury","suspend_expires":null})";

}  // namespace

void setup_peers(CommandLine& line) {
  auto route = std::make_shared<std::string>();
  Command command = line.command("peers", "List the names on a route with their state and queue");
  command.route(*route);
  command.teach(kPeersWords,
                "  ipcm peers jobs.ipcm\n"
                "  ipcm peers jobs.ipcm --json | grep '\"state\":\"crashed\"' || echo 'all is well'");
  command.run([route](Output& out) { return run_peers(*route, out); });
}

}  // namespace ipcm::cli
