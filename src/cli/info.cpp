// SPDX-License-Identifier: MIT
#include <algorithm>

#include <ipcm/route.hpp>

#include "command_line.hpp"
#include "commands.hpp"
#include "exit_code.hpp"
#include "json_text.hpp"
#include "text.hpp"

namespace ipcm::cli {
namespace {

std::string joined(const std::vector<int>& numbers) {
  std::string text;
  for (const int number : numbers) text += (text.empty() ? "" : ", ") + std::to_string(number);
  return text;
}

std::string json_line(const RouteInfo& route) {
  return JsonObject()
      .text("id", route.id)
      .text("protocol", route.protocol)
      .text("route", route.route)
      .text("durability", route.durability)
      .count("schema_version", static_cast<std::uint64_t>(std::max(route.schema_version, 0)))
      .count("max_content", route.max_content)
      .number("created_at", route.created_at)
      .count("peers", route.peers)
      .count("queued", route.queued)
      .count("dead", route.dead)
      .count("file_bytes", route.file_bytes)
      .count("wal_bytes", route.wal_bytes)
      .count("wal_pinned_bytes", route.wal_pinned_bytes)
      .json("wal_pinned_by", "[" + joined(route.wal_pinned_by) + "]")
      .text("engine", route.engine)
      .text("notifier", route.notifier)
      .flag("secure_delete", route.secure_delete)
      .str();
}

void print(const RouteInfo& route, Output& out) {
  const auto line = [&out](const std::string& label, const std::string& value) {
    out.line(out.dim(label + std::string(13 - label.size(), ' ')) + printable(value));
  };
  line("route", route.route);
  line("id", route.id);
  line("protocol", route.protocol + " (" + route.engine + "), schema version " + std::to_string(route.schema_version));
  line("durability", route.durability);
  line("created", iso_time(route.created_at));
  line("peers", with_thousands(route.peers));
  line("queued", with_thousands(route.queued));
  line("dead", with_thousands(route.dead));
  line("max content", readable_size(route.max_content));
  line("size", readable_size(route.file_bytes) + ", and " + readable_size(route.wal_bytes) + " of write-ahead log");
  if (route.wal_pinned_bytes > 0) {
    const std::string who = route.wal_pinned_by.empty() ? "somebody" : "process " + joined(route.wal_pinned_by);
    line("pinned", readable_size(route.wal_pinned_bytes) + " of the log: " + who +
                       " has been reading for a while. Until that ends, the log grows.");
  }
  line("wake-ups", route.notifier);
  if (route.secure_delete) line("deletion", "secure: what leaves the file is overwritten with zeros");
}

int run_info(const std::string& text, Output& out) {
  const RouteInfo route = route_info(ConnectionInfo::parse(text));
  if (out.json()) {
    out.line(json_line(route));
  } else {
    print(route, out);
  }
  return kDone;
}

constexpr const char* kInfoWords = R"(
Dead messages are those that could not be decoded when they were taken; they are kept with the reason.

With --json it prints one object with id, protocol, route, durability, schema_version, max_content, created_at, peers,
queued, dead, file_bytes, wal_bytes, wal_pinned_bytes, wal_pinned_by (an array of process ids), engine, notifier
and secure_delete (whether what leaves the file is overwritten).
Sizes are in bytes, created_at in seconds since 1970.)";

}  // namespace

void setup_info(CommandLine& line) {
  auto route = std::make_shared<std::string>();
  Command command = line.command("info", "Describe a route: durability, size, what it holds");
  command.route(*route);
  command.teach(kInfoWords, "  ipcm info jobs.ipcm\n  ipcm info jobs.ipcm --json");
  command.run([route](Output& out) { return run_info(*route, out); });
}

}  // namespace ipcm::cli
