// SPDX-License-Identifier: MIT
// Connection infos: what is taken can be passed on, and means the same to whoever gets it.
#include <ipcm/connection_info.hpp>

#include "core/names.hpp"
#include "fuzz/support/fuzz.hpp"
#include "support/errors.hpp"

using fuzz::require;
using ipcm::ConnectionInfo;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ConnectionInfo info;
  const auto refused = test::caught([&] { info = ConnectionInfo::parse(fuzz::text_of(data, size)); });
  if (refused) {
    require(refused->code() == ipcm::ErrorCode::InvalidArgument, "what is no connection info is an invalid argument");
    return 0;
  }
  require(!info.route.empty() && info.route.find('\0') == std::string::npos, "a route is a path or an address");
  std::string text;
  const auto unspeakable = test::caught([&] { text = info.to_string(); });
  const bool is_utf8 =
      ipcm::is_valid_utf8(info.protocol) && ipcm::is_valid_utf8(info.serializer) && ipcm::is_valid_utf8(info.route);
  require(is_utf8 == !unspeakable, "what is UTF-8 can be passed on, and nothing else");
  if (unspeakable) return 0;
  require(ConnectionInfo::parse(text) == info, "a connection info that is passed on means the same");
  return 0;
}
