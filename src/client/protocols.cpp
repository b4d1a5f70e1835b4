// SPDX-License-Identifier: MIT
// The composition root: the only place that knows which stores and notifiers there are.
#include <array>

#include "client/local_memory_protocol.hpp"
#include "client/protocol.hpp"
#include "client/sqlite_protocol.hpp"
#include "core/names.hpp"

namespace ipcm {

const Protocol& find_protocol(std::string_view name) {
  static const SqliteProtocol sqlite;
  static const LocalMemoryProtocol local_memory;
  static const std::array<const Protocol*, 2> all{&sqlite, &local_memory};
  for (const Protocol* protocol : all) {
    if (protocol->name() == name) return *protocol;
  }
  std::string known;
  for (const Protocol* protocol : all) known.append(known.empty() ? "" : ", ").append(protocol->name());
  throw Error(ErrorCode::InvalidArgument, "there is no protocol " + in_quotes(name) + "; there are " + known + ".");
}

}  // namespace ipcm
