// SPDX-License-Identifier: MIT
#include <ipcm/route.hpp>
#include <ipcm/serializer.hpp>

#include "command_line.hpp"
#include "commands.hpp"
#include "exit_code.hpp"

namespace ipcm::cli {
namespace {

struct ConnectInfoOptions {
  std::string route;
  std::optional<std::string> serializer;
};

int run_connect_info(const ConnectInfoOptions& options, Output& out) {
  ConnectionInfo info = ConnectionInfo::parse(options.route);
  if (options.serializer) info.serializer = *options.serializer;
  find_serializer(info.serializer);  // throws when there is none of that name
  route_info(info);                  // or when there is no such route
  out.line(info.to_string());
  return kDone;
}

}  // namespace

void setup_connect_info(CommandLine& line) {
  auto options = std::make_shared<ConnectInfoOptions>();
  Command command = line.command("connect-info", "Print what another program needs to connect");
  command.route(options->route);
  command.option("--serializer", "NAME", options->serializer, "JSON (default), CBOR or MessagePack");
  command.teach(
      "Prints a JSON array of protocol, serializer and absolute route. Programs hand it to ipcm::connect(), and these\n"
      "commands take it wherever a ROUTE is wanted.",
      "  ipcm connect-info jobs.ipcm\n"
      "  ipcm send \"$(ipcm connect-info jobs.ipcm --serializer CBOR)\" worker '{\"n\":1}'   # stored as CBOR");
  command.run([options](Output& out) { return run_connect_info(*options, out); });
}

}  // namespace ipcm::cli
