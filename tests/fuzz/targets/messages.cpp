// SPDX-License-Identifier: MIT
// Messages as JSON, as `ipcm get` prints them and `ipcm requeue` takes them: what is taken is the same message again.
#include <ipcm/message.hpp>

#include "fuzz/support/fuzz.hpp"
#include "support/errors.hpp"

using fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ipcm::Json given = ipcm::Json::parse(data, data + size, nullptr, false);
  if (given.is_discarded()) return 0;
  ipcm::Message message;
  const auto refused = test::caught([&] { message = ipcm::Message::from_json(given); });
  if (refused) {
    require(refused->code() == ipcm::ErrorCode::InvalidMessage, "JSON that is no message is an invalid message");
    return 0;
  }
  const ipcm::Json shown = message.to_json();
  require(ipcm::Message::from_json(shown).to_json() == shown, "a message that is shown and read again is the same");
  return 0;
}
