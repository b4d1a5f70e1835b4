// SPDX-License-Identifier: MIT
// The composition root: the only place that knows which stores and notifiers there are.
#include <array>
#include <filesystem>

#include "client/local_memory_protocol.hpp"
#include "client/protocol.hpp"
#include "client/sqlite_protocol.hpp"
#include "client/unix_socket_protocol.hpp"
#include "core/names.hpp"
#include "platform/access.hpp"

namespace ipcm {
namespace {

using Protocols = std::array<const Protocol*, 3>;

// Never destroyed: static objects may have routes and clients.
const Protocols& all_protocols() {
  static const Protocols& all = *new Protocols{new SqliteProtocol, new UnixSocketProtocol, new LocalMemoryProtocol};
  return all;
}
[[maybe_unused]] const Protocols& protocols_at_start = all_protocols();  // while there is one thread: see Registry

}  // namespace

ProtocolCall::ProtocolCall() {
  if (!platform::forked_amid_calls()) return;
  throw Error(ErrorCode::WrongProcess,
              "this process was forked while another thread of its parent was in the middle of a call of ipcm, and did "
              "not end it in time: it cannot use ipcm. It can execute a program.");
}

const Protocol& find_protocol(std::string_view name) {
  for (const Protocol* protocol : all_protocols()) {
    if (protocol->name() == name) return *protocol;
  }
  std::string known;
  for (const Protocol* protocol : all_protocols()) known.append(known.empty() ? "" : ", ").append(protocol->name());
  throw Error(ErrorCode::InvalidArgument, "there is no protocol " + in_quotes(name) + "; there are " + known + ".");
}

const Protocol& protocol_to_unspawn(std::string_view route, std::string_view stash) {
  for (const Protocol* protocol : all_protocols()) {
    if (protocol->claims(route, stash)) return *protocol;
  }
  return find_protocol("SQLite");
}

bool Protocol::claims(std::string_view, std::string_view) const {
  return false;
}

std::vector<std::string> Protocol::accept_loss(const std::string&) const {
  return {};
}

namespace {

[[noreturn]] void refuse_whole_route(const Protocol& protocol, const char* what) {
  throw Error(ErrorCode::NotSupported, "a route of " + std::string(protocol.name()) + " cannot be " + what +
                                           ": it keeps nothing in a file. Only routes of SQLite can.");
}

}  // namespace

Backup Protocol::backup(const std::string&, std::string_view, const BackupOptions&) const {
  refuse_whole_route(*this, "backed up");
}

DumpCounts Protocol::dump(const std::string&, const LineSink&) const {
  refuse_whole_route(*this, "dumped");
}

DumpCounts Protocol::load(const std::string&, const LineSource&) const {
  refuse_whole_route(*this, "loaded");
}

SalvageReport Protocol::salvage(const std::string&, std::string_view, const CopyProgress&) const {
  refuse_whole_route(*this, "salvaged");
}

std::string normalized_path(std::string_view route) {
  if (route.empty()) throw Error(ErrorCode::InvalidArgument, "the path of a route is empty.");
  if (route.find('\0') != std::string_view::npos) {
    throw Error(ErrorCode::InvalidArgument, "the path of a route has a NUL byte in it: " + in_quotes(route) + ".");
  }
  namespace fs = std::filesystem;
  const fs::path absolute = fs::absolute(fs::path(route));
  platform::refuse_links_of_strangers(absolute.string());
  std::error_code unresolved;
  const fs::path resolved = fs::weakly_canonical(absolute, unresolved);
  std::string path = unresolved ? absolute.lexically_normal().string() : resolved.string();
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  return path;
}

}  // namespace ipcm
